"""Prompts of an older service move into the library, and what is written here goes back."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import replace

import pytest
from moving_prompts import moved_to, opened, said_there

from promptuary.domain.errors import GuardRefused, NotFound, Unavailable
from promptuary.domain.library import About
from promptuary.library.older_prompts import older_id_of, read_older, said_by
from promptuary.moving.prompts.made_up import made_up
from promptuary.moving.prompts.relaying import relay
from promptuary.moving.report import report
from promptuary.testing.fakes.prompt_archive import MemoryPromptArchive

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
THERE = made_up(100)


@pytest.fixture
async def archive():
    there = MemoryPromptArchive()
    await there.lay(THERE.prompts, THERE.lists)
    return there


@pytest.fixture
async def promptuary(tmp_path, monkeypatch, archive):
    async with opened(tmp_path, monkeypatch, archive) as promptuary:
        yield promptuary


def first(archive):
    """The lowest id that can be read."""
    for number in sorted(archive.prompts, key=int):
        try:
            return number, read_older(archive.prompts[number]).said
        except Exception:
            continue
    raise AssertionError


def rewritten(archive, number, text):
    """What the older service writes under that id."""
    found = json.loads(archive.prompts[number])
    found["response"]["refined_prompt"] = text
    archive.prompts[number] = json.dumps(found).encode()


async def test_all_that_can_be_read_comes_over_cleaned_and_its_dirt_is_named(promptuary, archive):
    await moved_to(promptuary, "shadow_read")
    move = await promptuary.moves.get()
    assert move.verified is not None
    assert (move.verified.clean, move.verified.entries) == (True, THERE.readable)
    assert (move.kind, move.copied, move.total) == ("prompts", THERE.readable, THERE.readable)
    told = "\n".join(move.notes)
    for dirt, count in THERE.dirt.items():
        assert f"{count} {dirt}:" in told
    twins = THERE.dirt["duplicate"]
    assert (await promptuary.library.list(folder="smartprompt")).total == THERE.readable - twins
    number, said = first(archive)
    kept = await promptuary.library.get(f"smartprompt/{number}")
    assert said_by(kept.prompt.about, kept.version) == said
    assert kept.prompt.unknown == ("created_at", "usage_count", "average_rating")
    assert kept.version.origins[0].id == number


async def test_what_the_older_service_writes_meanwhile_is_taken_up(promptuary, archive):
    await moved_to(promptuary, "shadow_read")
    number, _ = first(archive)
    rewritten(archive, number, "Written meanwhile.")
    archive.prompts["77"] = archive.prompts[number].replace(b"Written", b"Begun")
    gone = next(each for each in sorted(archive.prompts) if each not in {number, "77"})
    archive.prompts.pop(gone)
    await promptuary.moves.ramp(100)
    await promptuary.moves.cutover()
    assert (await promptuary.library.get(f"smartprompt/{number}")).version.number == 2
    assert "Begun" in (await promptuary.library.get("smartprompt/77")).version.content.text
    assert (await promptuary.library.get(f"smartprompt/{gone}")).prompt.archived
    assert (await promptuary.moves.verify()).verified.clean


async def test_what_is_written_here_goes_back_to_the_older_store(promptuary, archive):
    await moved_to(promptuary, "soak")
    number, said = first(archive)
    await promptuary.library.save(f"smartprompt/{number}", "Written here.")
    await promptuary.library.save("smartprompt/of-ours", "New here.", about=About("Of ours"))
    gone = next(each for each in sorted(archive.prompts) if each != number)
    await promptuary.library.archive(f"smartprompt/{gone}")
    assert (await promptuary.moves.rollback()).step == "rolled_back"
    assert said_there(archive, number).text == "Written here."
    assert said_there(archive, number).detected_topics == said.detected_topics
    assert said_there(archive, older_id_of("smartprompt/of-ours")).text == "New here."
    assert gone not in archive.prompts
    await promptuary.library.save(f"smartprompt/{number}", "Written late.")
    assert (await promptuary.moves.plan()).step == "plan"
    await promptuary.moves.start()
    assert said_there(archive, number).text == "Written late."
    with pytest.raises(NotFound):
        await promptuary.library.get(f"smartprompt/{older_id_of('smartprompt/of-ours')}")


async def test_a_move_that_was_rolled_back_leaves_reads_with_the_older_store(promptuary, archive):
    await moved_to(promptuary, "soak")
    await promptuary.moves.rollback()
    found = await promptuary.moves.older_reads().about(["kubernetes"], None, 5)
    assert (found.by, len(found.answers)) == ("old", 5)


async def test_of_two_who_write_the_same_prompt_at_once_nobody_loses_anything(promptuary, archive):
    await moved_to(promptuary, "soak")
    number, _ = first(archive)
    rewritten(archive, number, "Theirs.")
    await promptuary.library.save(f"smartprompt/{number}", "Ours.")
    await relay(promptuary.moves.prompts._both)
    assert said_there(archive, number).text == "Ours."
    theirs = await promptuary.library.get(f"smartprompt/{number}", "smartprompt")
    assert theirs.version.content.text == "Theirs."
    ours = await promptuary.library.get(f"smartprompt/{number}")
    assert ours.version.content.text == "Ours."


async def test_every_difference_is_found_by_name_and_put_right(promptuary, archive):
    await moved_to(promptuary, "soak")
    numbers = [each for each in sorted(archive.prompts) if said_there_or_none(archive, each)]
    rewritten(archive, numbers[0], "Behind our back.")
    archive.prompts[numbers[1]] = b"{broken"
    archive.prompts.pop(numbers[2])
    archive.prompts["78"] = archive.prompts[numbers[3]].replace(b"expert", b"master")
    seen = (await promptuary.moves.verify()).verified
    assert seen.faults == {"missing": 1, "extra": 1, "type": 1, "value": 1}
    repaired = (await promptuary.moves.repair()).verified
    assert (repaired.clean, repaired.repaired) == (True, 4)
    assert said_there(archive, numbers[0]).text != "Behind our back."
    assert said_there(archive, numbers[1]) is not None
    assert (await promptuary.library.get("smartprompt/78")).prompt.slug == "smartprompt/78"


def said_there_or_none(archive, number):
    try:
        return said_there(archive, number)
    except Exception:
        return None


async def test_a_store_that_lost_everything_loses_nothing_here_and_gets_it_back(
    promptuary, archive
):
    await moved_to(promptuary, "shadow_read")
    await archive.clear()
    with pytest.raises(Unavailable, match="lost what it held"):
        await promptuary.moves.prompts.way.catch_up(switched=False)
    page = await promptuary.library.list(folder="smartprompt")
    assert not any(each.archived for each in page.items)
    repaired = (await promptuary.moves.repair()).verified
    assert repaired.clean
    assert len(archive.prompts) == page.total


async def test_a_store_that_takes_no_writes_is_not_moved_from(promptuary, archive):
    archive.read_only = True
    await promptuary.moves.plan()
    with pytest.raises(Unavailable, match="read-only"):
        await promptuary.moves.start()
    assert (await promptuary.library.list(folder="smartprompt")).total == 0
    archive.read_only = False
    assert (await promptuary.moves.start()).step == "shadow_read"


async def test_a_store_that_goes_away_in_the_middle_is_gone_on_with(promptuary, archive):
    await promptuary.moves.plan()
    page = archive.page
    pages = []

    async def away(cursor=""):
        pages.append(cursor)
        if len(pages) == 4:
            archive.away = True
        return await page(cursor)

    archive.page = away
    with pytest.raises(Unavailable):
        await promptuary.moves.start()
    archive.away, archive.page = False, page
    moved = await promptuary.moves.start()
    assert (moved.step, moved.verified.clean) == ("shadow_read", True)


async def test_each_question_is_answered_by_one_side_and_says_which(promptuary, archive):
    await moved_to(promptuary, "shadow_read")
    reads = promptuary.moves.older_reads()
    old = await reads.about(["kubernetes"], None, 5)
    assert (old.by, len(old.answers)) == ("old", 5)
    await promptuary.moves.prompts.turn.settled()
    await until_level(promptuary)
    await promptuary.moves.ramp(100)
    new = await reads.about(["1. kubernetes"], "general", 5)
    assert new.by == "new"
    assert all("kubernetes" in each.said.text for each in new.answers)
    move = await promptuary.moves.cutover()
    assert (move.shadow.reads, move.shadow.mismatches) == (1, 0)
    await promptuary.moves.finalize()
    assert promptuary.moves.older_reads() is None
    assert archive.positions == {}


async def until_level(promptuary):
    course = promptuary.moves.prompts
    async with course.alone():
        await course._once(0.0)
    assert await course.behind() is None


async def test_what_is_not_named_is_not_moved(promptuary):
    with pytest.raises(GuardRefused, match="move_index_url"):
        await promptuary.moves.plan("index")
    with pytest.raises(NotFound):
        await promptuary.moves.start()
    await promptuary.moves.plan()
    with pytest.raises(GuardRefused):
        await promptuary.moves.cutover()


async def test_prompts_move_into_one_tenants_library_and_then_into_anothers(promptuary, archive):
    library, moves = promptuary.library, promptuary.moves
    number, said = first(archive)
    whole = THERE.readable - THERE.dirt["duplicate"]
    await library.save(f"smartprompt/{number}", "Kept for nobody.")
    await library.save("smartprompt/of-two", "Kept for two.", tenant="two")
    assert (await moves.plan(tenant="one")).tenant == "one"
    await moves.start()
    await moves.ramp(100)
    await moves.cutover()
    await library.save(f"smartprompt/{number}", "Written by one.", tenant="one")
    await library.save(f"smartprompt/{number}", "Written by nobody.")
    await library.save("smartprompt/of-two", "Written by two.", tenant="two")
    assert moves.older_reads() is None
    assert moves.older_reads("one") is not None
    await moves.rollback()
    assert said_there(archive, number).text == "Written by one."
    assert older_id_of("smartprompt/of-two") not in archive.prompts
    found = {name: (await library.list(tenant=name)).total for name in ("", "one", "two")}
    assert found == {"": 1, "one": whole, "two": 1}
    kept = (await library.get(f"smartprompt/{number}")).version
    assert (kept.content.text, kept.number) == ("Written by nobody.", 2)
    rewritten(archive, number, said.text)
    await moves.plan(tenant="two")
    assert (await moves.start()).verified.clean
    assert (await library.list(tenant="two")).total == whole + 1
    assert said_there(archive, older_id_of("smartprompt/of-two")).text == "Written by two."
    assert (await library.get(f"smartprompt/{number}", tenant="two")).version.number == 1
    ours = await library.get(f"smartprompt/{number}", tenant="one")
    assert ours.version.content.text == "Written by one."
    assert moves.older_reads("one") is None
    assert "| Into the library of | two |" in report(await moves.get())


async def test_following_stops_where_the_older_store_answers_in_spite_of_it(promptuary, archive):
    asked, course = asyncio.Event(), promptuary.moves.prompts
    position = archive.position

    async def deaf(name):
        if not asked.is_set():
            asked.set()
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        return await position(name)

    move = await promptuary.moves.plan()
    archive.position = deaf
    await course.follow(replace(move, step="rolled_back"))
    await asked.wait()
    async with asyncio.timeout(30):
        await course.follow(None)
