"""Events: what a camera saw, where and when, and the site that its cameras make up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from promptuary.domain.filters import Scalar


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was seen by one camera.

    `start` and `end` carry a zone; without an end it goes on, or nobody said when it ended.
    `confidence` is 0 to 1. `box` is left, top, width and height, each 0 to 1 of the picture.
    `sub_label` is who or what exactly it was, such as a person's name. `clip` is where its
    recording lies, for whoever serves it.
    """

    id: str
    camera: str
    label: str
    start: datetime
    end: datetime | None = None
    sub_label: str | None = None
    zones: tuple[str, ...] = ()
    description: str | None = None
    confidence: float | None = None
    box: tuple[float, float, float, float] | None = None
    track: str | None = None
    clip: str | None = None
    metadata: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def seconds(self) -> float | None:
        """How long it lasted; None while that is not known."""
        return None if self.end is None else (self.end - self.start).total_seconds()


def updated(known: Event, news: Event) -> Event:
    """The event after a further message about it: what the message says wins, what it leaves open
    stays. So an end that is known stays when an earlier message comes late."""
    silent = (name for name in _LEFT_OPEN if getattr(news, name) in (None, (), {}))
    return replace(news, **{name: getattr(known, name) for name in silent})


_LEFT_OPEN = (
    *("end", "sub_label", "zones", "description", "confidence", "box", "track", "clip"),
    "metadata",
)


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of the site: its id, what people call it, and what it is known to see."""

    id: str
    name: str = ""
    labels: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its name; else its id in words."""
        return self.name or self.id.replace("_", " ").title()


@dataclass(frozen=True, slots=True)
class Site:
    """What somebody may ask about: the cameras they may see, and since when there are events."""

    cameras: tuple[Camera, ...] = ()
    first: datetime | None = None
    last: datetime | None = None

    def camera(self, id: str) -> Camera | None:
        """The camera of that id."""
        return next((each for each in self.cameras if each.id == id), None)

    @property
    def labels(self) -> tuple[str, ...]:
        """Everything that one of the cameras is known to see."""
        return tuple(dict.fromkeys(label for each in self.cameras for label in each.labels))

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody (and everything else with a name) that was recognised."""
        return tuple(dict.fromkeys(name for each in self.cameras for name in each.people))


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` until just before `end`; without one of them it is open there."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether it lies inside."""
        after = self.start is None or self.start <= moment
        return after and (self.end is None or moment < self.end)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events: all conditions hold at once, and a condition that is empty holds for all.

    An event is in a window when it begins there. `cameras` of None are all, of () none.
    `above` is a confidence that must be exceeded, `at_least` one that must be reached.
    Each of `words` must stand in the description, in any of the forms that its tuple gives.
    """

    cameras: tuple[str, ...] | None = None
    labels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    above: float | None = None
    at_least: float | None = None
    words: tuple[tuple[str, ...], ...] = ()

    def admits(self, event: Event) -> bool:
        """The reference that every record is tested against."""
        said = searchable(event.description)
        sure = event.confidence
        return (
            (self.cameras is None or event.camera in self.cameras)
            and (not self.labels or event.label in self.labels)
            and (not self.people or event.sub_label in self.people)
            and (not self.zones or not set(self.zones).isdisjoint(event.zones))
            and (not self.windows or any(each.holds(event.start) for each in self.windows))
            and (self.above is None or (sure is not None and sure > self.above))
            and (self.at_least is None or (sure is not None and sure >= self.at_least))
            and all(any(f" {form} " in said for form in forms) for forms in self.words)
        )


def searchable(description: str | None) -> str:
    """The words of a description, folded, with a space before and after each."""
    return f" {' '.join(_WORD.findall((description or '').casefold()))} "


_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of events that were sent: ids that were new, that changed something, that
    changed nothing, and that had been deleted and stay so."""

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0

    def __add__(self, other: Intake) -> Intake:
        return Intake(
            self.new + other.new,
            self.changed + other.changed,
            self.same + other.same,
            self.gone + other.gone,
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that was not taken: its place among those sent, from 1, and why."""

    position: int
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Received:
    """What became of events that were sent."""

    intake: Intake
    refused: tuple[Refused, ...] = ()

    def __add__(self, other: Received) -> Received:
        return Received(self.intake + other.intake, (*self.refused, *other.refused))
