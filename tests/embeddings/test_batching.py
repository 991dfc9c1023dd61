"""Single callers at the same time: together, cancellable, each with its own outcome."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import numpy as np
import pytest

from promptuary.domain.errors import InvalidInput, Unavailable
from promptuary.domain.vectors import Vectors
from promptuary.embeddings.batching import GatheringEmbedder
from promptuary.testing.embedder import EmbedderContract
from promptuary.testing.fakes.embedder import FakeEmbedder

pytestmark = pytest.mark.anyio


class TestGatheringEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> GatheringEmbedder:
        return GatheringEmbedder(FakeEmbedder())


class Particular(FakeEmbedder):
    """A fake that rejects every list with `poison` in it, and is away for any with `away`."""

    async def embed(self, texts: Sequence[str], *, purpose: str = "document") -> Vectors:
        rows = await super().embed(texts)
        await anyio.lowlevel.checkpoint()
        if "poison" in texts:
            raise InvalidInput("poison")
        if "away" in texts:
            raise Unavailable("away")
        return rows


class Held(FakeEmbedder):
    """A fake that says when it was asked, and answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = anyio.Event(), anyio.Event()

    async def embed(self, texts: Sequence[str], *, purpose: str = "document") -> Vectors:
        rows = await super().embed(texts)
        self.begun.set()
        await self.go_on.wait()
        return rows


async def ask_all(embedder: GatheringEmbedder, texts: Sequence[str]) -> dict[str, object]:
    """What each caller got."""
    outcomes: dict[str, object] = {}

    async def ask(text: str) -> None:
        try:
            outcomes[text] = (await embedder.embed([text]))[0]
        except (InvalidInput, Unavailable) as error:
            outcomes[text] = error

    async with anyio.create_task_group() as group:
        for text in texts:
            group.start_soon(ask, text)
    return outcomes


async def test_callers_at_the_same_time_go_together_and_get_their_own_rows() -> None:
    inner = FakeEmbedder()
    texts = [f"text {n}" for n in range(64)]
    outcomes = await ask_all(GatheringEmbedder(inner, window=0.01), texts)
    assert inner.asked == [tuple(texts)]
    expected = dict(zip(texts, await inner.embed(texts), strict=True))
    assert all(np.array_equal(outcomes[text], expected[text]) for text in texts)


async def test_a_lone_caller_waits_for_nobody_and_later_ones_gather_meanwhile() -> None:
    inner = Held()
    embedder = GatheringEmbedder(inner, window=60, together=2)
    async with anyio.create_task_group() as group:
        group.start_soon(embedder.embed, ["lone"])
        await inner.begun.wait()
        assert inner.asked == [("lone",)]
        group.start_soon(embedder.embed, ["second"])
        await anyio.wait_all_tasks_blocked()
        group.start_soon(embedder.embed, ["third"])
        await anyio.wait_all_tasks_blocked()
        inner.go_on.set()
    assert inner.asked == [("lone",), ("second", "third")]


async def test_without_others_the_window_is_not_waited_for() -> None:
    with anyio.fail_after(50):
        for n in range(3):
            await GatheringEmbedder(FakeEmbedder(), window=60).embed([f"text {n}"])


async def test_no_more_go_together_than_agreed() -> None:
    inner = FakeEmbedder()
    await ask_all(GatheringEmbedder(inner, together=10), [f"text {n}" for n in range(35)])
    assert [len(asked) for asked in inner.asked] == [10, 10, 10, 5]


async def test_a_bad_text_fails_alone() -> None:
    outcomes = await ask_all(GatheringEmbedder(Particular()), ["a", "poison", "b"])
    assert isinstance(outcomes["poison"], InvalidInput)
    assert not any(isinstance(outcomes[text], Exception) for text in ("a", "b"))


async def test_an_endpoint_that_is_away_is_asked_once_for_all() -> None:
    inner = Particular()
    outcomes = await ask_all(GatheringEmbedder(inner), ["a", "away", "b"])
    assert all(isinstance(outcome, Unavailable) for outcome in outcomes.values())
    assert len(inner.asked) == 1


@pytest.mark.parametrize("cancelled", [0, 1])
async def test_whoever_is_cancelled_harms_nobody_else(cancelled: int) -> None:
    embedder = GatheringEmbedder(FakeEmbedder(), window=0.01)
    scopes = [anyio.CancelScope() for _ in range(3)]
    got: list[int] = []

    async def ask(n: int) -> None:
        with scopes[n]:
            await embedder.embed([f"text {n}"])
            got.append(n)

    async with anyio.create_task_group() as group:
        for n in range(3):
            group.start_soon(ask, n)
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()
        scopes[cancelled].cancel()
    assert sorted(got) == [n for n in range(3) if n != cancelled]


async def test_queries_and_documents_never_share_a_batch() -> None:
    inner = FakeEmbedder()
    embedder = GatheringEmbedder(inner)
    async with anyio.create_task_group() as group:
        for purpose in ("query", "document", "query"):
            group.start_soon(lambda p=purpose: embedder.embed(["x"], purpose=p))
    assert sorted(map(len, inner.asked)) == [1, 2]
