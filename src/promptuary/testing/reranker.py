"""What every Reranker promises. Subclass it and give it a `reranker` fixture."""

from __future__ import annotations

from math import isfinite

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.ports.reranker import Reranker
from promptuary.testing.contract import Contract
from promptuary.testing.trying import trying

QUERY = "how long must bread dough rest"
GOOD = "Bread dough must rest for an hour."
POOR = "Invoices are paid within thirty days."
ODD = ("", " \n", "\0", "\ud800", "🗝", "日本語", "x" * 100_000, "word " * 20_000)


@pytest.mark.anyio
class RerankerContract(Contract):
    """Real models and fakes alike."""

    async def test_it_has_a_name(self, reranker: Reranker) -> None:
        assert reranker.name

    async def test_what_answers_is_scored_higher_wherever_it_stands(
        self, reranker: Reranker
    ) -> None:
        for texts in ([GOOD, POOR, POOR], [POOR, POOR, GOOD]):
            scores = await reranker.score(QUERY, texts)
            assert len(scores) == len(texts)
            assert texts[scores.index(max(scores))] == GOOD

    async def test_no_texts_have_no_scores(self, reranker: Reranker) -> None:
        assert await reranker.score(QUERY, []) == []

    async def test_odd_texts_have_finite_scores(self, reranker: Reranker) -> None:
        scores = await reranker.score(QUERY, [GOOD, *ODD])
        assert len(scores) == len(ODD) + 1
        assert all(isfinite(score) for score in scores)

    @trying(15)
    @given(query=st.text(st.characters()), texts=st.lists(st.text(st.characters()), max_size=3))
    async def test_any_texts_have_finite_scores(
        self, reranker: Reranker, query: str, texts: list[str]
    ) -> None:
        scores = await reranker.score(query, texts)
        assert len(scores) == len(texts)
        assert all(isfinite(score) for score in scores)

    async def test_several_tasks_may_ask_at_once(self, reranker: Reranker) -> None:
        expected = await reranker.score(QUERY, [POOR, GOOD])

        async def ask() -> None:
            assert await reranker.score(QUERY, [POOR, GOOD]) == pytest.approx(expected, abs=1e-4)

        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(ask)

    async def test_closing_twice_is_harmless(self, reranker: Reranker) -> None:
        await reranker.aclose()
        await reranker.aclose()
