"""Moves of the search index from one store to another, step by step, reversible until the last.

A move is data: which step it is at, what share of the reads the new store answers, what was found.
What a step does stands in `moving/driving.py`, which step may follow which here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Final, Literal, TypeAlias

from promptuary.domain.errors import GuardRefused
from promptuary.domain.relevance import Relevance
from promptuary.domain.upkeep import Verified

Step: TypeAlias = Literal[
    "plan",
    "preflight",
    "dual_write",
    "backfill",
    "verify",
    "shadow_read",
    "ramp",
    "cutover",
    "soak",
    "finalize",
    "rolled_back",
    "aborted",
]
MoveKind: TypeAlias = Literal["index", "prompts"]
"""What moves: the search index to another store, or the prompts of an older service in here."""
ORDER: Final[tuple[Step, ...]] = (
    "plan",
    "preflight",
    "dual_write",
    "backfill",
    "verify",
    "shadow_read",
    "ramp",
    "cutover",
    "soak",
    "finalize",
)
RAMP: Final = (1, 5, 25, 50, 100)
"""Shares of the reads, in per cent, that the new store answers one after the other."""
TAKEN_BACK: Final[frozenset[Step]] = frozenset({"rolled_back", "aborted"})
OVER: Final[frozenset[Step]] = TAKEN_BACK | {"finalize"}
FED: Final[frozenset[Step]] = frozenset(ORDER[2:9])
"""Steps in which the new store is owed every change."""
FOLLOWED: Final[frozenset[Step]] = frozenset(ORDER[5:])
"""Steps in which it gets every change at once; before, it gets them together with the copy."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """Reads that both stores answered: how alike their answers were, and how quick.

    `overlap` and `rbo` are means over the reads of the share of the best ten in common, and of
    rank-biased overlap (Webber, Moffat & Zobel 2010, p = .9); milliseconds are 95th percentiles.
    `old_empty` and `new_empty` are reads to which a store found nothing.
    """

    reads: int = 0
    overlap: float = 0.0
    rbo: float = 0.0
    mismatches: int = 0
    errors: int = 0
    old_ms: float = 0.0
    new_ms: float = 0.0
    old_empty: int = 0
    new_empty: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """One move. `source` and `target` are URLs without their passwords.

    `percent` of the keys are read from the new store; `fence` grows whenever somebody takes the
    wheel, and a write that carries an older one is refused. `tenant` is whose library prompts move
    into; an index is of all tenants. `cursor` is how far the backfill has
    come, after the new store's acknowledgement. `judged` is what both stores made of queries that
    somebody judged, `took` are seconds by step, `refused` the ids that the new store does not take,
    with its reasons, `fallbacks` counts how often the old store was given everything back.
    """

    id: str
    source: str
    target: str
    space: str
    kind: MoveKind = "index"
    tenant: str = ""
    step: Step = "plan"
    percent: int = 0
    paused: str = ""
    fence: int = 0
    cursor: str = ""
    copied: int = 0
    total: int = 0
    verified: Verified | None = None
    shadow: Shadow = Shadow()
    judged: Relevance | None = None
    took: Mapping[str, float] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    fallbacks: int = 0
    notes: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.step in OVER

    @property
    def switched(self) -> bool:
        """Whether the new store answers everybody."""
        return self.step in {"cutover", "soak", "finalize"}


def asks_new(move: Move, key: str) -> bool:
    """Whether the new store answers for that key: sticky, so that the same key is answered by the
    same store as long as the share stays, and by the new one from then on as it grows."""
    if move.switched:
        return True
    if move.step != "ramp" or move.percent <= 0:
        return False
    drawn = blake2b(f"{move.id}\0{key}".encode(errors="replace"), digest_size=4).digest()
    return int.from_bytes(drawn) % 10_000 < move.percent * 100


def startable(move: Move) -> Move:
    """The move, where it may be started or go on. Raises GuardRefused while it is paused, and once
    it is over."""
    if move.over:
        raise GuardRefused(f"the move is over ({move.step}): {due(move)}")
    if move.paused:
        raise GuardRefused(f"the move is paused ({move.paused}); resume it first")
    return move


def due(move: Move) -> str:
    """What an operator does next, in a few words."""
    if move.over:
        return "plan another one"
    if move.step == "ramp":
        return "ramp it to 100 and cut it over"
    if move.step == "shadow_read":
        return "ramp it first"
    return "it was cut over already" if move.switched else "start it first"


def after(move: Move) -> Move:
    """The move at its next step. Raises GuardRefused where none may follow yet."""
    if move.over:
        raise GuardRefused(f"the move is over: {move.step}")
    if move.paused:
        raise GuardRefused(f"the move is paused ({move.paused}); resume it first")
    following = ORDER[ORDER.index(move.step) + 1]
    if following == "shadow_read" and not (move.verified and move.verified.clean):
        raise GuardRefused("the new store has not been found equal to the record; verify it first")
    if following == "cutover" and move.percent < 100:
        raise GuardRefused(f"{move.percent} % of the reads are with the new store; ramp to 100")
    return replace(move, step=following)


def ramped(move: Move, percent: int) -> Move:
    """The move with that share of the reads, up or down. Raises GuardRefused before it was
    verified, while it is paused, and once it is over, or switched."""
    if move.paused:
        raise GuardRefused(f"the move is paused ({move.paused}); resume it first")
    if move.step not in {"shadow_read", "ramp"}:
        raise GuardRefused(
            f"reads are given over in steps from shadow_read on, not in {move.step}: {due(move)}"
        )
    if not (move.verified and move.verified.clean):
        raise GuardRefused("the new store has not been found equal to the record; verify it first")
    if not 0 <= percent <= 100:
        raise GuardRefused("a share is between 0 and 100 per cent")
    return replace(move, step="ramp", percent=percent)


def given_back(move: Move, reason: str) -> Move:
    """The move paused with the old store answering everybody, though it was cut over already: for
    a new store that fails. Raises GuardRefused where the new store answers nobody."""
    if move.step not in {"shadow_read", "ramp", "cutover", "soak"}:
        raise GuardRefused(f"there is nothing to give back in {move.step}")
    step: Step = "shadow_read" if move.step == "shadow_read" else "ramp"
    notes, fallbacks = (*move.notes, reason), move.fallbacks + 1
    return replace(move, step=step, percent=0, paused=reason, notes=notes, fallbacks=fallbacks)


def taken_back(move: Move, reason: str) -> Move:
    """The move rolled back: the old store, which was given every change, answers everybody at once.
    Raises GuardRefused once it is over."""
    if move.over:
        raise GuardRefused(f"the move is over: {move.step}")
    step: Step = "rolled_back" if move.step in FED else "aborted"
    return replace(move, step=step, percent=0, paused="", notes=(*move.notes, reason))
