"""How far the watch over events came, what people make of its insights, and what is foreseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from promptuary.domain.insights import Insight

Verdict: TypeAlias = Literal["useful", "false_alarm", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Watched:
    """The watch learnt from `began` on and told everything up to `upto`, out of so many `events`;
    times are UTC in seconds."""

    began: float
    upto: float
    events: int


@dataclass(frozen=True, slots=True)
class Mute:
    """Insights that overlap with `since` to `until` are not told, nor one that goes on: those of
    the camera, the label and the type, each empty for any. `ended_at` is when it was undone, None
    while it was not."""

    id: str
    camera_id: str
    label: str
    type: str
    since: datetime
    until: datetime
    reason: str
    made_by: str
    ended_at: datetime | None = None
    ended_by: str = ""

    def covers(self, insight: Insight) -> bool:
        """Whether it is one that is not to be told."""
        return (
            self.ended_at is None
            and self.camera_id in {"", insight.camera_id}
            and self.label in {"", insight.label}
            and self.type in {"", insight.type}
            and insight.start <= self.until.timestamp()
            and (insight.ongoing or insight.end >= self.since.timestamp())
        )


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody thought of an insight; the last of an insight counts.

    `before` and `after` are by how many powers of ten its kind, on its camera, was and is to be
    less likely than usual before it is told.
    """

    id: str
    insight_id: str
    type: str
    camera_id: str
    verdict: Verdict
    comment: str
    made_by: str
    at: datetime
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """So many events of a label at a camera from `start` to `end`: `expected` on average, with a
    probability of `level` or more from `low` to `high`. `observed` is None until it was counted."""

    id: str
    camera_id: str
    label: str
    start: datetime
    end: datetime
    made_at: datetime
    expected: float
    low: int
    high: int
    level: float
    observed: int | None = None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many predictions were `scored`, and in how many the count was `covered` by them."""

    scored: int = 0
    covered: int = 0

    @property
    def coverage(self) -> float | None:
        """The share; None where none was scored."""
        return self.covered / self.scored if self.scored else None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next hours bring, by camera, label and hour; and how good such predictions were, of
    the same cameras, in the last 30 days."""

    predictions: tuple[Prediction, ...]
    accuracy: Accuracy


@dataclass(frozen=True, slots=True)
class Pulse:
    """A camera sent heartbeats from `first` to `last` (UTC in seconds), at least one `every` so
    many seconds, or nearly so."""

    camera_id: str
    first: float
    last: float
    every: float

    @property
    def alive_until(self) -> float:
        """Until then nobody wonders: two heartbeats may be lost."""
        return self.last + max(3 * self.every, LEAST_PATIENCE)


LEAST_PATIENCE = 120.0


def beaten(known: Pulse | None, camera_id: str, at: float, every: float) -> Pulse:
    """The latest pulse of a camera after one more heartbeat: that pulse longer, or a new one."""
    if known is None or at > known.alive_until:
        return Pulse(camera_id, at, at, every)
    return Pulse(camera_id, known.first, max(known.last, at), every)
