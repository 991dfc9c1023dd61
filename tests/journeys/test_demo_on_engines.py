"""`promptuary demo` says the same on every engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from engines.indexes import forget, fresh
from promptuary.cli.running import run
from servers import Server

pytestmark = pytest.mark.slow

NUMBERS = count()


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


class TestPgvector(SameAnswers):
    @pytest.fixture
    def place(self, postgresql_server: Server) -> str:
        where = f"promptuary@127.0.0.1:{postgresql_server.port}/record"
        return f"pgvector://{where}?schema=demo_{next(NUMBERS)}"


class TestWeaviate(SameAnswers):
    @pytest.fixture
    def place(self, weaviate_url: str) -> str:
        return weaviate_url


class TestChroma(SameAnswers):
    @pytest.fixture
    def place(self, chroma_url: str) -> str:
        return chroma_url


class TestQdrant(SameAnswers):
    @pytest.fixture
    def place(self, tmp_path: Path) -> str:
        return f"qdrant:local:{tmp_path / 'index'}"
