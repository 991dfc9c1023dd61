"""Retries, the breaker and the budget, by a clock that is turned by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from promptuary.domain.errors import (
    BudgetSpent,
    InvalidInput,
    PromptuaryError,
    RateLimited,
    Unavailable,
)
from promptuary.domain.vectors import Vectors
from promptuary.resilience.breaker import BreakingEmbedder
from promptuary.resilience.budget import Budget, BudgetedEmbedder
from promptuary.resilience.retrying import RetryingEmbedder
from promptuary.testing.embedder import EmbedderContract
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.embedder import FakeEmbedder

pytestmark = pytest.mark.anyio


class Hurried(HandClock):
    """Whoever sleeps moves the time on."""

    async def sleep(self, seconds: float) -> None:
        await self.advance(seconds)


class Failing(FakeEmbedder):
    """A fake that raises what it was given, one each call, then works."""

    def __init__(self, *errors: PromptuaryError) -> None:
        super().__init__()
        self.errors = list(errors)

    async def embed(self, texts: Sequence[str], *, purpose: str = "document") -> Vectors:
        rows = await super().embed(texts)
        if self.errors:
            raise self.errors.pop(0)
        return rows


class TestRetryingEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> RetryingEmbedder:
        return RetryingEmbedder(FakeEmbedder(), Hurried())


class TestBreakingEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> BreakingEmbedder:
        return BreakingEmbedder(FakeEmbedder(), Hurried())


class TestBudgetedEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> BudgetedEmbedder:
        return BudgetedEmbedder(FakeEmbedder(), Budget(10**9))


def retrying(inner: FakeEmbedder, clock: Hurried, **options: float) -> RetryingEmbedder:
    return RetryingEmbedder(inner, clock, draw=lambda: 1.0, **options)


async def test_what_may_pass_is_tried_again_after_a_growing_wait() -> None:
    clock, inner = Hurried(), Failing(Unavailable("a"), Unavailable("b"))
    began = clock.monotonic()
    await retrying(inner, clock).embed(["x"])
    assert len(inner.asked) == 3
    assert clock.monotonic() - began == pytest.approx(0.5 + 1.0)


async def test_the_last_error_is_told_when_trying_is_over() -> None:
    inner = Failing(*(Unavailable(str(n)) for n in range(9)))
    with pytest.raises(Unavailable, match="2"):
        await retrying(inner, Hurried()).embed(["x"])


async def test_what_a_busy_endpoint_asks_for_is_waited_for() -> None:
    clock, inner = Hurried(), Failing(RateLimited("slow", retry_after=7))
    began = clock.monotonic()
    await retrying(inner, clock).embed(["x"])
    assert clock.monotonic() - began == 7


async def test_nobody_waits_longer_than_was_agreed() -> None:
    clock, inner = Hurried(), Failing(RateLimited("slow", retry_after=3600))
    began = clock.monotonic()
    with pytest.raises(RateLimited):
        await retrying(inner, clock, within=60).embed(["x"])
    assert clock.monotonic() == began


async def test_what_is_wrong_is_not_repeated() -> None:
    inner = Failing(InvalidInput("no"))
    with pytest.raises(InvalidInput):
        await retrying(inner, Hurried()).embed(["x"])
    assert len(inner.asked) == 1


async def test_a_failing_endpoint_is_left_alone_and_then_tried_once() -> None:
    clock, inner = Hurried(), Failing(*(Unavailable("down") for _ in range(3)))
    breaking = BreakingEmbedder(inner, clock, failures=2, rest=30)
    for _ in range(2):
        with pytest.raises(Unavailable, match="down"):
            await breaking.embed(["x"])
    with pytest.raises(Unavailable, match="rests 30 s"):
        await breaking.embed(["x"])
    await clock.sleep(30)
    with pytest.raises(Unavailable, match="down"):
        await breaking.embed(["x"])
    with pytest.raises(Unavailable, match="rests"):
        await breaking.embed(["x"])
    await clock.sleep(30)
    await breaking.embed(["x"])
    await breaking.embed(["x"])
    assert len(inner.asked) == 5


@pytest.mark.parametrize("error", [RateLimited("busy", retry_after=1), InvalidInput("bad")])
async def test_a_busy_endpoint_and_a_bad_text_are_no_failure(error: PromptuaryError) -> None:
    inner = Failing(error)
    breaking = BreakingEmbedder(inner, Hurried(), failures=1)
    with pytest.raises(type(error)):
        await breaking.embed(["x"])
    await breaking.embed(["x"])


async def test_nothing_is_sent_beyond_the_budget() -> None:
    inner = FakeEmbedder()
    budgeted = BudgetedEmbedder(inner, Budget(tokens=10, price_per_million=2.0))
    await budgeted.embed(["twelve chars"])
    with pytest.raises(BudgetSpent, match="5 are left"):
        await budgeted.embed(["this would take more than is left"])
    assert len(inner.asked) == 1
    assert budgeted.cost == pytest.approx(1e-5)
