"""Elasticsearch and OpenSearch killed, stopped, slow, full, read-only, changed under our hands."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import anyio
import numpy as np
import pytest

from engines import java
from engines.indexes import ask, forget, fresh
from promptuary.domain.errors import (
    InvalidInput,
    Misconfigured,
    StorageFull,
    TimedOut,
    Unavailable,
)
from promptuary.domain.filters import AllOf, AnyOf, Eq, Filter, Not, OneOf
from promptuary.domain.found import Entry
from promptuary.plugins import open_index
from promptuary.ports.index import Index, WordQuery
from promptuary.testing.index import SPACE, sample, unit
from servers import Server

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

MANY = 4_000


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """The engine answers nobody, and its connections stay open."""
    running = java.processes(server.home)
    for each in running:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in running:
            os.kill(each, signal.SIGCONT)


class Faults:
    """Needs a fixture `server`; `scheme` is the adapter, `other` that of the other engine."""

    scheme: str
    other: str

    @pytest.fixture
    def place(self, server: Server) -> Iterator[str]:
        yield (place := fresh(self.scheme, f"http://127.0.0.1:{server.port}"))
        forget(place)

    @pytest.fixture
    async def index(self, place: str) -> AsyncIterator[Index]:
        opened = await open_index(place, space=SPACE)
        yield opened
        await opened.aclose()

    async def test_killed_in_the_middle_of_a_bulk_nothing_acknowledged_is_lost(
        self, server: Server, place: str, index: Index
    ) -> None:
        await index.put(sample())
        await index.set_watermark(3)
        many = [Entry(f"m{at}", {"text": f"number {at}"}, {}, unit(1, at)) for at in range(MANY)]
        failed: list[Exception] = []

        async def put() -> None:
            try:
                await index.put(many)
            except Unavailable as error:
                failed.append(error)

        async with anyio.create_task_group() as group:
            group.start_soon(put)
            while await anyio.to_thread.run_sync(self.written, place) <= len(sample()) + 1:
                assert not failed, failed
            await anyio.to_thread.run_sync(java.kill, server.home)
        server.stop()
        server.start()  # here, as it goes away with the thread that started it
        assert failed
        assert len(await index.get([entry.id for entry in sample()])) == len(sample())
        assert await index.watermark() == 3
        await index.put(many)
        assert await index.count() == MANY + len(sample())
        assert len(await index.search_words(WordQuery("number"), limit=MANY + 99)) == MANY + 40

    async def test_a_restart_between_two_pages_is_not_noticed(
        self, server: Server, index: Index
    ) -> None:
        await index.put(sample())
        first = await index.list_ids(limit=15)
        server.stop()
        with pytest.raises(Unavailable):
            await index.count()
        assert (await index.health()).state == "rebuilding"
        server.start()  # here, as it goes away with the thread that started it
        rest = await index.list_ids(after=first[-1], limit=100)
        assert [*first, *rest] == [entry.id for entry in sample()]
        assert (await index.health()).state == "ok"

    async def test_an_engine_that_does_not_answer_in_time_is_said_to_be_slow(
        self, server: Server, place: str, index: Index
    ) -> None:
        await index.put(sample())
        hurried = await open_index(f"{place}?timeout=0.5", space=SPACE)
        with frozen(server), pytest.raises(TimedOut):
            await hurried.search_words(WordQuery("refund"), limit=3)
        assert len(await index.search_words(WordQuery("refund"), limit=3)) == 3
        await hurried.aclose()

    async def test_a_read_only_index_is_read_and_says_that_it_cannot_be_written(
        self, place: str, index: Index
    ) -> None:
        await index.put(sample())
        setting = self.at(place, "_settings")
        ask(setting, "PUT", {"index.blocks.write": True})
        with pytest.raises(Unavailable, match="read-only"):
            await index.put(sample(2))
        assert await index.count() == len(sample())
        ask(setting, "PUT", {"index.blocks.write": False})
        await index.put(sample(2))

    async def test_an_engine_without_room_says_so(self, place: str, index: Index) -> None:
        setting = self.at(place, "_settings")
        ask(setting, "PUT", {"index.blocks.read_only_allow_delete": True})
        with pytest.raises(StorageFull):
            await index.put(sample(2))
        ask(setting, "PUT", {"index.blocks.read_only_allow_delete": None})
        await index.put(sample(2))

    async def test_an_index_that_is_gone_is_said_to_be_gone(self, place: str, index: Index) -> None:
        forget(place)
        for work in (index.count(), index.list_ids(), index.watermark()):
            with pytest.raises(Misconfigured):
                await work
        assert (await index.health()).state == "rebuilding"

    async def test_an_index_that_somebody_else_made_is_left_alone(self, place: str) -> None:
        ask(self.at(f"{place}-000001", ""), "PUT", {"aliases": {place.rpartition("/")[2]: {}}})
        with pytest.raises(Misconfigured, match="somebody else"):
            await open_index(place, space=SPACE)

    async def test_another_engine_is_told_apart(self, place: str) -> None:
        with pytest.raises(Misconfigured, match=f"{self.scheme}:"):
            await open_index(place.replace(self.scheme, self.other, 1), space=SPACE)

    async def test_plain_http_where_tls_is_wished_is_unavailable(self, place: str) -> None:
        with pytest.raises(Unavailable):
            await open_index(place.replace("://", "+https://", 1), space=SPACE)

    async def test_what_the_engine_itself_backed_up_comes_back_whole(
        self, server: Server, place: str, index: Index
    ) -> None:
        await index.put(sample())
        await index.set_watermark(7)
        hits = await index.search_words(WordQuery("refund"), limit=9)
        engine, name = self.at(place, "").rpartition("/")[::2]
        where = {"type": "fs", "settings": {"location": str(server.home / "snapshots" / name)}}
        ask(f"{engine}/_snapshot/{name}", "PUT", where)
        wanted = {"indices": f"{name}-*", "include_global_state": False}
        ask(f"{engine}/_snapshot/{name}/one?wait_for_completion=true", "PUT", wanted)
        forget(place)
        ask(f"{engine}/_snapshot/{name}/one/_restore?wait_for_completion=true", "POST", wanted)
        assert await index.list_ids(limit=99) == [entry.id for entry in sample()]
        assert await index.watermark() == 7
        assert await index.search_words(WordQuery("refund"), limit=9) == hits

    async def test_a_text_of_a_megabyte_is_kept_and_found(self, index: Index) -> None:
        text = " ".join(f"word{at % 5_000}" for at in range(100_000))
        await index.put([Entry("long", {"text": f"{text} needle"})])
        (got,) = await index.get(["long"])
        assert got.texts["text"] == f"{text} needle"
        assert [hit.id for hit in await index.search_words(WordQuery("needle"), limit=3)] == [
            "long"
        ]

    async def test_ten_thousand_conditions_are_one(self, index: Index) -> None:
        await index.put(sample())
        values = ("green", *(f"colour {at}" for at in range(10_000)))
        either = AnyOf(tuple(Eq("colour", value) for value in values))
        for where in (OneOf("colour", values), either, Not(Not(either))):
            assert await index.count(where) == 13
        deep: Filter = Eq("live", True)
        for _ in range(40):
            deep = Not(AllOf((deep, Eq("colour", "green"))))
        with pytest.raises(InvalidInput):
            await index.count(deep)

    async def test_ids_of_five_hundred_bytes_of_every_script_are_told_apart(
        self, index: Index
    ) -> None:
        ids = [(letter * 500)[: 500 // len(letter.encode())] for letter in "aйβ字🗝ܐ"]
        ids += [f"{each}x" for each in ids]
        await index.put([Entry(key, {"text": "odd"}) for key in ids])
        assert await index.list_ids(limit=99) == sorted(ids)
        assert [entry.id for entry in await index.get(ids)] == ids

    async def test_a_graph_of_vectors_finds_nearly_all_that_is_near(self, place: str) -> None:
        index = await open_index(f"{place}?exact=0&quantization=int8", space=SPACE)
        rng = np.random.default_rng(3)
        rows = rng.normal(size=(2_000, SPACE.dimensions)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        await index.put([
            Entry(f"n{at}", {}, {"part": at % 10}, row) for at, row in enumerate(rows)
        ])  # fmt: skip
        kept = rows[3::10]
        hits = await index.search_vectors(rows[:20], limit=10, where=Eq("part", 3))
        recall = []
        for row, found in zip(rows[:20], hits, strict=True):
            true = {f"n{3 + 10 * at}" for at in np.argsort(-(kept @ row))[:10]}
            recall.append(len(true & {hit.id for hit in found}) / 10)
            assert found[0].score == pytest.approx(float((kept @ row).max()), abs=1e-3)
        await index.aclose()
        assert np.mean(recall) >= 0.99

    def written(self, place: str) -> int:
        """How many documents were written so far, found or not."""
        told = ask(self.at(f"{place}-000001", "_stats/indexing"))
        count: int = told["_all"]["primaries"]["indexing"]["index_total"]
        return count

    @staticmethod
    def at(place: str, path: str) -> str:
        return f"http://{place.partition('://')[2]}/{path}".rstrip("/")


class TestElasticsearch(Faults):
    scheme, other = "elasticsearch", "opensearch"

    @pytest.fixture
    def server(self, elasticsearch_server: Server) -> Server:
        return elasticsearch_server


class TestOpenSearch(Faults):
    scheme, other = "opensearch", "elasticsearch"

    @pytest.fixture
    def server(self, opensearch_server: Server) -> Server:
        return opensearch_server
