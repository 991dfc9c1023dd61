"""What an index on a server promises besides: several clients, and a server that goes away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Protocol

import anyio
import anyio.lowlevel
import pytest

from promptuary.adapters.indexes.memory import MemoryIndex
from promptuary.domain.errors import Unavailable
from promptuary.domain.filters import AnyOf, Eq, Not, OneOf
from promptuary.domain.found import Entry
from promptuary.ports.index import Index, WordQuery
from promptuary.testing.contract import Contract
from promptuary.testing.index import SPACE, Connect, sample, unit

SCRIPTS = "azéßяжλшבغहไ한漢字🗝👩‍🚀\u0301"


class Engine(Protocol):
    """A server that can be ended and begun again, and keeps its port and what it stored. Its
    methods are called as they are: a process may end with the thread that started it."""

    def start(self) -> None:
        """Return when it answers."""
        ...

    def stop(self) -> None:
        """Let it end."""
        ...


def long_ids() -> list[str]:
    """An id of 500 bytes or a little less for each script, which differ only at their ends."""
    filled = (letter * (490 // len(letter.encode())) for letter in SCRIPTS)
    return [f"{letters}{end}" for letters in filled for end in ("1", "2")]


def numbered(n: int) -> list[Entry]:
    """Entries with a word of their own, one they share with some and one they share with all."""
    return [Entry(f"n{i:05}", {"text": f"number{i} of part{i % 7}"}, {"i": i}) for i in range(n)]


async def scores(index: Index, text: str) -> dict[str, float]:
    """What a search for words finds, misspellings left out."""
    query = WordQuery(text, typos=False)
    return {hit.id: hit.score for hit in await index.search_words(query, limit=900)}


async def true_scores(entries: Sequence[Entry], text: str) -> dict[str, float]:
    """What the reference finds among these entries."""
    reference = MemoryIndex(SPACE)
    await reference.put(entries)
    return await scores(reference, text)


@pytest.mark.anyio
class IndexServerContract(Contract):
    """Needs the fixture `connect` of `IndexContract`, and `engine`: an `Engine`."""

    @pytest.fixture
    async def index(self, connect: Connect) -> AsyncIterator[Index]:
        opened = await connect(SPACE)
        yield opened
        await opened.aclose()

    async def test_a_megabyte_of_text_is_kept_and_found(self, index: Index) -> None:
        text = "refund " + "lorem ipsum dolor " * 60_000
        await index.put([Entry("long", {"text": text}, {}, unit(1)), *sample(3)])
        (got,) = await index.get(["long"])
        assert got.texts["text"] == text
        assert "long" in await scores(index, "dolor")

    async def test_ids_of_five_hundred_bytes_in_every_script_are_told_apart(
        self, index: Index
    ) -> None:
        ids = long_ids()
        await index.put([Entry(key, {"text": "odd id"}) for key in ids])
        assert await index.list_ids(limit=len(ids)) == sorted(ids)
        assert [entry.id for entry in await index.get(ids)] == ids
        assert await index.remove(ids[::2]) == len(ids) / 2
        assert await index.list_ids(limit=len(ids)) == sorted(ids[1::2])

    async def test_a_filter_of_ten_thousand_values_means_what_it_says(self, index: Index) -> None:
        await index.put(sample(9))
        many = (*(f"no colour {at}" for at in range(10_000)), "red")
        assert await index.list_ids(where=OneOf("colour", many)) == ["e000", "e003", "e006"]
        some = AnyOf(tuple(Eq("age", at) for at in range(5, 300)))
        assert await index.list_ids(where=Not(some)) == [f"e{at:03}" for at in range(5)]

    async def test_what_one_client_writes_another_finds(
        self, index: Index, connect: Connect
    ) -> None:
        await index.put(numbered(30))
        other = await connect(SPACE)
        await other.put(numbered(60)[30:])
        await other.remove(["n00001"])
        third = await connect(SPACE)
        left = [entry for entry in numbered(60) if entry.id != "n00001"]
        found = await scores(third, "part1 number45")
        assert found == pytest.approx(await true_scores(left, "part1 number45"), rel=0.01)
        await index.put(numbered(61)[60:])
        assert await index.count() == 60
        await other.aclose()
        await third.aclose()

    async def test_two_clients_writing_at_once_lose_nothing(
        self, index: Index, connect: Connect
    ) -> None:
        other = await connect(SPACE)
        entries = numbered(200)

        async def write(own: Index, start: int) -> None:
            for at in range(start, 200, 20):
                await own.put(entries[at : at + 10])

        async with anyio.create_task_group() as group:
            group.start_soon(write, index, 0)
            group.start_soon(write, other, 10)
        await other.aclose()
        third = await connect(SPACE)
        assert await third.count() == 200
        found = await scores(third, "part3")
        assert found == pytest.approx(await true_scores(entries, "part3"), rel=0.01)
        await third.aclose()

    async def test_a_restart_between_two_pages_is_not_noticed(
        self, index: Index, engine: Engine
    ) -> None:
        await index.put(numbered(30))
        first = await index.list_ids(limit=10)
        engine.stop()
        engine.start()
        rest = await patiently(index, first[-1])
        assert first + rest == [f"n{at:05}" for at in range(30)]


@pytest.mark.anyio
class IndexServerAwayContract(Contract):
    """The same fixtures: what is promised of a server that goes away."""

    @pytest.fixture
    async def index(self, connect: Connect) -> AsyncIterator[Index]:
        opened = await connect(SPACE)
        yield opened
        await opened.aclose()

    async def test_a_server_that_is_away_is_unavailable_and_then_back(
        self, index: Index, engine: Engine
    ) -> None:
        await index.put(numbered(5))
        assert (await index.health()).entries == 5
        engine.stop()
        try:
            with pytest.raises(Unavailable):
                await index.count()
            with pytest.raises(Unavailable):
                await index.put(numbered(9))
            health = await index.health()
            assert health.detail.startswith("away")
            assert health.entries == 5
        finally:
            engine.start()
        assert await patiently(index, None) == [f"n{at:05}" for at in range(5)]
        await index.put(numbered(9))
        assert await index.count() == 9


async def patiently(index: Index, after: str | None) -> list[str]:
    """A page, as soon as the client has found its server again."""
    with anyio.fail_after(60):
        while True:
            with suppress(Unavailable):
                return await index.list_ids(after=after)
            await anyio.lowlevel.checkpoint()
