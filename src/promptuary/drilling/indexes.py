"""A rehearsal of a move: made-up prompts, a real target, faults, live traffic, and the way back.

It happens in a folder of its own that is removed afterwards; of the target it takes what it put
there away again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from promptuary.app import Promptuary
from promptuary.domain.errors import GuardRefused, PromptuaryError
from promptuary.domain.reports import Told, silent
from promptuary.domain.upkeep import FAULTS
from promptuary.drilling.outcomes import (
    BREATH_SECONDS,
    EACH,
    Rehearsed,
    given_over,
    patient,
    whole,
)
from promptuary.moving.index_course import IndexCourse
from promptuary.moving.spoiling import spoil
from promptuary.settings import Settings

_VERBS = ("Write", "Summarise", "Translate", "Explain", "Review", "Plan", "Rewrite", "Compare")
_THINGS = ("a letter", "the report", "an invoice", "a recipe", "the minutes", "a poem", "a test")
_FOR = ("my aunt", "the board", "a customer", "new engineers", "the press", "school children")


def drill(
    target: str = "", prompts: int = 2_000, told: Told = silent, *, patience: float | None = None
) -> Rehearsed:
    """Move made-up prompts from an embedded index to `target` (else to a second embedded one) while
    they are read and more are written, spoil entries of each kind, cut over, and roll back. A read
    waits `patience` seconds for the new one, else as long as the settings say."""
    began = time.monotonic()
    with TemporaryDirectory(prefix="promptuary-drill-") as folder:
        home = Path(folder) / "home"
        url = target or f"edge:{folder}/new-index"
        settings = patient(
            Settings(home=home, move_index_url=url, window_prompts=max(prompts, 10)), patience
        )
        outcome = asyncio.run(_rehearse(settings, prompts, told))
    return whole(outcome, settings, time.monotonic() - began)


async def _rehearse(settings: Settings, prompts: int, told: Told) -> Rehearsed:
    async with await Promptuary.open(settings=settings) as promptuary:
        index = promptuary.moves.index
        if index is None:
            raise AssertionError  # a rehearsal names where to move to
        if held := await index.target.count():
            raise GuardRefused(f"the new index holds {held:,} entries; name one that is empty")
        try:
            return await _moved(promptuary, index, prompts, told)
        finally:
            await _tidied(promptuary, index)


async def _moved(promptuary: Promptuary, index: IndexCourse, prompts: int, told: Told) -> Rehearsed:
    texts = list(_texts(prompts))
    await promptuary.ingest(texts, complete=True, progress=told)
    await promptuary.moves.plan()
    traffic = _Traffic(promptuary, texts)
    living = asyncio.create_task(traffic.live())
    try:
        await promptuary.moves.start(progress=told)
        made, found, left = await _spoiled(promptuary, index)
        move = await given_over(promptuary, traffic.read, _nothing)
        began = time.monotonic()
        ended = await promptuary.moves.rollback(reason="the rehearsal ends here")
        await traffic.read(1)
        took = time.monotonic() - began
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
    lost = await traffic.lost()
    # Of a move that nothing befell, the way back is the only note.
    sound = not (left or lost or traffic.failed or len(ended.notes) > 1)
    move = replace(ended, shadow=move.shadow)
    return Rehearsed(
        passed=made == found and sound,
        move=move,
        faults_made=made,
        faults_found=found,
        left_after_repair=left,
        reads=traffic.reads,
        failed_reads=traffic.failed,
        longest_read=traffic.longest,
        writes=len(traffic.written),
        lost_writes=lost,
        rollback_seconds=took,
    )


class _Traffic:
    """Somebody who reads and writes all the while, and remembers what was acknowledged."""

    def __init__(self, promptuary: Promptuary, texts: Sequence[str]) -> None:
        self._promptuary = promptuary
        self._texts = texts
        self._drawn = random.Random(7)  # noqa: S311 - no secret hangs on it
        self.reads = self.failed = 0
        self.longest = 0.0
        self.written: list[str] = []

    async def live(self) -> None:
        """Until cancelled."""
        while True:
            text = f"Remind me of errand number {len(self.written)} tomorrow."
            await self._promptuary.ingest([text], place=False)
            self.written.append(text)
            await self.read(1)
            await asyncio.sleep(BREATH_SECONDS)

    async def read(self, times: int) -> None:
        """Search for something that is there."""
        for _ in range(times):
            self.reads += 1
            began = time.monotonic()
            try:
                answer = await self._promptuary.search(self._drawn.choice(self._texts), limit=10)
                self.failed += not answer.hits
            except PromptuaryError:
                self.failed += 1
            self.longest = max(self.longest, time.monotonic() - began)

    async def lost(self) -> int:
        """How many acknowledged writes the store that answers now does not find."""
        await self._promptuary.settle()
        missing = 0
        for text in self.written:
            answer = await self._promptuary.search(text, kinds=["prompt"], limit=3)
            missing += all(hit.texts["text"] != text for hit in answer.hits)
        return missing


async def _nothing() -> None:
    """Whoever writes goes on."""


async def _spoiled(promptuary: Promptuary, index: IndexCourse) -> tuple[int, int, int]:
    """Spoil entries of the new store in every way, and see what a comparison makes of it: how many
    faults were made, how many were found under their right name, how many a repair left."""
    async with index.alone():
        spoiled = await spoil(index.target, EACH)
    made = {fault: len(ids) for fault, ids in spoiled.items()}
    seen = (await promptuary.moves.verify()).verified
    repaired = (await promptuary.moves.repair()).verified
    if seen is None or repaired is None:
        raise AssertionError  # a comparison leaves its outcome
    found = sum(min(made.get(fault, 0), seen.faults.get(fault, 0)) for fault in FAULTS)
    return sum(made.values()), found, sum(repaired.faults.values())


async def _tidied(promptuary: Promptuary, index: IndexCourse) -> None:
    """Take away what stands in the target, which may be somebody's server; also where the rehearsal
    was stopped in the middle of a move, which would put it there again."""
    with suppress(PromptuaryError):
        if index.followed is not None:
            await promptuary.moves.rollback(reason="the rehearsal was stopped")
    with suppress(PromptuaryError):
        async with index.alone():
            await index.target.clear()


def _texts(count: int) -> Iterator[str]:
    drawn = random.Random(11)  # noqa: S311 - no secret hangs on it
    for number in range(count):
        verb, thing, reader = (drawn.choice(words) for words in (_VERBS, _THINGS, _FOR))
        yield f"{verb} {thing} number {number} for {reader}."
