"""Queries that somebody has judged, asked of both sides of a move."""

from __future__ import annotations

import pytest
from moving_prompts import moved_to, opened

from promptuary.app import Promptuary
from promptuary.domain.errors import GuardRefused, InvalidInput, Unavailable
from promptuary.domain.library import library_prompt_id
from promptuary.domain.relevance import JudgedQuery
from promptuary.moving.judging import Asked, checked, compared
from promptuary.moving.prompts.made_up import TOPICS, made_up
from promptuary.moving.report import report
from promptuary.settings import Settings
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.prompt_archive import MemoryPromptArchive

pytestmark = pytest.mark.anyio
QUERIES = [JudgedQuery("tea", {"a": 2, "b": 1}), JudgedQuery("rain", {"c": 1})]


async def test_both_sides_are_asked_the_same_and_stand_side_by_side():
    clock = HandClock()

    async def old(text):
        await clock.advance(0.01)
        return ["a", "b"] if text == "tea" else ["c"]

    async def new(text):
        await clock.advance(0.03)
        if text == "rain":
            raise Unavailable("away")
        return ["b", "a"]

    told = await compared(clock, QUERIES, Asked(old, new, 1, (4.0, None)))
    assert (told.queries, told.unknown) == (2, 1)
    assert told.old.ndcg10 == 1.0
    assert told.new.ndcg10 == pytest.approx((1 + 2 / 1.584963) / (2 + 1 / 1.584963) / 2, abs=1e-5)
    assert (told.old.failed, told.new.failed) == (0, 1)
    assert (told.old.p95_ms, told.new.p95_ms) == (pytest.approx(10), pytest.approx(30))
    assert (told.old.delay_ms, told.new.delay_ms) == (4.0, None)


async def test_a_query_to_which_nothing_is_found_counts_as_empty_and_not_as_failed():
    async def nothing(_text):
        return []

    told = await compared(HandClock(), QUERIES, Asked(nothing, nothing))
    assert (told.old.empty, told.old.failed, told.old.ndcg10) == (2, 0, 0.0)


@pytest.mark.parametrize(
    "queries", [[], [JudgedQuery(" ", {"a": 1})], [JudgedQuery("x", {"a": 0})]]
)
async def test_queries_by_which_nothing_can_be_measured_are_refused(queries):
    with pytest.raises(InvalidInput) as refused:
        checked(queries)
    assert "judged" in refused.value.fields


@pytest.mark.slow
async def test_an_index_that_moves_is_judged_on_both_stores_and_the_report_says_so(tmp_path):
    settings = Settings(
        home=tmp_path / "home", index_url="memory:", move_index_url=f"edge:{tmp_path}/n"
    )
    async with await Promptuary.open(settings=settings) as promptuary:
        for name in ("tea", "rain", "snow"):
            await promptuary.library.save(f"poems/{name}", f"Write a poem about {name}.")
        queries = [JudgedQuery("poem about rain", {"poems/rain": 1, "poems/gone": 1})]
        await promptuary.moves.plan()
        with pytest.raises(GuardRefused, match="shadow_read"):
            await promptuary.moves.judge(queries)
        await promptuary.moves.start()
        with pytest.raises(InvalidInput, match="none of the judged"):
            await promptuary.moves.judge([JudgedQuery("poem", {"poems/gone": 1})])
        move = await promptuary.moves.judge(queries)
        judged = move.judged
        assert (judged.queries, judged.unknown) == (1, 1)
        assert judged.old.ndcg10 == judged.new.ndcg10 == pytest.approx(1 / 1.63093, abs=1e-4)
        assert (judged.new.failed, judged.new.empty) == (0, 0)
        assert 0 < judged.old.delay_ms < 10_000
        assert 0 < judged.new.delay_ms < 10_000
        assert (await promptuary.moves.get()).judged == judged
        assert "| nDCG@10 | 0.6131 | 0.6131 |" in report(move)
        async with promptuary.moves.index.alone():
            await promptuary.moves.index.target.remove([library_prompt_id("poems/rain")])
        judged = (await promptuary.moves.judge(queries)).judged
        assert (judged.old.ndcg10 > 0, judged.new.ndcg10) == (True, 0.0)
        assert (await promptuary.verify_index()).clean


@pytest.mark.slow
async def test_prompts_that_move_are_judged_by_topics_and_ids_of_the_older_store(
    tmp_path, monkeypatch
):
    archive, there = MemoryPromptArchive(), made_up(100)
    await archive.lay(there.prompts, there.lists)
    async with opened(tmp_path, monkeypatch, archive) as promptuary:
        await moved_to(promptuary, "shadow_read")
        reads = promptuary.moves.older_reads()
        found = await reads.about([TOPICS[0]], None, 10)
        grades = {each.id: 1 for each in found.answers}
        judged = (await promptuary.moves.judge([JudgedQuery(TOPICS[0], grades)])).judged
        assert judged.old.ndcg10 == 1.0
        assert judged.new.ndcg10 > 0
        assert judged.old.delay_ms is judged.new.delay_ms is None
        with pytest.raises(InvalidInput, match="older store"):
            await promptuary.moves.judge([JudgedQuery(TOPICS[0], {"99": 1})])
