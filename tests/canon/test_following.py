"""Two indexes follow one record: neither waits for the other, and what was missed comes later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from promptuary.canon import catching_up
from promptuary.canon.catching_up import Follower
from promptuary.canon.following import Followers
from promptuary.canon.indexing import Indexing
from promptuary.domain.errors import InvalidInput, PromptuaryError, Unavailable
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.index import FakeIndex
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = pytest.mark.anyio


class Told(Follower):
    """A fake: does nothing, or what it was told to raise."""

    def __init__(self, error: PromptuaryError | None = None) -> None:
        self.error = error
        self.done: list[str] = []

    async def catch_up(self, told: object = None) -> None:
        self._do("catch up")

    async def rebuild(self, told: object = None) -> None:
        self._do("rebuild")

    async def behind(self) -> str | None:
        return None if self.error is None else str(self.error)

    async def ping(self) -> None:
        self._do("ping")

    def _do(self, what: str) -> None:
        self.done.append(what)
        if self.error is not None:
            raise self.error


AWAY = Unavailable("its model is away")


@pytest.mark.parametrize("work", [Followers.catch_up, Followers.rebuild])
async def test_one_side_that_is_away_holds_up_nobody(work: Callable) -> None:
    first, second = Told(AWAY), Told()
    followers = Followers(first, second)
    await work(followers)
    assert first.done == second.done != []
    assert await followers.behind() is None, "the second has everything"
    with pytest.raises(Unavailable):
        await followers.ping()


@pytest.mark.parametrize("work", [Followers.catch_up, Followers.rebuild])
async def test_with_both_away_the_first_ones_error_is_told(work: Callable) -> None:
    followers = Followers(Told(AWAY), Told(Unavailable("the other")))
    with pytest.raises(Unavailable, match="its model"):
        await work(followers)
    assert await followers.behind() == "its model is away"
    with pytest.raises(Unavailable, match="its model"):
        await work(Followers(Told(AWAY)))


async def test_what_is_worse_than_being_away_is_told_whoever_it_befell() -> None:
    with pytest.raises(InvalidInput):
        await Followers(Told(), Told(InvalidInput("a bug"))).catch_up()


async def test_a_search_waits_for_what_was_written_before_it_and_for_nothing_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds: list[int] = []

    async def written_to(_parts: Indexing, _told: object) -> None:
        rounds.append(len(rounds))
        follower.wake()
        await asyncio.sleep(0)

    monkeypatch.setattr(catching_up, "catch_up", written_to)
    monkeypatch.setattr(catching_up, "PATIENCE_SECONDS", 600)
    embedder = FakeEmbedder()
    follower = Follower(Indexing(MemoryUnitOfWork(), FakeIndex(embedder.space), embedder))
    async with asyncio.timeout(30):
        await follower.start()
        try:
            follower.wake()
            assert await follower.behind() is None
            seen = len(rounds)
            follower.wake()
            assert await follower.behind() is None
            assert len(rounds) > seen
            async with follower.held():
                follower.wake()
                assert "behind the record" in (await follower.behind() or "")
        finally:
            await follower.aclose()
