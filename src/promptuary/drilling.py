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
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from promptuary.app import Promptuary
from promptuary.domain.errors import PromptuaryError
from promptuary.domain.moves import RAMP, Move
from promptuary.domain.reports import Told, silent
from promptuary.domain.upkeep import FAULTS
from promptuary.moving.report import report
from promptuary.settings import Settings

EACH = 3
"""So many faults of each kind are made."""
READS = 200
BREATH_SECONDS = 0.1
"""How long the one who reads and writes all the while rests between two turns."""
_VERBS = ("Write", "Summarise", "Translate", "Explain", "Review", "Plan", "Rewrite", "Compare")
_THINGS = ("a letter", "the report", "an invoice", "a recipe", "the minutes", "a poem", "a test")
_FOR = ("my aunt", "the board", "a customer", "new engineers", "the press", "school children")


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How a rehearsal went; every figure was measured. `text` is the report for people."""

    passed: bool
    move: Move
    faults_made: int
    faults_found: int
    left_after_repair: int
    reads: int
    failed_reads: int
    writes: int
    lost_writes: int
    rollback_seconds: float
    text: str = ""


def drill(target: str = "", prompts: int = 2_000, told: Told = silent) -> Rehearsed:
    """Move made-up prompts from an embedded index to `target` (else to a second embedded one) while
    they are read and more are written, spoil entries of each kind, cut over, and roll back."""
    with TemporaryDirectory(prefix="promptuary-drill-") as folder:
        home = Path(folder) / "home"
        url = target or f"edge:{folder}/new-index"
        settings = Settings(home=home, move_index_url=url, window_prompts=max(prompts, 10))
        return asyncio.run(_rehearse(settings, prompts, told))


async def _rehearse(settings: Settings, prompts: int, told: Told) -> Rehearsed:
    async with await Promptuary.open(settings=settings) as promptuary:
        texts = list(_texts(prompts))
        await promptuary.ingest(texts, complete=True, progress=told)
        await promptuary.moves.plan()
        traffic = _Traffic(promptuary, texts)
        living = asyncio.create_task(traffic.live())
        try:
            await promptuary.moves.start(progress=told)
            made, found, left = await _spoiled(promptuary)
            move = await _given_over(promptuary, traffic)
            began = time.monotonic()
            ended = await promptuary.moves.rollback(reason="the rehearsal ends here")
            await traffic.read(1)
            took = time.monotonic() - began
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
        lost = await traffic.lost()
        await _tidied(promptuary)
    # Of a move that nothing befell, the way back is the only note.
    whole = not (left or lost or traffic.failed or len(ended.notes) > 1)
    move = replace(ended, shadow=move.shadow)
    outcome = Rehearsed(
        passed=made == found and whole,
        move=move,
        faults_made=made,
        faults_found=found,
        left_after_repair=left,
        reads=traffic.reads,
        failed_reads=traffic.failed,
        writes=len(traffic.written),
        lost_writes=lost,
        rollback_seconds=took,
    )
    return replace(outcome, text=report(move) + "\n".join(_lines(outcome)) + "\n")


class _Traffic:
    """Somebody who reads and writes all the while, and remembers what was acknowledged."""

    def __init__(self, promptuary: Promptuary, texts: Sequence[str]) -> None:
        self._promptuary = promptuary
        self._texts = texts
        self._drawn = random.Random(7)  # noqa: S311 - no secret hangs on it
        self.reads = self.failed = 0
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
            try:
                answer = await self._promptuary.search(self._drawn.choice(self._texts), limit=10)
                self.failed += not answer.hits
            except PromptuaryError:
                self.failed += 1

    async def lost(self) -> int:
        """How many acknowledged writes the store that answers now does not find."""
        await self._promptuary.settle()
        missing = 0
        for text in self.written:
            answer = await self._promptuary.search(text, kinds=["prompt"], limit=3)
            missing += all(hit.texts["text"] != text for hit in answer.hits)
        return missing


async def _given_over(promptuary: Promptuary, traffic: _Traffic) -> Move:
    """Give the new store one share of the reads after the other, and all of them. A new store that
    fails or is too slow gets no further: the move is paused then, and says why."""
    move = await promptuary.moves.get()
    for _ in RAMP:
        await traffic.read(READS // len(RAMP))
        if (await promptuary.moves.get()).paused:
            return await promptuary.moves.get()
        move = await promptuary.moves.ramp()
    await promptuary.moves.cutover()
    await traffic.read(READS // len(RAMP))
    return move


async def _spoiled(promptuary: Promptuary) -> tuple[int, int, int]:
    """Spoil entries of the new store in every way, and see what a comparison makes of it: how many
    faults were made, how many were found under their right name, how many a repair left."""
    made = await promptuary.moves.spoil(EACH)
    seen = (await promptuary.moves.verify()).verified
    repaired = (await promptuary.moves.repair()).verified
    if seen is None or repaired is None:
        raise AssertionError  # a comparison leaves its outcome
    found = sum(min(made.get(fault, 0), seen.faults.get(fault, 0)) for fault in FAULTS)
    return sum(made.values()), found, sum(repaired.faults.values())


async def _tidied(promptuary: Promptuary) -> None:
    """Take away what stands in the target, which may be somebody's server."""
    with suppress(PromptuaryError):
        await promptuary.moves.clear_target()


def _texts(count: int) -> Iterator[str]:
    drawn = random.Random(11)  # noqa: S311 - no secret hangs on it
    for number in range(count):
        verb, thing, reader = (drawn.choice(words) for words in (_VERBS, _THINGS, _FOR))
        yield f"{verb} {thing} number {number} for {reader}."


def _lines(outcome: Rehearsed) -> Iterator[str]:
    yield ""
    yield "## The rehearsal"
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| Faults made, found by name | {outcome.faults_made}, {outcome.faults_found} |"
    yield f"| Left after the repair | {outcome.left_after_repair} |"
    yield f"| Reads meanwhile, failed | {outcome.reads:,}, {outcome.failed_reads:,} |"
    yield f"| Writes meanwhile, lost | {outcome.writes:,}, {outcome.lost_writes:,} |"
    yield f"| Until the old store answered again | {outcome.rollback_seconds:.3f} s |"
    yield f"| Outcome | {'passed' if outcome.passed else 'FAILED'} |"
