"""A new store that refuses some entries, is full, or is slow: nothing is lost, and it is said."""

from __future__ import annotations

import asyncio

import pytest

from promptuary.app import Promptuary
from promptuary.canon import sifting
from promptuary.domain.errors import GuardRefused, InvalidInput, StorageFull
from promptuary.moving.index_way import IndexWay
from promptuary.moving.report import report
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
TEXTS = [f"Plan a trip number {n} to the sea." for n in range(9)]
CONFLICT = "mapping conflict: field [created] cannot be changed from long to text"


@pytest.fixture
async def promptuary(tmp_path):
    settings = Settings(
        home=tmp_path / "home", index_url="memory:", move_index_url=f"edge:{tmp_path}/n"
    )
    async with await Promptuary.open(settings=settings) as opened:
        await opened.ingest(TEXTS, complete=True)
        yield opened


@pytest.fixture
def refusing(promptuary, monkeypatch):
    """Makes the new store refuse entries that say one of some words; gives the words."""
    kind = type(promptuary.moves.index.target)
    put, words = kind.put, set()

    async def picky(self, entries):
        if any(word in each.texts["text"] for each in entries for word in words):
            raise InvalidInput(CONFLICT)
        await put(self, entries)

    monkeypatch.setattr(kind, "put", picky)
    return words


async def test_an_entry_that_the_new_store_refuses_holds_up_no_other_and_is_named(
    promptuary, refusing
):
    refusing.add(TEXTS[4])
    move = await promptuary.moves.plan()
    with pytest.raises(GuardRefused, match="it refuses"):
        await promptuary.moves.start()
    stuck = await promptuary.moves.get()
    assert (stuck.step, stuck.verified.faults) == ("verify", {"missing": 1})
    assert list(stuck.refused.values()) == [CONFLICT]
    assert f"- `{next(iter(stuck.refused))}`: {CONFLICT}" in report(stuck)
    assert await promptuary.moves.index.target.count() == move.total - 1
    with pytest.raises(GuardRefused):
        await promptuary.moves.ramp()
    refusing.clear()
    moved = await promptuary.moves.start()
    assert (moved.step, moved.refused, moved.verified.clean) == ("shadow_read", {}, True)


async def test_what_is_written_meanwhile_and_refused_holds_up_no_later_change(promptuary, refusing):
    await promptuary.moves.plan()
    move = await promptuary.moves.start()
    refusing.add("poisoned")
    await promptuary.ingest(["Is this poisoned?", "Why do cats purr at night?"])
    async with promptuary.moves.index.alone():
        await promptuary.moves.index.way.level(move)
    seen = await promptuary.moves.verify()
    assert (seen.verified.faults, list(seen.refused.values())) == ({"missing": 1}, [CONFLICT])
    with pytest.raises(GuardRefused, match="verify it first"):
        await promptuary.moves.ramp()
    refusing.clear()
    assert (await promptuary.moves.repair()).refused == {}
    assert (await promptuary.moves.ramp()).percent == 1


async def test_a_store_that_refuses_nearly_everything_stops_the_move(
    promptuary, refusing, monkeypatch
):
    monkeypatch.setattr(sifting, "MOST_REFUSED", 3)
    refusing.add("trip")
    await promptuary.moves.plan()
    with pytest.raises(GuardRefused, match="more than 3 entries, at last: mapping conflict"):
        await promptuary.moves.start()
    assert (await promptuary.moves.get()).step == "backfill"


async def test_a_full_store_stops_the_copy_and_once_there_is_room_it_goes_on(
    promptuary, monkeypatch
):
    await promptuary.moves.plan()
    kind = type(promptuary.moves.index.target)
    put = kind.put

    async def full(self, entries):
        if len(entries) > 1:
            raise StorageFull("no space left on the engine's disk")
        await put(self, entries)

    with monkeypatch.context() as patched:
        patched.setattr(kind, "put", full)
        with pytest.raises(StorageFull):
            await promptuary.moves.start()
        assert (await promptuary.moves.get()).step == "backfill"
        assert (await promptuary.search(TEXTS[3], limit=1)).hits
    moved = await promptuary.moves.start()
    assert (moved.step, moved.verified.clean) == ("shadow_read", True)


async def test_a_store_that_does_not_answer_in_time_gives_everything_back(promptuary, monkeypatch):
    await promptuary.moves.plan()
    await promptuary.moves.start()
    await promptuary.moves.ramp(100)
    monkeypatch.setattr(promptuary.moves.index.turn, "_patience", 0.05)

    async def never(*_asked, **_more):
        await asyncio.Event().wait()

    monkeypatch.setattr(type(promptuary.moves.index.target), "search_words", never)
    for text in TEXTS:
        assert (await promptuary.search(text, kinds=["prompt"], limit=1)).hits[0].texts[
            "text"
        ] == text
    await promptuary.moves._look()
    move = await promptuary.moves.get()
    assert (move.step, move.percent) == ("ramp", 0)
    assert "did not answer in time" in move.paused


async def test_a_rollback_goes_before_a_store_that_is_given_up_at_the_same_time(
    promptuary, monkeypatch
):
    await promptuary.moves.plan()
    await promptuary.moves.start()
    await promptuary.moves.ramp(100)
    driving, deliver, crossed = promptuary.moves.index.driving, IndexWay.deliver, []

    async def crossing(self, move):
        if not crossed:
            crossed.append(await driving.give_back(move.id, "too slow"))
        await deliver(self, move)

    monkeypatch.setattr(IndexWay, "deliver", crossing)
    move = await promptuary.moves.rollback(reason="not yet")
    assert (move.step, move.notes[-2:]) == ("rolled_back", ("too slow", "not yet"))
