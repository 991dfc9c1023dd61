"""How a move went, in a page that somebody who did not drive it can read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from promptuary.domain.moves import Move, Shadow
from promptuary.domain.upkeep import Verified

STOOD: Final = {
    "plan": "planned; nothing was changed yet",
    "preflight": "being checked beforehand",
    "dual_write": "about to be copied",
    "backfill": "being copied",
    "verify": "being compared",
    "shadow_read": "copied and verified; the old store answers, the new one is asked beside it",
    "ramp": "shared between both stores",
    "cutover": "with the new store",
    "soak": "with the new store; the old one is kept up to date for a way back",
    "finalize": "with the new store for good",
    "rolled_back": "with the old store, as before",
    "aborted": "with the old store; the move was given up before anything was copied",
}


def report(move: Move) -> str:
    """The move as Markdown: where reads are, what was copied and compared, what both stores said
    to the same reads, how long each step took, what happened. Every figure was measured."""
    return "\n".join(_lines(move)) + "\n"


def _lines(move: Move) -> Iterator[str]:
    yield f"# The index moves from `{move.source}` to `{move.target}`"
    yield ""
    yield f"Reads are {STOOD[move.step]}."
    if move.paused:
        yield f"The move is paused: {move.paused}."
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| Move | `{move.id}` |"
    yield f"| Begun | {_moment(move.created_at)} |"
    yield f"| Last change | {_moment(move.updated_at)} |"
    yield f"| Reads from the new store | {100 if move.switched else move.percent} % |"
    yield f"| Entries copied | {move.copied:,} of {move.total:,} |"
    yield from _compared(move.verified)
    yield from _shadowed(move.shadow)
    yield from _took(move)
    if move.notes:
        yield ""
        yield "## What happened"
        yield ""
        yield from (f"- {note}" for note in move.notes)


def _compared(found: Verified | None) -> Iterator[str]:
    if found is None:
        yield "| Compared with the record | not yet |"
        return
    yield f"| Compared with the record | {found.entries:,} entries, all of them |"
    wrong = ", ".join(f"{count:,} {fault}" for fault, count in found.faults.items())
    yield f"| Wrong | {wrong or 'nothing'} |"
    if found.repaired:
        yield f"| Repaired | {found.repaired:,} |"
    yield f"| Digest of all ids | `{found.digest}` |"


def _shadowed(shadow: Shadow) -> Iterator[str]:
    if not shadow.reads:
        return
    yield f"| Reads asked of both stores | {shadow.reads:,}, {shadow.errors:,} failed |"
    yield f"| Best ten in common | {shadow.overlap:.1%} |"
    yield f"| Rank-biased overlap | {shadow.rbo:.3f} |"
    yield f"| Reads with differing data | {shadow.mismatches:,} |"
    yield f"| p95 of the old, the new store | {shadow.old_ms:.1f}, {shadow.new_ms:.1f} ms |"


def _took(move: Move) -> Iterator[str]:
    for step, seconds in move.took.items():
        rate = f", {move.copied / seconds:,.0f} a second" if step == "backfill" and seconds else ""
        yield f"| {step.replace('_', ' ').capitalize()} took | {seconds:.1f} s{rate} |"


def _moment(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else "-"
