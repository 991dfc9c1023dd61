"""What an index on a server promises when its server is wrong, away, slow, full, or changed under
its hands. The contract is one for all engines; each says only how it is broken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Protocol

import anyio
import anyio.to_thread
import pytest

from promptuary.domain.errors import Misconfigured, StorageFull, TimedOut, Unavailable
from promptuary.domain.filters import Exists
from promptuary.domain.found import Entry
from promptuary.plugins import open_index
from promptuary.ports.index import Index, WordQuery
from promptuary.testing.contract import Contract
from promptuary.testing.index import SPACE, sample
from promptuary.testing.index_server import numbered, patiently, scores, true_scores

MANY = 2_000
"""So many entries are being written when the engine is killed."""


class Breakable(Protocol):
    """An engine of a test's own, or one that others use too, and a place for an index on it. The
    methods are called as they are: a process may end with the thread that started it."""

    @property
    def url(self) -> str:
        """An index that nobody used."""
        ...

    @property
    def hurried(self) -> str:
        """The same index, with two seconds for a request."""
        ...

    @property
    def unknown_key(self) -> str:
        """An index for which the engine does not let us in."""
        ...

    @property
    def unwanted_tls(self) -> str:
        """The same index asked for by TLS, which the engine does not speak."""
        ...

    @property
    def stranger(self) -> str:
        """A server that is another one, or another version, than the adapter can use."""
        ...

    def start(self) -> None:
        """Return when it answers; nothing is lost that it acknowledged."""
        ...

    def kill(self) -> None:
        """End it as a loss of power would."""
        ...

    async def written(self) -> int:
        """How many entries have reached it, found or not."""
        ...

    def frozen(self) -> AbstractContextManager[None]:
        """Nobody is answered, and connections stay open."""
        ...

    def read_only(self) -> AbstractContextManager[None]:
        """The index may be read and not be written."""
        ...

    def full(self) -> AbstractContextManager[None]:
        """It has no room for more."""
        ...

    def remove(self) -> None:
        """Take the index away."""
        ...

    def occupy(self) -> None:
        """Let something stand there, by the same name, that is no index of ours."""
        ...

    def back_up(self) -> None:
        """Keep what the index holds by the engine's own means."""
        ...

    def bring_back(self) -> None:
        """Let it hold that again, after `remove`."""
        ...


async def cut(engine: Breakable, index: Index, entries: Sequence[Entry]) -> None:
    """Put them, and kill the engine once it has some more than before; it stays away."""
    failed: list[Exception] = []
    before = await engine.written()

    async def put() -> None:
        try:
            await index.put(entries)
        except Unavailable as error:
            failed.append(error)

    async with anyio.create_task_group() as group:
        group.start_soon(put)
        while await engine.written() <= before:
            assert not failed, failed
        await anyio.to_thread.run_sync(engine.kill)


@pytest.mark.anyio
class IndexFaultContract(Contract):
    """Needs a fixture `engine`: a `Breakable`, whose index is new for each test."""

    @pytest.fixture
    async def index(self, engine: Breakable) -> AsyncIterator[Index]:
        opened = await open_index(engine.url, space=SPACE)
        yield opened
        await opened.aclose()

    async def test_an_unknown_key_is_a_wrong_setting(self, engine: Breakable) -> None:
        with pytest.raises(Misconfigured):
            await open_index(engine.unknown_key, space=SPACE)

    async def test_tls_with_a_server_that_speaks_none_is_unavailable(
        self, engine: Breakable
    ) -> None:
        with pytest.raises(Unavailable):
            await open_index(engine.unwanted_tls, space=SPACE)

    async def test_another_server_or_version_is_told_apart(self, engine: Breakable) -> None:
        with pytest.raises(Misconfigured):
            await open_index(engine.stranger, space=SPACE)

    async def test_what_somebody_else_made_is_left_alone(self, engine: Breakable) -> None:
        engine.occupy()
        with pytest.raises(Misconfigured):
            await open_index(engine.url, space=SPACE)

    async def test_an_index_that_is_gone_is_said_to_be_gone(
        self, engine: Breakable, index: Index
    ) -> None:
        await index.put(sample(3))
        engine.remove()
        for ask in (index.count, index.list_ids, index.watermark, partial(index.put, sample(3))):
            with pytest.raises(Misconfigured):
                await ask()
        assert (await index.health()).detail.startswith("away")

    async def test_killed_in_the_middle_of_a_bulk_it_is_away_and_then_back_without_a_loss(
        self, engine: Breakable, index: Index
    ) -> None:
        await index.put(sample())
        await index.set_watermark(3)
        first = await index.list_ids(limit=10)
        many = numbered(MANY)
        try:
            await cut(engine, index, many)
            for ask in (index.count, index.list_ids, partial(index.put, sample(1))):
                with pytest.raises(Unavailable):
                    await ask()
            assert (await index.health()).detail.startswith("away")
        finally:
            engine.start()  # here, as it may go away with the thread that started it
        following = await patiently(index, first[-1])
        assert first + following[:30] == [entry.id for entry in sample()]
        assert len(await index.get([entry.id for entry in sample()])) == len(sample())
        assert await index.watermark() == 3
        await index.put(many)
        assert await index.count() == MANY + len(sample())
        assert len(await index.list_ids(limit=3 * MANY, where=Exists("i"))) == MANY
        true = await true_scores([*sample(), *many], "number3 part2")
        assert await scores(index, "number3 part2") == pytest.approx(true, rel=0.01)

    async def test_a_server_that_does_not_answer_in_time_is_said_to_be_slow(
        self, engine: Breakable, index: Index
    ) -> None:
        await index.put(sample())
        hurried = await open_index(engine.hurried, space=SPACE)
        with engine.frozen(), pytest.raises(TimedOut):
            await hurried.count()
        await patiently(index, None)
        assert len(await index.search_words(WordQuery("refund"), limit=3)) == 3
        await hurried.aclose()

    async def test_a_read_only_index_is_read_and_refuses_writes(
        self, engine: Breakable, index: Index
    ) -> None:
        await index.put(sample(20))
        with engine.read_only():
            with pytest.raises(Unavailable, match=r"read-?only"):
                await index.put(sample(30))
            assert await index.count() == 20
        await index.put(sample(30))
        assert await index.count() == 30

    async def test_an_engine_without_room_says_so(self, engine: Breakable, index: Index) -> None:
        await index.put(sample(20))
        with engine.full():
            with pytest.raises(StorageFull):
                await index.put(sample(30))
            assert await index.count() == 20
        await index.put(sample(30))
        assert await index.count() == 30

    async def test_what_the_engine_itself_backed_up_comes_back_whole(
        self, engine: Breakable, index: Index
    ) -> None:
        await index.put(sample())
        await index.set_watermark(7)
        hits = await index.search_words(WordQuery("refund"), limit=9)
        engine.back_up()
        engine.remove()
        engine.bring_back()
        again = await open_index(engine.url, space=SPACE)
        assert await again.list_ids(limit=99) == [entry.id for entry in sample()]
        assert await again.watermark() == 7
        assert await again.search_words(WordQuery("refund"), limit=9) == hits
        await again.aclose()
