"""`promptuary demo` says the same on every engine."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from engines.indexes import forget, fresh
from promptuary.cli.running import run

pytestmark = pytest.mark.slow


def said(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, object]:
    capsys.readouterr()
    assert run(["demo", "--json", *options]) == 0
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


@pytest.fixture(scope="module")
def embedded() -> dict[str, object]:
    """Filled by whoever comes first: the captured output belongs to a test."""
    return {}


class SameAnswers:
    def test_the_answers_are_those_of_the_embedded_index(
        self, place: str, embedded: dict[str, object], capsys: pytest.CaptureFixture[str]
    ) -> None:
        if not embedded:
            embedded |= said(capsys)
        assert embedded["templates"]
        assert said(capsys, "--index", place) == embedded


class TestElasticsearch(SameAnswers):
    @pytest.fixture
    def place(self, elasticsearch_url: str) -> Iterator[str]:
        yield (place := fresh("elasticsearch", elasticsearch_url))
        forget(place)


class TestOpenSearch(SameAnswers):
    @pytest.fixture
    def place(self, opensearch_url: str) -> Iterator[str]:
        yield (place := fresh("opensearch", opensearch_url))
        forget(place)
