"""Conversations over events: what a question was understood to mean, turns, and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal, TypeAlias

from promptuary.domain.clips import ClipLink
from promptuary.domain.events import Event
from promptuary.domain.insights import Pattern

Operation: TypeAlias = Literal[
    "count",
    "list",
    "first",
    "last",
    "exists",
    "top",
    "busiest",
    "compare",
    "duration",
    "average",
    "trend",
    "clip",
    "who",
    "cameras",
    "crowd",
    "unusual",
]
Unit: TypeAlias = Literal["hour", "day", "week"]
Pick: TypeAlias = Literal["first", "last"]
Slot: TypeAlias = Literal[
    "operation",
    "camera",
    "label",
    "person",
    "zone",
    "time",
    "confidence",
    "rest",
    "unknown",
    "reference",
]


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A stretch of time in words of the wall clock of whoever asks.

    Either `days` (the first and the last, both inside), each of them whole or only its `hours`
    (which may run over midnight), or `start` and `end`, wall times, of which one may be open.
    `text` is how it is said, `definition` what it was taken to mean where that needs saying;
    `alternatives` are other things it may mean. A `vague` one was completed.
    """

    text: str
    days: tuple[date, date] | None = None
    hours: tuple[time, time] | None = None
    start: datetime | None = None
    end: datetime | None = None
    definition: str = ""
    vague: bool = False
    alternatives: tuple[TimeRange, ...] = ()


@dataclass(frozen=True, slots=True)
class Noticed:
    """Words of a question, from `start` to `end`, and what they were taken for."""

    slot: Slot
    text: str
    start: int
    end: int
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A question as an exact query. What is empty is not restricted.

    `least` asks for the other end: fewest, shortest, quietest. `above` and `at_least` are of
    confidence; `more_than` is a number that the count is compared with. `rest` are words that only
    descriptions can answer. `against` is the time that a comparison sets `time` against. `pick`
    names the event that a clip is wanted of. `usual` asks whether a count is as usual.
    `certainty` is 0 to 1: how sure it is that this is what was meant; `because` says what lowered
    it.
    """

    operation: Operation
    cameras: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    time: TimeRange | None = None
    above: float | None = None
    at_least: float | None = None
    more_than: int | None = None
    rest: tuple[str, ...] = ()
    against: TimeRange | None = None
    least: bool = False
    negated: bool = False
    wants_place: bool = False
    unit: Unit = "hour"
    event_id: str | None = None
    pick: Pick | None = None
    usual: bool = False
    certainty: float = 1.0
    because: tuple[str, ...] = ()
    noticed: tuple[Noticed, ...] = field(default=(), compare=False)
    language: str = "en"


Why: TypeAlias = Literal[
    "unanswerable", "unknown_name", "out_of_range", "future", "not_understood", "empty"
]


@dataclass(frozen=True, slots=True)
class Unclear:
    """A question that cannot be answered, and why; `suggestions` are what may have been meant,
    `about` the name, the time or the words that it fails on, `language` that of the question,
    `there` the cameras that there are, where no name is near the one that was said."""

    why: Why
    message: str
    suggestions: tuple[str, ...] = ()
    noticed: tuple[Noticed, ...] = field(default=(), compare=False)
    about: str = ""
    language: str = "en"
    there: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carried:
    """What a conversation keeps from turn to turn: the plan of the latest answer, the base (the
    latest that was no side question), the first of all, and the event that was last spoken of.
    `seen` are the cameras that its owner saw then (None: all)."""

    current: Plan | None = None
    base: Plan | None = None
    first: Plan | None = None
    focus: str | None = None
    shown: tuple[str, ...] = ()
    seen: tuple[str, ...] | None = None


Value: TypeAlias = int | float | str | bool | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an answer: how many for one camera, label, hour or day."""

    name: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """What the answer would be if a phrase meant something else."""

    text: str
    value: Value


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer over events, or a refusal with its reason.

    `value` is the answer as data: a number, a camera's id, seconds, an hour, true or false, an
    event's id, or a time in ISO 8601 in the zone of whoever asks. `evidence` are the first of the
    `total` events that it rests on. `understood` says the question as it was read, and stands alone
    without the turns before it. `model` is who worded the text (empty: nobody but us), `unworded`
    why a model that was asked did not. `patterns` say of which of the evidence it is part of
    something that was noticed, by the event's id.
    """

    text: str
    value: Value = None
    refused: Why | None = None
    plan: Plan | None = None
    understood: str = ""
    definition: str = ""
    breakdown: tuple[Part, ...] = ()
    evidence: tuple[Event, ...] = ()
    total: int = 0
    clips: tuple[ClipLink, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    coverage: str = ""
    confidence: float = 0.0
    follow_ups: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    model: str = ""
    unworded: str = ""
    patterns: Mapping[str, Pattern] = field(default_factory=dict)


Role: TypeAlias = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that was said in a conversation; `seen` are the cameras that an answer is out of
    (None: all), `understood` is the question that it answers, in full, `evidence` are the ids of
    events that it showed, and `follow_ups` what may be asked next."""

    id: str
    role: Role
    text: str
    at: datetime
    confidence: float | None = None
    evidence_count: int = 0
    refused: Why | None = None
    seen: tuple[str, ...] | None = None
    understood: str = ""
    evidence: tuple[str, ...] = ()
    follow_ups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread: whose it is, and what it carries to the next turn. It expires as a whole."""

    id: str
    owner: str
    created_at: datetime
    last_activity: datetime
    turns: int = 0
    carried: Carried = field(default_factory=Carried)


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that was answered and kept."""

    conversation: Conversation
    reply: Reply


@dataclass(frozen=True, slots=True)
class Told:
    """A turn as others are told of it: whose it is, what was asked and answered, the events of the
    evidence that are still there, and their recordings."""

    conversation: Conversation
    question: Message
    answer: Message
    evidence: tuple[Event, ...] = ()
    clips: tuple[ClipLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """A conversation with what was said; of a long one a `summary`, else "". `total` is how many
    messages it has in all."""

    conversation: Conversation
    messages: tuple[Message, ...]
    summary: str = ""
    total: int = 0
