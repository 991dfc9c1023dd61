"""The same faults on every engine; what each engine has besides stands in `test_search_engines`."""

from collections.abc import Iterator
from contextlib import aclosing
from itertools import count
from typing import ClassVar

import pytest

import servers
from engines.breaking import strangers
from engines.breaking.chroma import BreakableChroma
from engines.breaking.lucene import BreakableLucene
from engines.breaking.pgvector import BreakablePostgresql
from engines.breaking.weaviate import BreakableWeaviate
from engines.indexes import forget, fresh
from promptuary.domain.errors import Unavailable
from promptuary.domain.filters import Exists
from promptuary.plugins import open_index
from promptuary.ports.index import Index
from promptuary.testing.contract import Gap
from promptuary.testing.index import SPACE
from promptuary.testing.index_faults import MANY, Breakable, IndexFaultContract, cut
from promptuary.testing.index_server import numbered, scores, true_scores
from servers import Server

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

NUMBERS = count()


class TestPgvector(IndexFaultContract):
    @pytest.fixture
    def engine(
        self, request: pytest.FixtureRequest, postgresql_server: Server
    ) -> Iterator[Breakable]:
        binaries = servers.POSTGRESQLS[request.node.callspec.params["postgresql_server"]]()
        assert binaries is not None, "deselected at collection"
        schema = f"faults_{next(NUMBERS)}"
        with strangers.old_postgresql() as stranger:
            yield BreakablePostgresql(postgresql_server, binaries, schema, stranger)


class TestWeaviate(IndexFaultContract):
    gaps: ClassVar[dict[str, Gap]] = {
        "test_an_engine_without_room_says_so": Gap("says that it is read-only", raises=Unavailable),
    }

    @pytest.fixture
    def engine(self, weaviate_server: Server) -> Iterator[Breakable]:
        old = {"/v1/meta": {"version": "1.25.0"}, "/v1/.well-known/ready": {}}
        with strangers.speaking(old) as stranger:
            yield BreakableWeaviate(weaviate_server, f"Faults_{next(NUMBERS)}", stranger)

    async def test_what_a_kill_tore_is_found_again_once_it_went_and_came(
        self, engine: Breakable, index: Index
    ) -> None:
        """The process that wrote it is gone as well: only the comparison with the record helps."""
        many = numbered(MANY)
        try:
            await cut(engine, index, many)
        finally:
            engine.start()
        async with aclosing(await open_index(engine.url, space=SPACE)) as other:
            await other.put(many)
            await other.remove([entry.id for entry in many])
            await other.put(many)
            assert await other.count() == MANY
            assert len(await other.list_ids(limit=2 * MANY, where=Exists("i"))) == MANY
            true = await true_scores(many, "part2")
            assert await scores(other, "part2") == pytest.approx(true, rel=0.01)


class TestChroma(IndexFaultContract):
    @pytest.fixture
    def engine(self, chroma_server: Server) -> Iterator[Breakable]:
        name, old = f"faults-{next(NUMBERS)}", {"/api/v1/heartbeat": {}}
        with (
            strangers.guarded(chroma_server.port, "Bearer secret") as gate,
            strangers.speaking(old) as stranger,
        ):
            yield BreakableChroma(chroma_server, name, gate, stranger)


def lucene(server: Server, scheme: str, other: str) -> Iterator[Breakable]:
    place = fresh(scheme, f"http://127.0.0.1:{server.port}")
    with strangers.guarded(server.port, "Basic right") as gate:
        yield BreakableLucene(server, place, gate, other)
    forget(place)


class TestElasticsearch(IndexFaultContract):
    @pytest.fixture
    def engine(self, elasticsearch_server: Server) -> Iterator[Breakable]:
        yield from lucene(elasticsearch_server, "elasticsearch", "opensearch")


class TestOpenSearch(IndexFaultContract):
    @pytest.fixture
    def engine(self, opensearch_server: Server) -> Iterator[Breakable]:
        yield from lucene(opensearch_server, "opensearch", "elasticsearch")
