"""Moves between stores as they go over the wire."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from pydantic import ConfigDict, Field

from promptuary.api.schemas.basics import Short, Text, Wire
from promptuary.domain.moves import Move, MoveKind, Step


class MovePlanIn(Wire):
    """What is to move; nothing where the settings of the server name one thing only. Prompts move
    into the library of `tenant`: without one of the key's own, and without that of the setting."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "index"}]})

    kind: MoveKind | None = None
    tenant: Short | None = None


class JudgedQueryIn(Wire):
    """A query, and the grades of the entries that answer it, by id or slug."""

    text: Short
    grades: dict[Short, int] = Field(min_length=1, max_length=1_000)


class MoveStepIn(Wire):
    """What a step needs: `percent` for `ramp` (nothing: the next larger share), `reason` for
    `rollback` and `pause`, `judged` queries for `judge`, and `sure` for `finalize`, from which
    no way leads back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"percent": 5}]})

    percent: int | None = Field(default=None, ge=0, le=100)
    reason: Short = ""
    judged: list[JudgedQueryIn] = Field(default=[], max_length=10_000)
    sure: bool = False


class ShadowOut(Wire):
    """What both stores said to the same reads."""

    reads: int
    overlap: float
    rbo: float
    mismatches: int
    errors: int
    old_ms: float
    new_ms: float
    old_empty: int
    new_empty: int


class AnsweredOut(Wire):
    """What one store made of judged queries."""

    ndcg10: float
    p95_ms: float
    failed: int
    empty: int
    delay_ms: float | None


class RelevanceOut(Wire):
    """What both stores made of the same judged queries."""

    queries: int
    unknown: int
    old: AnsweredOut
    new: AnsweredOut
    at: datetime | None


class VerifiedOut(Wire):
    """The last comparison of all entries."""

    entries: int
    faults: dict[str, int]
    examples: dict[str, tuple[Text, ...]]
    repaired: int
    digest: str


class MoveOut(Wire):
    """How a move stands."""

    id: str
    kind: MoveKind
    tenant: Text
    source: str
    target: str
    space: str
    step: Step
    percent: int
    paused: Text
    copied: int
    total: int
    verified: VerifiedOut | None
    shadow: ShadowOut
    judged: RelevanceOut | None
    took: dict[str, float]
    refused: dict[str, Text]
    fallbacks: int
    notes: tuple[Text, ...]
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def of(cls, move: Move) -> MoveOut:
        """For a client."""
        return cls.model_validate(asdict(move))


class MoveList(Wire):
    """A page of moves, the newest first."""

    moves: list[MoveOut]
    total: int
    next_cursor: str | None
