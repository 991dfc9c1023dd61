"""Schemathesis tries every operation with what the document allows and with what it does not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from promptuary.api.server import operations
from promptuary.settings import Settings

from .running import Running, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
LISTED = [operation for operation in operations(Settings()) if operation.listed]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


LONGEST = 60_000
"""A longer address is no HTTP to the server's parser (64 KiB): 400 before any operation."""

PATIENCE = 120
"""Seconds; a busy machine may take more than the ten that Schemathesis gives an answer."""


def escaped(query) -> int:
    """How long a query is as it is sent."""
    return len(urlencode(dict(query or {}), doseq=True, errors="replace"))


@pytest.fixture(scope="module")
def server(mined, tmp_path_factory) -> Iterator[Running]:
    home = shutil.copytree(mined, tmp_path_factory.mktemp("tried") / "home")
    with running(home, rate_limit_enabled="false") as started:
        yield started


@pytest.fixture(scope="module")
def described(server):
    return schemathesis.openapi.from_url(f"{server.url}/openapi.json", timeout=PATIENCE)


@pytest.mark.parametrize("operation", LISTED, ids=lambda operation: operation.name)
def test_nothing_that_is_sent_makes_the_server_fail(server, described, operation):
    tried = described[operation.shown][operation.method]
    cases = st.one_of(
        tried.as_strategy(generation_mode=GenerationMode.POSITIVE),
        tried.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def try_it(case) -> None:
        assume(escaped(case.query) < LONGEST)
        case.call_and_validate(base_url=server.url, checks=CHECKS, timeout=PATIENCE)

    try_it()
    assert server.process.poll() is None
