"""A second look: the order is the reranker's, and what it was when nobody can look."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from promptuary.domain.documents import Passage
from promptuary.domain.errors import InvalidInput, Misconfigured, PromptuaryError, Unavailable
from promptuary.resilience.hurrying import HurriedReranker
from promptuary.retrieval.passages import Retrieved
from promptuary.retrieval.reranking import Reranking, reranked
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.reranker import WordReranker
from promptuary.testing.reranker import RerankerContract

pytestmark = pytest.mark.anyio


class TestHurriedReranker(RerankerContract):
    @pytest.fixture
    def reranker(self) -> HurriedReranker:
        return HurriedReranker(WordReranker(), HandClock(), seconds=60)


def found(*texts: str) -> list[Retrieved]:
    return [
        Retrieved(a_passage(text), 1 - n / 10, {"words": 2.0}, ("words: yes",))
        for n, text in enumerate(texts)
    ]


def a_passage(text: str) -> Passage:
    return Passage(text, "d", "c", "a.md", "", 0, text, 0, len(text))


def texts_of(passages: Sequence[Retrieved]) -> list[str]:
    return [each.passage.text for each in passages]


async def test_the_order_is_the_rerankers_and_scores_are_dealt_out_anew() -> None:
    before = found("invoices", "rest dough", "dough")
    after, caveat = await reranked(Reranking(WordReranker(), 30), "rest dough", before)
    assert caveat is None
    assert texts_of(after) == ["rest dough", "dough", "invoices"]
    assert [each.score for each in after] == [each.score for each in before]
    assert after[0].features == {"words": 2.0, "rerank": 1.0}
    assert after[0].reasons == ("words: yes", "reranked by fake: 1.000, was rank 2")


async def test_equals_stay_as_they_were() -> None:
    before = found("b", "a", "c")
    after, _ = await reranked(Reranking(WordReranker(), 30), "nothing of it", before)
    assert texts_of(after) == ["b", "a", "c"]


@pytest.mark.parametrize("error", [Unavailable("down"), InvalidInput("too odd")])
async def test_while_it_cannot_answer_the_order_stays_and_that_is_said(
    error: PromptuaryError,
) -> None:
    before = found("invoices", "rest dough")
    after, caveat = await reranked(Reranking(WordReranker(error=error), 30), "dough", before)
    assert after == before
    assert caveat == f"not reranked, as fake is away: {error}"


async def test_a_wrong_key_is_told_and_not_passed_over() -> None:
    with pytest.raises(Misconfigured):
        await reranked(Reranking(WordReranker(error=Misconfigured("key")), 30), "a", found("a"))


async def test_nobody_waits_longer_than_agreed_and_a_slow_one_is_left_alone() -> None:
    slow = WordReranker(seconds=60)
    clock = HandClock()
    hurried = HurriedReranker(slow, clock, seconds=0.001)
    for _ in range(5):
        with pytest.raises(Unavailable, match="longer than"):
            await hurried.score("a", ["a"])
    with pytest.raises(Unavailable, match="rests"):
        await hurried.score("a", ["a"])
    assert len(slow.asked) == 5
    slow.seconds = 0
    await clock.advance(31)
    assert await hurried.score("a", ["a"]) == [1.0]
