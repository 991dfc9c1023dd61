"""How a move went, in a page that somebody who did not drive it can read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from promptuary.domain.moves import Move, Shadow
from promptuary.domain.relevance import Answered, Relevance
from promptuary.domain.upkeep import Verified

STOOD: Final = {
    "plan": "The move is planned; nothing was changed yet.",
    "preflight": "Both stores are being checked; the old store answers.",
    "dual_write": "The copy is about to begin; the old store answers.",
    "backfill": "Everything is being copied; the old store answers.",
    "verify": "The copy is being compared with the record; the old store answers.",
    "shadow_read": "All is copied and verified; the old store answers, and the new one is asked "
    "beside it.",
    "ramp": "Reads are shared between both stores.",
    "cutover": "Reads are with the new store.",
    "soak": "Reads are with the new store; the old one is kept up to date for a way back.",
    "finalize": "Reads are with the new store for good.",
    "rolled_back": "Reads are with the old store, as before.",
    "aborted": "Reads are with the old store; the move was given up before anything was copied.",
}


def report(move: Move) -> str:
    """The move as Markdown: where reads are, what was copied and compared, what both stores said
    to the same reads, how long each step took, what happened. Every figure was measured."""
    return "\n".join(_lines(move)) + "\n"


def _lines(move: Move) -> Iterator[str]:
    what = "The index moves" if move.kind == "index" else "Prompts move"
    yield f"# {what} from `{move.source}` to `{move.target}`"
    yield ""
    yield STOOD[move.step]
    if move.paused:
        yield f"The move is paused: {move.paused}."
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| Move | `{move.id}` |"
    if move.tenant:
        yield f"| Into the library of | {move.tenant} |"
    yield f"| Begun | {_moment(move.created_at)} |"
    yield f"| Last change | {_moment(move.updated_at)} |"
    yield f"| Reads from the new store | {100 if move.switched else move.percent} % |"
    yield f"| Entries copied | {move.copied:,} of {move.total:,} |"
    yield from _compared(move.verified)
    yield from _shadowed(move.shadow)
    yield from _took(move)
    yield from judged_lines(move.judged)
    if move.refused:
        yield ""
        yield "## What the new store refuses"
        yield ""
        yield from (f"- `{name}`: {why}" for name, why in move.refused.items())
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
    empty = f"{shadow.old_empty:,}, {shadow.new_empty:,}"
    yield f"| Reads to which the old, the new store found nothing | {empty} |"
    yield f"| Reads with differing data | {shadow.mismatches:,} |"
    yield f"| p95 of the old, the new store | {shadow.old_ms:.1f}, {shadow.new_ms:.1f} ms |"


def judged_lines(judged: Relevance | None) -> Iterator[str]:
    """What both stores made of judged queries, side by side; nothing where none were asked."""
    if judged is None:
        return
    old, new = judged.old, judged.new
    yield ""
    yield "## Judged queries"
    yield ""
    unknown = f" {judged.unknown:,} of the judged entries are in neither." if judged.unknown else ""
    yield f"{judged.queries:,} queries asked of both stores at {_moment(judged.at)}.{unknown}"
    yield ""
    yield "| | Old store | New store |"
    yield "|---|---|---|"
    yield f"| nDCG@10 | {old.ndcg10:.4f} | {new.ndcg10:.4f} |"
    yield f"| p95 | {old.p95_ms:.1f} ms | {new.p95_ms:.1f} ms |"
    failed = (f"{each.failed / judged.queries:.1%}" for each in (old, new))
    yield f"| Failed | {' | '.join(failed)} |"
    yield f"| Nothing found | {old.empty:,} | {new.empty:,} |"
    yield f"| From a change until it can be found | {_delay(old)} | {_delay(new)} |"


def _delay(answered: Answered) -> str:
    return "not measured" if answered.delay_ms is None else f"{answered.delay_ms:.0f} ms"


def _took(move: Move) -> Iterator[str]:
    for step, seconds in move.took.items():
        rate = f", {move.copied / seconds:,.0f} a second" if step == "backfill" and seconds else ""
        yield f"| {step.replace('_', ' ').capitalize()} took | {seconds:.1f} s{rate} |"


def _moment(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else "-"
