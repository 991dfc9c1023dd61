# Everything a person or a machine does with a checkout. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV ?= .venv
BIN := $(VENV)/bin
UV ?= uv
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --no-deps --no-compile --require-hashes

# Two processes share the tests. Other numbers: make check WORKERS=8.
WORKERS ?= 2
# Packages are installed without bytecode: unless the first start may write it, each one compiles.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest \
	--numprocesses $(WORKERS) --dist worksteal

.PHONY: help demo check test test-long lint bench lock clean
.DELETE_ON_ERROR:

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

demo: $(VENV)/.runtime ## Install into .venv, generate prompts, and show the templates found in them
	@$(BIN)/python examples/demo.py

check: lint ## Lint, types, import contracts and the fast tests: no network, no server
	TMPDIR=$(or $(wildcard /dev/shm),$(TMPDIR)) \
		$(PYTEST) -m "not server and not slow" --hypothesis-profile quick

test: lint ## Everything in `check`, the slow tests, and the tests against real servers
	tests/install_servers.sh
	$(PYTEST)

test-long: $(VENV)/.test ## 1,000 kills of moves between stores
	PROMPTUARY_TEST_MOVE_KILLS=1000 $(BIN)/python -m pytest tests/faults/test_killed_moves.py

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.bench ## Measure speed, memory and quality, each beside a peer
	$(BIN)/python -m bench

lock: ## Resolve the requirements again (needs uv)
	UV="$(UV)" requirements/lock

clean: ## Remove what was installed and built; a user's data is not here
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each lock: an install happens once for each content of its lock.
$(VENV)/.python:
	@requirements/python -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements/runtime.lock requirements/build.lock pyproject.toml $(VENV)/.python
	@echo "Installing into $(VENV)"
	@$(INSTALL) --requirement requirements/runtime.lock --requirement requirements/build.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --no-compile --editable .
	@touch $@

$(VENV)/.test: requirements/test.lock $(VENV)/.runtime
	@$(INSTALL) --requirement requirements/test.lock
	@touch $@

$(VENV)/.bench: requirements/bench.lock $(VENV)/.runtime
	@$(INSTALL) --requirement requirements/bench.lock
	@touch $@
