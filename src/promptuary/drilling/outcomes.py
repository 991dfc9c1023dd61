"""What rehearsals have in common: giving the new side the reads, and how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from promptuary.app import Promptuary
from promptuary.domain.errors import GuardRefused, LeaseLost
from promptuary.domain.moves import RAMP, Move
from promptuary.moving.report import report
from promptuary.settings import Settings

EACH: Final = 3
"""So many faults of each kind are made, on each side."""
READS: Final = 200
BREATH_SECONDS: Final = 0.1
"""How long those who read and write all the while rest between two turns."""
NOTED: Final = 50


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
    """From the order to go back until the old store has answered a read."""
    longest_read: float = 0.0
    """Seconds that the slowest read took, whoever answered it."""
    seconds: float = 0.0
    """All of it, with laying out what is moved, and putting everything away."""
    patience: float = 0.0
    """How many seconds a read waited for the new store."""
    text: str = ""


async def given_over(
    promptuary: Promptuary,
    read: Callable[[int], Awaitable[None]],
    before_the_last: Callable[[], Awaitable[None]],
) -> Move:
    """Give the new store one share of the reads after the other, and after `before_the_last` all of
    them. A new store that fails or is too slow gets no further: the move is paused then, and says
    why."""
    for _ in RAMP:
        await read(READS // len(RAMP))
        if (move := await promptuary.moves.get()).fallbacks:
            return move
        if (move := await _stepped(promptuary, promptuary.moves.ramp)).fallbacks:
            return move
    await before_the_last()
    if (move := await _stepped(promptuary, promptuary.moves.cutover)).fallbacks:
        return move
    await read(READS // len(RAMP))
    return move


async def _stepped(promptuary: Promptuary, step: Callable[[], Awaitable[Move]]) -> Move:
    """The move after a step; one with `fallbacks` where the new store was given up meanwhile."""
    try:
        return await step()
    except (GuardRefused, LeaseLost):
        for _ in range(NOTED):  # who gives it up takes the move first, and writes down why then
            if (move := await promptuary.moves.get()).fallbacks:
                return move
            await asyncio.sleep(BREATH_SECONDS)
        raise


def patient(settings: Settings, patience: float | None) -> Settings:
    """The settings of a rehearsal, with that patience where one is given."""
    if patience is None:
        return settings
    return settings.model_copy(update={"move_patience_seconds": patience})


def whole(outcome: Rehearsed, settings: Settings, seconds: float) -> Rehearsed:
    """The outcome with what is known at the end, and its report for people."""
    known = replace(outcome, seconds=seconds, patience=settings.move_patience_seconds)
    return replace(known, text=report(known.move) + "\n".join(_lines_of(known)) + "\n")


def _lines_of(outcome: Rehearsed) -> Iterator[str]:
    """The page that follows the report of the move."""
    yield ""
    yield "## The rehearsal"
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| Faults made, found by name | {outcome.faults_made}, {outcome.faults_found} |"
    yield f"| Left after the repair | {outcome.left_after_repair} |"
    yield f"| Reads meanwhile, failed | {outcome.reads:,}, {outcome.failed_reads:,} |"
    yield f"| The longest read took | {outcome.longest_read:.3f} s |"
    yield f"| Writes meanwhile, lost | {outcome.writes:,}, {outcome.lost_writes:,} |"
    yield f"| Until the old store answered again | {outcome.rollback_seconds:.3f} s |"
    yield f"| A read waited for the new store | {outcome.patience:g} s at most |"
    yield f"| All of it took | {outcome.seconds:,.0f} s |"
    yield f"| Outcome | {'passed' if outcome.passed else 'FAILED'} |"
