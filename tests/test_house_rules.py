"""Rules of the house that no linter knows. `house/rules.py` says what each rule means."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles

import pytest

from house import budget, kit, migrating, rules, wording
from house.reading import lines, read

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "promptuary"
SOURCES = read(PACKAGE)
TESTS = [*read(ROOT / "tests"), *read(ROOT / "bench")]
REVISIONS = read(PACKAGE / "adapters/units_of_work/_sql/migrations/versions")
PORTS = sorted((PACKAGE / "ports").glob("[!_]*.py"))
ADAPTERS = kit.adapters(PACKAGE)

ANYWHERE = {"anyio"}
VENDORS = {
    "domain": {"numpy"},
    "ports": {"numpy"},
    "canon": {"numpy", "rapidfuzz", "regex"} | ANYWHERE,
    "promptuary.canon.evaluating.agreement": {"numpy", "scipy", "sklearn"},  # the extra `eval`
    "answering": {"numpy"} | ANYWHERE,
    "retrieval": {"numpy", "rapidfuzz", "regex"} | ANYWHERE,
    "resilience": {"numpy"} | ANYWHERE,
    "knowledge": ANYWHERE,
    "conversation": {"numpy", "rapidfuzz"} | ANYWHERE,
    "promptuary.library.duplicates": {"numpy"},
    "library": ANYWHERE,
    "promptuary.library.syntaxes.jinja": {"jinja2"},
    "promptuary.library.exchange.signing": {"cryptography"},
    "promptuary.library.exchange.yaml_text": {"yaml"},
    "promptuary.access.tokens": {"jwt"},
    "fetching": ANYWHERE,
    "storing": ANYWHERE,
    "carrying": ANYWHERE,
    "backups": ANYWHERE,
    "delivering": ANYWHERE,
    "app": ANYWHERE,
    "models": ANYWHERE,
    "providers": ANYWHERE,
    "compat": {"numpy"} | ANYWHERE,
    "promptuary.compat.langchain": {"langchain_core"},
    "promptuary.compat.llama_index": {"llama_index"},
    "promptuary.compat.haystack": {"haystack"},
    "promptuary.compat.chroma": {"chromadb"},
    "embeddings": ANYWHERE,
    "blocking": ANYWHERE,
    "sdk": {"httpx2"} | ANYWHERE,
    "checkup": ANYWHERE,
    "home": ANYWHERE,
    "settings": {"dotenv", "pydantic", "pydantic_settings", "yaml"},
    "api": {
        *("fastapi", "prometheus_client", "pydantic", "pydantic_core", "starlette", "structlog"),
        *("mangum", "uvicorn", *ANYWHERE),
    },
    "mcp": {"mcp", "mcp_types", "pydantic", "starlette", "uvicorn"},
    "cli": {"click", "rich", "typer"} | ANYWHERE,
    "testing": {"hypothesis", "numpy", "pytest"} | ANYWHERE,
}
"""What each room may know of the world outside; a room not named here: the standard library."""


def nothing(found: Sequence[str]) -> None:
    """Fail with every finding on a line of its own."""
    assert not found, "\n" + "\n".join(found)


@pytest.mark.slow
def test_the_floors_hold_and_no_room_is_left_out() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    command = [linter, "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_floor_that_is_named_has_rooms() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    floors = next(c for c in contracts["contracts"] if c["id"] == "floors")["layers"]
    named = {room for floor in floors for room in re.findall(r"\w+", floor)}
    assert named == {source.room for source in SOURCES} - {""}


def test_every_adapter_is_kept_from_the_others() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    apart = next(c for c in contracts["contracts"] if c["id"] == "adapters")["modules"]
    assert sorted(apart) == sorted(
        f"promptuary.adapters.{path.parent.name}.{path.stem}"
        for path in ADAPTERS
        if kit.opens(path)
    )


def test_no_module_imports_itself_over_others() -> None:
    nothing(rules.circles(SOURCES))


def test_only_adapters_know_vendors() -> None:
    nothing(rules.vendors(SOURCES, VENDORS))


def test_only_vectors_in_the_domain_know_numpy() -> None:
    may = {"promptuary.domain.vectors", "promptuary.domain.found"}
    domain = [s for s in SOURCES if s.room in {"domain", "ports"} and s.module not in may]
    nothing(rules.vendors(domain, {}))


def test_names_say_something() -> None:
    nothing(rules.junk_drawers(SOURCES))


def test_files_and_functions_stay_small(record_property: Callable[[str, object], None]) -> None:
    files = [len(source.text.splitlines()) for source in SOURCES if source.text]
    functions = [lines(function) for source in SOURCES for function in source.functions]
    record_property("lines a file", shape(files))
    record_property("lines a function", shape(functions))
    nothing(rules.long_files([*SOURCES, *TESTS], 400) + rules.long_functions(SOURCES, 60))


def test_the_median_file_and_function_stay_short() -> None:
    files = [len(source.text.splitlines()) for source in SOURCES if source.text]
    functions = [lines(function) for source in SOURCES for function in source.functions]
    assert median(files) <= 100  # 90 is the goal
    assert median(functions) <= 6
    assert quantiles(functions, n=10)[-1] <= 22


def shape(sizes: Sequence[int]) -> str:
    """Their distribution in one line."""
    ninth = quantiles(sizes, n=10)[-1]
    return f"median {median(sizes):g}, p90 {ninth:g}, maximum {max(sizes)} ({len(sizes)} in all)"


def test_public_names_have_docstrings() -> None:
    found = dict(rules.documented(SOURCES))
    bare = [name for name, has in found.items() if not has]
    assert len(bare) <= 0.05 * len(found), "\n".join(bare)


def test_dataclasses_are_frozen() -> None:
    nothing(rules.changeable_dataclasses(SOURCES))


def test_nothing_prints() -> None:
    nothing(rules.prints(SOURCES))


def test_only_settings_read_the_environment() -> None:
    nothing(rules.environment_readers(SOURCES))


def test_functions_leave_module_variables_alone() -> None:
    nothing(rules.module_state(SOURCES))


def test_what_is_silenced_is_named_and_explained() -> None:
    nothing(rules.bare_suppressions([*SOURCES, *TESTS]))


def test_tests_use_fakes_and_no_mocks() -> None:
    nothing(rules.mocks(TESTS))


@pytest.mark.parametrize("port", PORTS, ids=lambda path: path.stem)
def test_every_port_comes_complete(port: Path) -> None:
    nothing(kit.missing_for_port(port, PACKAGE))


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_adapter_keeps_its_contract(adapter: Path) -> None:
    nothing(kit.missing_for_adapter(adapter, ROOT / "tests" / "adapters"))


def test_migrations_leave_the_release_before_what_it_needs() -> None:
    assert len(REVISIONS) > 14
    nothing(migrating.takes_away(REVISIONS))


def test_importing_promptuary_costs_little_and_loads_no_vendor() -> None:
    # So many modules take some 10 ms (`python -m bench speed`); their number is no matter of luck.
    cost = budget.modules([sys.executable, "-X", "importtime", "-c", "import promptuary"])
    bare = budget.modules([sys.executable, "-X", "importtime", "-c", ""])
    assert len(cost - bare) <= 40
    assert budget.packages(cost - bare) <= {"promptuary"} | sys.stdlib_module_names


def test_asking_for_help_loads_neither_vendors_nor_numpy() -> None:
    help_ = [sys.executable, "-X", "importtime", "-c", HELP]
    assert not budget.packages(budget.modules(help_)) & VENDORS_OF_ADAPTERS


HELP = "from promptuary.cli import main; import sys; sys.argv = ['promptuary', '--help']; main()"
VENDORS_OF_ADAPTERS = {
    "aiosqlite", "alembic", "asyncpg", "fastapi", "httpx2", "numpy", "onnxruntime", "qdrant_edge",
    "rapidfuzz", "redis", "regex", "sqlalchemy", "starlette", "structlog", "tokenizers",
    "uvicorn", "wordllama",
}  # fmt: skip


@pytest.mark.slow
def test_a_look_into_a_home_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    look = ["-m", "promptuary", "library", "list", "--home", str(tmp_path)]
    subprocess.run([sys.executable, *look], check=True, capture_output=True)  # migrates
    assert not budget.modules([sys.executable, "-X", "importtime", *look]) & FOR_OTHER_VERBS


FOR_OTHER_VERBS = {
    "promptuary.adapters.moderators._formats", "promptuary.canon.discovery.discover",
    "promptuary.library.exchange.formats", "tokenizers",
}  # fmt: skip
"""What takes long to import, and only some verbs do anything with."""


def test_no_machine_and_no_registry_is_named() -> None:
    nothing(wording.places(ROOT, wording.files(ROOT)))


@pytest.mark.parametrize(
    "lock", sorted((ROOT / "requirements").glob("*.lock")), ids=lambda p: p.stem
)
def test_locks_carry_a_hash_for_each_package_and_no_index(lock: Path) -> None:
    nothing(wording.unlocked(lock.read_text()))


def test_the_extra_all_is_all_of_the_others() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    others = {each for name, extra in extras.items() if name != "all" for each in extra}
    assert sorted(others) == extras["all"]


@pytest.mark.parametrize("lock", ["runtime", "test", "bench", "build"])
def test_locks_fulfil_what_the_project_asks_for(lock: str) -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project, groups = asked["project"], asked["dependency-groups"]
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    wanted = {
        "runtime": project["dependencies"],
        "test": [*project["dependencies"], *extras, *groups["test"]],
        "bench": [*project["dependencies"], *extras, *groups["bench"]],
        "build": groups["build"],
    }[lock]
    text = (ROOT / "requirements" / f"{lock}.lock").read_text()
    nothing(wording.outdated(wanted, text))
