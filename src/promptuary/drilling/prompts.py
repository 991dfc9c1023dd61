"""A rehearsal of a move out of an older store: a made-up one in its exact layout, faults
on both sides and in the index, traffic on both sides, the cut-over and the way back.

The store must be empty, and is emptied again at the end; so is the index.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from promptuary.app import Promptuary
from promptuary.domain.errors import GuardRefused, PromptuaryError, Unsupported
from promptuary.domain.filters import Eq
from promptuary.domain.library import library_prompt_id
from promptuary.domain.older_prompts import OlderPrompt, OlderSaid
from promptuary.domain.reports import Told, silent
from promptuary.domain.upkeep import FAULTS, Fault
from promptuary.drilling.outcomes import (
    BREATH_SECONDS,
    EACH,
    Rehearsed,
    given_over,
    patient,
    whole,
)
from promptuary.library.older_prompts import older_id_of, read_older, slug_of_older, write_older
from promptuary.moving.prompts.course import PromptsCourse
from promptuary.moving.prompts.made_up import TOPICS, MadeUp, made_up
from promptuary.moving.spoiling import spoil
from promptuary.plugins import open_prompt_archive
from promptuary.ports.prompt_archive import RehearsingArchive
from promptuary.settings import Settings

THEIRS: Final = 500_000_000_000
"""Where the ids begin that the older service gives out meanwhile."""


def drill_prompts(
    source: str,
    target: str = "",
    prompts: int = 20_000,
    told: Told = silent,
    *,
    patience: float | None = None,
) -> Rehearsed:
    """Lay so many made-up prompts into the empty store at `source`, move them into a library whose
    index is `target` (else an embedded one) while both sides are written to and read, spoil what
    was moved in every way, cut over, and roll back. A read waits `patience` seconds for the
    library, else as long as the settings say. Raises GuardRefused for a store that is not empty."""
    began = time.monotonic()
    with TemporaryDirectory(prefix="promptuary-drill-") as folder:
        home = Path(folder) / "home"
        settings = patient(Settings(home=home, index_url=target, move_from_url=source), patience)
        outcome = asyncio.run(_rehearse(settings, made_up(prompts), told))
    return whole(outcome, settings, time.monotonic() - began)


async def _rehearse(settings: Settings, there: MadeUp, told: Told) -> Rehearsed:
    archive = await open_prompt_archive(settings.move_from_url.get_secret_value())
    try:
        if not isinstance(archive, RehearsingArchive):
            raise Unsupported("this store cannot be filled for a rehearsal")
        if not await archive.empty():
            raise GuardRefused("the older store is not empty; name one that is")
        async with await Promptuary.open(settings=settings) as promptuary:
            if (await promptuary.index_health()).entries:
                raise GuardRefused("the index is not empty; name one that is")
            try:
                await archive.lay(there.prompts, there.lists)
                return await _moved(promptuary, archive, told)
            finally:
                with suppress(PromptuaryError):
                    await archive.clear()
                with suppress(PromptuaryError):
                    async with promptuary._follower.held() as parts:
                        await parts.index.clear()
    finally:
        await archive.aclose()


async def _moved(promptuary: Promptuary, archive: RehearsingArchive, told: Told) -> Rehearsed:
    course = promptuary.moves.prompts
    if course is None:
        raise AssertionError  # the settings name where to move from
    await promptuary.moves.plan()
    traffic = _Traffic(promptuary, archive)
    living = asyncio.create_task(traffic.live())
    try:
        await promptuary.moves.start(progress=told)
        made, found, left = await _spoiled(promptuary, course, archive)
        move = await given_over(promptuary, traffic.read, traffic.leave)
        began = time.monotonic()
        ended = await promptuary.moves.rollback(reason="the rehearsal ends here")
        await traffic.read(1)
        took = time.monotonic() - began
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
    await course.way.deliver(ended)
    lost = await traffic.lost()
    gave_back = any("the new store" in note for note in ended.notes)
    move = replace(ended, shadow=move.shadow)
    return Rehearsed(
        passed=made == found and not (left or lost or traffic.failed or gave_back),
        move=move,
        faults_made=made,
        faults_found=found,
        left_after_repair=left,
        reads=traffic.reads,
        failed_reads=traffic.failed,
        longest_read=traffic.longest,
        writes=len(traffic.here) + len(traffic.there),
        lost_writes=lost,
        rollback_seconds=took,
    )


class _Traffic:
    """Clients of both services, who remember what was acknowledged: by the id in the older store,
    what a prompt says."""

    def __init__(self, promptuary: Promptuary, archive: RehearsingArchive) -> None:
        self._promptuary = promptuary
        self._archive = archive
        self._drawn = random.Random(7)  # noqa: S311 - no secret hangs on it
        self.reads = self.failed = 0
        self.longest = 0.0
        self.here: dict[str, str] = {}
        self.there: dict[str, str] = {}
        self.both = True
        """Whether the older service still writes: until the cut-over."""

    async def live(self) -> None:
        """Until cancelled, also where the older store's client forgets that it was."""
        task = asyncio.current_task()
        while task is not None and not task.cancelling():
            await self._write()
            await self.read(1)
            await asyncio.sleep(BREATH_SECONDS)

    async def _write(self) -> None:
        slug, text = f"smartprompt/errand-{len(self.here)}", f"Errand {len(self.here)} of ours."
        await self._promptuary.library.save(slug, text)
        self.here[older_id_of(slug)] = text
        if self.both:
            number = str(THEIRS + len(self.there))
            said = OlderSaid(f"Errand {number} of theirs.", detected_topics=("errands",))
            if await self._archive.write(number, write_older(said), expected=None):
                self.there[number] = said.text

    async def read(self, times: int) -> None:
        """Ask for a topic that there are prompts about."""
        for _ in range(times):
            reads = self._promptuary.moves.older_reads()
            if reads is None:
                return
            self.reads += 1
            began = time.monotonic()
            try:
                found = await reads.about([self._drawn.choice(TOPICS)], None, 10)
                self.failed += not found.answers
            except PromptuaryError:
                self.failed += 1
            self.longest = max(self.longest, time.monotonic() - began)

    async def leave(self) -> None:
        """The older service writes no more."""
        self.both = False
        await asyncio.sleep(BREATH_SECONDS)  # what is under way may end

    async def lost(self) -> int:
        """How many acknowledged writes the older store does not hold, which answers now, or, where
        it was cut over to, the library does not."""
        wanted = {**self.here, **self.there}
        kept: dict[str, str] = {}
        for each in await self._archive.get(list(wanted)):
            kept[each.id] = read_older(each.raw).said.text
        missing = sum(kept.get(number) != text for number, text in wanted.items())
        for number in () if self.both else self.there:
            with suppress(PromptuaryError):
                await self._promptuary.library.get(slug_of_older(number), count=False)
                continue
            missing += 1
        return missing


async def _spoiled(
    promptuary: Promptuary, course: PromptsCourse, archive: RehearsingArchive
) -> tuple[int, int, int]:
    """Spoil prompts on both sides and entries of the index, and see what a comparison makes of it:
    how many faults were made, how many were found under their right name, how many a repair
    left."""
    move = await promptuary.moves.get()
    async with course.alone():
        async with promptuary._follower.held() as parts:
            spoiled = await spoil(parts.index, EACH, Eq("kind", "library"))
        # What has a fault in the index gets none on a side, which might hide the first.
        sides = await _spoiled_sides(promptuary, archive, set(chain(*spoiled.values())))
        made = {fault: len(ids) + sides.get(fault, 0) for fault, ids in spoiled.items()}
        seen = await course.way.compare(move, silent, mend=False)
        repaired = await course.way.compare(move, silent, mend=True)
    found = sum(min(made.get(fault, 0), seen.faults.get(fault, 0)) for fault in FAULTS)
    return sum(made.values()), found, sum(repaired.faults.values())


async def _spoiled_sides(
    promptuary: Promptuary, archive: RehearsingArchive, but: Container[str]
) -> Mapping[Fault, int]:
    """Behind everybody's back, prompts vanish here or get another text there, or break there, but
    none of those ids."""
    page, _ = await archive.page()
    others = [each for each in page if library_prompt_id(slug_of_older(each.id)) not in but]
    sound = [each for each in others if await _is_kept(promptuary, each)][: 3 * EACH]
    gone, broken, other = sound[:EACH], sound[EACH : 2 * EACH], sound[2 * EACH :]
    async with promptuary._record.begin() as tx:
        for each in gone:
            await tx.library.remove(library_prompt_id(slug_of_older(each.id)))
    said = OlderSaid("Somebody else's words.")
    await archive.lay([OlderPrompt(each.id, b"{broken") for each in broken], [])
    await archive.lay([OlderPrompt(e.id, write_older(_own(said, e))) for e in other], [])
    return {"missing": len(gone), "type": len(broken), "value": len(other)}


def _own(said: OlderSaid, prompt: OlderPrompt) -> OlderSaid:
    """Words that no other prompt says."""
    return replace(said, text=f"{said.text} {prompt.id}")


async def _is_kept(promptuary: Promptuary, prompt: OlderPrompt) -> bool:
    """Whether it was taken under its own id: a duplicate was taken under another."""
    with suppress(PromptuaryError):
        await promptuary.library.get(slug_of_older(prompt.id), count=False)
        return True
    return False
