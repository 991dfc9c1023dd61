"""What an index on a server promises besides: several clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import anyio
import anyio.lowlevel
import pytest

from promptuary.adapters.indexes.memory import MemoryIndex
from promptuary.domain.errors import Unavailable
from promptuary.domain.found import Entry
from promptuary.ports.index import Index, SharedIndex, WordQuery
from promptuary.testing.contract import Contract
from promptuary.testing.index import SPACE, Connect


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
    """Needs the fixture `connect` of `IndexContract`."""

    @pytest.fixture
    async def index(self, connect: Connect) -> AsyncIterator[Index]:
        opened = await connect(SPACE)
        yield opened
        await opened.aclose()

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

    async def test_every_client_knows_the_place_by_one_name(
        self, index: Index, connect: Connect
    ) -> None:
        other = await connect(SPACE)
        assert isinstance(index, SharedIndex)
        assert isinstance(other, SharedIndex)
        places = [await each.place() for each in (index, other, index)]
        assert len(set(places)) == 1
        assert 0 < len(places[0]) <= 255
        await other.aclose()

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


async def patiently(index: Index, after: str | None) -> list[str]:
    """A page, as soon as the client has found its server again."""
    with anyio.fail_after(60):
        while True:
            with suppress(Unavailable):
                return await index.list_ids(after=after)
            await anyio.lowlevel.checkpoint()
