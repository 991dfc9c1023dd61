"""A move from one index to another, as an operator and as a reader sees it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from promptuary.app import Promptuary
from promptuary.canon import catching_up
from promptuary.domain.errors import Conflict, GuardRefused, LeaseLost, NotFound
from promptuary.moving import index_course
from promptuary.moving.driving import Driving
from promptuary.moving.spoiling import spoil
from promptuary.settings import Settings
from promptuary.testing.fakes.upstream import FakeUpstream

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
NAMES = ("Ann", "Bo", "Cy", "Dee", "Eli", "Flo", "Gil", "Hal")
GREETINGS = [f"Write a birthday greeting for {name}." for name in NAMES]


@pytest.fixture
def settings(tmp_path):
    """A home with an index that may move."""
    return Settings(
        home=tmp_path / "home", index_url="memory:", move_index_url=f"edge:{tmp_path}/n"
    )


@pytest.fixture
async def promptuary(settings):
    async with await Promptuary.open(settings=settings) as opened:
        await opened.ingest(GREETINGS, complete=True)
        yield opened


async def found(promptuary, text):
    answer = await promptuary.search(text, kinds=["prompt"], limit=1)
    return answer.hits[0].texts["text"], answer.partial


async def test_everything_is_copied_compared_and_taken_over_step_by_step(promptuary):
    assert (await promptuary.moves.plan()).step == "plan"
    moved = await promptuary.moves.start()
    assert moved.step == "shadow_read"
    assert moved.verified is not None
    assert moved.verified.clean
    assert moved.copied == moved.total == moved.verified.entries == len(NAMES) + 2
    assert (await promptuary.moves.ramp()).percent == 1
    assert (await promptuary.moves.ramp(100)).percent == 100
    await promptuary.ingest(["Write a poem about tea."], complete=True)
    assert await found(promptuary, "poem about tea") == ("Write a poem about tea.", None)
    assert (await promptuary.moves.cutover()).step == "soak"
    assert await found(promptuary, "greeting for Ann") == (GREETINGS[0], None)


async def test_after_a_rollback_the_old_store_has_what_was_written_after_the_cut_over(promptuary):
    await moved_to(promptuary, "soak")
    await promptuary.ingest(["Write a song about rain."], complete=True)
    back = await promptuary.moves.rollback(reason="too slow")
    assert (back.step, back.notes) == ("rolled_back", ("too slow",))
    assert await found(promptuary, "song about rain") == ("Write a song about rain.", None)
    assert (await promptuary.moves.plan()).step == "plan"


async def test_after_the_last_step_only_the_new_store_is_opened(promptuary, settings):
    await moved_to(promptuary, "soak")
    assert (await promptuary.moves.finalize()).step == "finalize"
    with pytest.raises(GuardRefused, match="over"):
        await promptuary.moves.rollback()
    await promptuary.aclose()
    async with await Promptuary.open(settings=settings) as again:
        assert again.moves.index is None
        assert (await again.index_health()).entries == len(NAMES) + 2
        assert await found(again, "greeting for Bo") == (GREETINGS[1], None)


async def test_an_operator_cannot_skip_what_has_to_come_first(promptuary):
    with pytest.raises(NotFound):
        await promptuary.moves.start()
    await promptuary.moves.plan()
    for deed in (
        promptuary.moves.ramp,
        promptuary.moves.cutover,
        promptuary.moves.finalize,
        promptuary.moves.verify,
    ):
        with pytest.raises(GuardRefused, match="in plan: start it first"):
            await deed()
    with pytest.raises(Conflict, match="another move"):
        await promptuary.moves.plan()


async def test_changes_are_gathered_for_the_new_store_until_a_read_waits_for_it(
    promptuary, monkeypatch
):
    monkeypatch.setattr(catching_up, "PAUSE_SECONDS", 3_600.0)
    monkeypatch.setattr(catching_up, "GATHER_SECONDS", 0.0)
    monkeypatch.setattr(catching_up, "PATIENCE_SECONDS", 3_600.0)
    monkeypatch.setattr(index_course, "GATHER_SECONDS", 3_600.0)
    await moved_to(promptuary, "shadow_read")
    course = promptuary.moves.index
    behind, before = await course.behind(), await course.target.watermark()
    for text in ("Name a river.", "Name a lake.", "Explain why the sea is salty."):
        await promptuary.ingest([text])
        await promptuary.settle()
    old, new = [await each.watermark() for each in (promptuary._index, course.target)]
    await promptuary.moves.ramp(100)
    salty = await found(promptuary, "why the sea is salty")
    assert behind is None
    assert before == new < old
    assert salty == ("Explain why the sea is salty.", None)


async def test_a_move_that_is_over_is_not_started_again(promptuary):
    await promptuary.moves.plan()
    await promptuary.moves.rollback()
    for deed in (promptuary.moves.start, promptuary.moves.start_behind):
        with pytest.raises(GuardRefused, match=r"over \(aborted\): plan another one"):
            await deed()


async def test_a_store_that_holds_something_else_is_not_written_to(promptuary):
    await promptuary.moves.plan()
    new = promptuary.moves.index.target
    await new.put(await promptuary._index.get(await promptuary._index.list_ids(limit=2)))
    with pytest.raises(GuardRefused, match="2 entries that are not of this move"):
        await promptuary.moves.start()
    assert await new.count() == 2


async def test_every_kind_of_fault_is_found_by_name_and_repaired(promptuary):
    await promptuary.ingest([f"Plan a trip number {n} to the sea." for n in range(12)])
    await moved_to(promptuary, "shadow_read")
    async with promptuary.moves.index.alone():
        made = await spoil(promptuary.moves.index.target, 3)
    seen = (await promptuary.moves.verify()).verified
    assert seen is not None
    assert seen.faults == {fault: len(ids) for fault, ids in made.items()}
    with pytest.raises(GuardRefused, match="verify it first"):
        await promptuary.moves.ramp()
    repaired = (await promptuary.moves.repair()).verified
    assert repaired is not None
    assert (repaired.clean, repaired.repaired) == (True, sum(seen.faults.values()))
    assert (await promptuary.moves.ramp(5)).percent == 5


async def test_what_is_interrupted_goes_on_and_ends_the_same(promptuary, settings, monkeypatch):
    await promptuary.moves.plan()
    kept = Driving._kept

    async def killed(self, move):
        if move.cursor.startswith("prompt"):
            raise asyncio.CancelledError
        return await kept(self, move)

    with monkeypatch.context() as patched:
        patched.setattr(Driving, "_kept", killed)
        with pytest.raises(asyncio.CancelledError):
            await promptuary.moves.start()
    move = await promptuary.moves.get()
    assert (move.step, move.over) == ("backfill", False)
    moved = await promptuary.moves.start()
    assert moved.verified is not None
    assert (moved.step, moved.verified.clean) == ("shadow_read", True)


async def test_of_two_operators_one_drives(promptuary):
    move = await promptuary.moves.plan()
    async with promptuary._record.begin() as tx:
        mine = await tx.moves.take(move.id)
    await promptuary.moves.pause(reason="lunch")
    with pytest.raises(LeaseLost):
        async with promptuary._record.begin() as tx:
            await tx.moves.save(replace(mine, percent=100))
    with pytest.raises(GuardRefused, match="lunch"):
        await promptuary.moves.start()
    await promptuary.moves.resume()
    assert (await promptuary.moves.start()).step == "shadow_read"


async def test_shadowed_reads_are_compared_and_reported(promptuary):
    await moved_to(promptuary, "shadow_read")
    for name in NAMES:
        await promptuary.search(f"greeting for {name}")
        await promptuary.moves.index.turn.settled()
    shadow = (await promptuary.moves.ramp(1)).shadow
    assert (shadow.reads, shadow.errors, shadow.mismatches) == (len(NAMES), 0, 0)
    assert shadow.overlap > 0.95
    assert shadow.rbo > 0.95


async def test_who_asks_for_the_shadow_does_not_wait_for_reads_without_end(promptuary):
    await moved_to(promptuary, "shadow_read")
    turn = promptuary.moves.index.turn
    more = asyncio.Event()

    async def again(_side):
        if not more.is_set():
            more.set()
            turn.by_old(0.0, endless)
        return []

    async def endless(_side):
        await asyncio.Event().wait()
        return []

    turn.by_old(0.0, again)
    assert (await turn.settled()).reads == 1


async def test_a_new_store_that_fails_gives_everything_back_and_nobody_notices(promptuary):
    await moved_to(promptuary, "soak")
    await promptuary.moves.index.target.aclose()
    for name in NAMES:
        assert (await found(promptuary, f"greeting for {name}"))[0].endswith(f"{name}.")
    await promptuary.moves._look()
    move = await promptuary.moves.get()
    assert (move.step, move.percent) == ("ramp", 0)
    assert "failed 3 times" in move.paused


async def test_without_a_store_to_move_to_it_is_said_what_to_set(tmp_path):
    async with await Promptuary.open(tmp_path) as opened:
        with pytest.raises(GuardRefused, match="move_index_url"):
            await opened.moves.plan()
        assert (await opened.moves.list()).total == 0


async def test_a_move_is_not_driven_to_another_store_than_it_was_planned_for(tmp_path):
    def to(name):
        url = f"edge:{tmp_path}/{name}"
        return Settings(home=tmp_path / "home", index_url="memory:", move_index_url=url)

    async with await Promptuary.open(settings=to("new")) as opened:
        await opened.moves.plan()
    async with await Promptuary.open(settings=to("other")) as opened:
        for step in (opened.moves.start, opened.moves.rollback):
            with pytest.raises(GuardRefused, match="let move_index_url name that one again"):
                await step()
    async with await Promptuary.open(settings=to("new")) as opened:
        assert (await opened.moves.rollback()).step == "aborted"


async def test_another_embedding_model_is_a_move_and_no_space_meets_the_other(tmp_path):
    with FakeUpstream() as model:
        settings = Settings(
            home=tmp_path / "home",
            move_index_url=f"edge:{tmp_path}/new",
            move_embedder=f"{model.url}?model=small&dim=16",
        )
        async with await Promptuary.open(settings=settings) as promptuary:
            await promptuary.ingest(GREETINGS, complete=True)
            await moved_to(promptuary, "soak")
            move = await promptuary.moves.get()
            assert move.space != promptuary._embedder.space.name
            assert (await found(promptuary, GREETINGS[2]))[0] == GREETINGS[2]
            assert (await promptuary.moves.rollback()).step == "rolled_back"
            assert (await found(promptuary, GREETINGS[2]))[0] == GREETINGS[2]
            await promptuary.moves.index.target.clear()
            await moved_to(promptuary, "soak")
            await promptuary.moves.finalize()
        async with await Promptuary.open(settings=settings) as again:
            assert again._embedder.space.name == move.space
            assert (await again.verify_index()).clean
            assert (await found(again, GREETINGS[3]))[0] == GREETINGS[3]


async def moved_to(promptuary, step):
    await promptuary.moves.plan()
    await promptuary.moves.start()
    if step != "shadow_read":
        await promptuary.moves.ramp(100)
        assert (await promptuary.moves.cutover()).step == step
