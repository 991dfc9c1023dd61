"""A made-up site: cameras, what they see in some weeks, and the unusual things that happen there.

Everything is drawn with a seed, so that the same site comes out every time. Counts are
over-dispersed (a gamma factor for each day, each camera and day, and each half-hour), as those of
real entrances and streets are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

HALF_HOURS = 48
Event = dict[str, Any]


@dataclass(frozen=True)
class Camera:
    """`busy` are (hour, width in hours, events a day) of workdays; `rest` is a weekend's share."""

    id: str
    name: str
    labels: dict[str, float]
    zones: tuple[str, ...]
    busy: tuple[tuple[float, float, float], ...]
    rest: float


CAMERAS = (
    Camera("main_gate", "Main Gate", {"person": 0.7, "car": 0.3}, ("barrier", "kiosk"),
           ((8.2, 1.0, 60), (12.5, 1.3, 30), (17.4, 1.2, 55), (13, 5, 40)), 0.25),
    Camera("reception", "Reception", {"person": 1.0}, ("desk", "sofa"),
           ((9, 1.2, 45), (13, 3.5, 60)), 0.08),
    Camera("car_park", "Car Park", {"car": 0.7, "person": 0.3}, ("row_1", "row_2", "ramp"),
           ((8, 1.1, 50), (17.6, 1.4, 50), (13, 4, 20)), 0.3),
    Camera("delivery_yard", "Delivery Yard", {"truck": 0.5, "person": 0.5}, ("dock_a", "dock_b"),
           ((7.5, 1.5, 25), (11, 2.5, 35)), 0.1),
    Camera("high_street", "High Street", {"person": 0.5, "car": 0.4, "bicycle": 0.1},
           ("crossing", "kerb"), ((8.5, 2, 70), (17.5, 2.5, 90), (13, 5, 90)), 0.9),
    Camera("towpath", "Towpath", {"person": 0.5, "bicycle": 0.4, "dog": 0.1}, ("path", "lock"),
           ((7.8, 1.2, 30), (18, 1.8, 35), (13, 3.5, 25)), 1.3),
    Camera("garden", "Garden", {"cat": 0.4, "bird": 0.4, "person": 0.2}, ("lawn", "pond"),
           ((7, 2, 14), (16, 4, 22)), 1.1),
    Camera("stock_room", "Stock Room", {"person": 0.6, "forklift": 0.4}, ("aisle_2", "aisle_5"),
           ((9, 2, 35), (14.5, 2.5, 45)), 0.12),
    Camera("canteen", "Canteen", {"person": 1.0}, ("counter", "tables"),
           ((12.4, 0.8, 90), (15, 0.8, 20)), 0.02),
    Camera("roof", "Roof", {"bird": 0.9, "person": 0.1}, ("vent", "edge"), ((8, 3, 10), (17, 3, 10)), 1.0),
    Camera("server_closet", "Server Closet", {"person": 1.0}, ("rack",), ((11, 3, 8),), 0.15),
    Camera("side_door", "Side Door", {"person": 0.8, "package": 0.2}, ("step",),
           ((8.7, 1.2, 20), (13, 3, 15), (17.2, 1.2, 20)), 0.2),
)  # fmt: skip
SECONDS = {"person": 11.0, "car": 14.0, "truck": 40.0, "forklift": 25.0}
CONFIDENCE = {"bird": 0.68, "cat": 0.72, "package": 0.74}
LOOKS = {
    "person": ("with a grey rucksack", "in an orange vest", "pushing a trolley", "with an umbrella",
               "in a long green coat", "carrying a ladder", "talking on a phone"),
    "car": ("silver estate", "small white van", "black taxi", "yellow hatchback"),
    "truck": ("blue lorry", "white tail-lift truck"),
    "bicycle": ("with a child seat", "with panniers"),
    "dog": ("on a lead", "off the lead"),
}  # fmt: skip


@dataclass(frozen=True)
class Oddity:
    """Something unusual that was put in: `label` and `zone` are empty where they do not apply."""

    type: str
    camera_id: str
    start: float
    end: float
    label: str = ""
    zone: str = ""


@dataclass(frozen=True)
class Stay:
    """A site over some days: its events by time, and the oddities among them."""

    timezone: str
    days_off: tuple[date, ...]
    events: list[Event]
    oddities: list[Oddity]


def site(
    seed: int = 7,
    *,
    days: int = 14,
    first: date = date(2026, 3, 2),
    timezone: str = "Europe/Amsterdam",
    oddities: tuple[tuple[str, int], ...] = (),
    steady: float = 20.0,
    even: float = 12.0,
) -> Stay:
    """Draw a site: `oddities` are (type, how many), put in from the eighth day on; the larger
    `steady`, the less one day differs from another, and the larger `even`, the less the same
    half-hour of two days."""
    draw = np.random.default_rng(seed)
    zone = ZoneInfo(timezone)
    off = tuple(first + timedelta(int(each)) for each in draw.integers(8, max(9, days), 1))
    busy = {each.id: draw.lognormal(0, 0.35) for each in CAMERAS}
    events: list[Event] = []
    for day in range(days):
        today = first + timedelta(day)
        midnight = datetime(today.year, today.month, today.day, tzinfo=zone).timestamp()
        common = draw.gamma(steady) / steady
        for camera in CAMERAS:
            share = camera.rest if today.weekday() >= 5 or today in off else 1.0
            level = share * common * busy[camera.id] * draw.gamma(2 * steady) / (2 * steady)
            events += _day(draw, camera, midnight, level, even)
    begin = datetime(first.year, first.month, first.day, tzinfo=zone).timestamp()
    wanted = [kind for kind, number in oddities for _ in range(number)]
    put: list[Oddity] = []
    for kind in wanted:
        odd, events = _oddity(draw, kind, events, begin, days, put)
        put.append(odd)
    events.sort(key=lambda each: each["at"])
    return Stay(timezone, off, [_told(draw, i, each) for i, each in enumerate(events)], put)


def _profile(camera: Camera) -> np.ndarray[Any, np.dtype[np.float64]]:
    hours = (np.arange(HALF_HOURS) + 0.5) / 2
    course = np.full(HALF_HOURS, 0.3 / HALF_HOURS)
    for hour, width, number in camera.busy:
        bell = np.exp(-0.5 * ((hours - hour) / width) ** 2)
        course += number * bell / bell.sum()
    return course


def _day(
    draw: np.random.Generator, camera: Camera, midnight: float, level: float, even: float
) -> list[Event]:
    found: list[Event] = []
    for label, share in camera.labels.items():
        means = _profile(camera) * share * level * draw.gamma(even, 1 / even, HALF_HOURS)
        slots = np.repeat(np.arange(HALF_HOURS), draw.poisson(means))
        times = midnight + (slots + draw.random(len(slots))) * 1800
        found += [_event(draw, camera, label, float(at)) for at in times]
    return found


def _event(
    draw: np.random.Generator, camera: Camera, label: str, at: float, *, longer: float = 1.0
) -> Event:
    seconds = SECONDS.get(label, 12.0) * draw.lognormal(0, 0.5) * longer
    confidence = float(np.clip(draw.normal(CONFIDENCE.get(label, 0.8), 0.07), 0.35, 0.99))
    zone = camera.zones[int(draw.integers(len(camera.zones)))]
    return {"camera": camera, "label": label, "at": at, "seconds": seconds, "zone": zone,
            "confidence": confidence}  # fmt: skip


def _oddity(
    draw: np.random.Generator,
    kind: str,
    events: list[Event],
    begin: float,
    days: int,
    put: list[Oddity],
) -> tuple[Oddity, list[Event]]:
    """One more oddity, on a camera and at a time where there is none yet."""
    while True:
        camera = CAMERAS[int(draw.integers(len(CAMERAS)))]
        start = begin + (int(draw.integers(7, days)) + draw.uniform(0, 0.95)) * 86_400
        here = [each for each in events if each["camera"] is camera]
        odd, changed = KINDS[kind](draw, camera, start, here, events)
        if odd is not None and not any(_meets(odd, each) for each in put):
            return odd, changed


def _meets(one: Oddity, other: Oddity) -> bool:
    """Whether two are on one camera within four hours of each other."""
    near = one.start < other.end + 14_400 and other.start < one.end + 14_400
    return near and ("*" in (one.camera_id, other.camera_id) or one.camera_id == other.camera_id)


Placed = tuple[Oddity | None, list[Event]]
Draw = np.random.Generator


def _burst(
    draw: Draw, camera: Camera, start: float, here: list[Event], events: list[Event]
) -> Placed:
    label, long = _main(camera), draw.uniform(1200, 3600)
    past = _past(here, label, start, long)
    if past < 0.4:
        return None, events
    number = math.ceil(past * draw.uniform(4, 7) + 6)
    more = [_event(draw, camera, label, start + draw.uniform(0, long)) for _ in range(number)]
    return Oddity("burst", camera.id, start, start + long, label), events + more


def _night(
    draw: Draw, camera: Camera, start: float, here: list[Event], events: list[Event]
) -> Placed:
    label, long = _main(camera), draw.uniform(1200, 3600)
    if _past(here, label, start, long) >= 0.3:
        return None, events
    number = int(draw.integers(4, 7))
    more = [_event(draw, camera, label, start + draw.uniform(0, long)) for _ in range(number)]
    return Oddity("unusual_hour", camera.id, start, start + long, label), events + more


def _silence(
    draw: Draw, camera: Camera, start: float, here: list[Event], events: list[Event]
) -> Placed:
    long = draw.uniform(3, 6) * 3600
    left, gone = _without(events, here, start, long)
    return (
        (Oddity("silence", camera.id, start, start + long), left) if gone >= 18 else (None, events)
    )


def _dark(
    draw: Draw, _camera: Camera, start: float, _here: list[Event], events: list[Event]
) -> Placed:
    long = draw.uniform(3600, 7200)
    left, gone = _without(events, events, start, long)
    return (
        (Oddity("system_silence", "*", start, start + long), left) if gone >= 60 else (None, events)
    )


def _loitering(
    draw: Draw, camera: Camera, start: float, here: list[Event], events: list[Event]
) -> Placed:
    if _past(here, "person", start, 3600) < 1:
        return None, events
    zone, long = camera.zones[0], draw.uniform(1500, 3000)
    more = [
        _event(draw, camera, "person", start + draw.uniform(0, long), longer=draw.uniform(5, 12))
        for _ in range(int(draw.integers(4, 9)))
    ]
    odd = Oddity("loitering", camera.id, start, start + long, "person", zone)
    return odd, events + [{**each, "zone": zone} for each in more]


def _new(
    draw: Draw, camera: Camera, start: float, here: list[Event], events: list[Event]
) -> Placed:
    label = ("horse", "drone", "fox", "boat", "kangaroo")[int(draw.integers(5))]
    if any(each["label"] == label for each in here):
        return None, events
    more = [_event(draw, camera, label, start + draw.uniform(0, 900)) for _ in range(2)]
    return Oddity("new_label", camera.id, start, start + 900, label), events + more


def _worse(
    draw: Draw, camera: Camera, start: float, here: list[Event], events: list[Event]
) -> Placed:
    long = draw.uniform(6, 10) * 3600
    worse = [each for each in here if start <= each["at"] < start + long]
    if len(worse) < 20:
        return None, events
    for each in worse:
        each["confidence"] = max(0.3, each["confidence"] * draw.uniform(0.62, 0.75))
    return Oddity("quality_drop", camera.id, start, start + long), events


KINDS = {
    "burst": _burst,
    "unusual_hour": _night,
    "silence": _silence,
    "system_silence": _dark,
    "loitering": _loitering,
    "new_label": _new,
    "quality_drop": _worse,
}


def _main(camera: Camera) -> str:
    return max(camera.labels, key=lambda each: camera.labels[each])


def _without(
    events: list[Event], some: list[Event], start: float, long: float
) -> tuple[list[Event], int]:
    """The events but those of `some` in a stretch of time, and how many those are."""
    lost = {id(each) for each in some if start <= each["at"] < start + long}
    return [each for each in events if id(each) not in lost], len(lost)


def _past(here: list[Event], label: str, start: float, long: float) -> float:
    """How many such events this time of the day had on average in the days before."""
    days = [start - 86_400 * day for day in range(1, 6)]
    times = [each["at"] for each in here if each["label"] == label]
    return sum(sum(day <= at < day + long for at in times) for day in days) / len(days)


def _told(draw: np.random.Generator, number: int, drawn: Event) -> Event:
    """An event as a camera system tells it."""
    camera, label = drawn["camera"], drawn["label"]
    looks = LOOKS.get(label, ("",))
    begin, end = (
        datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
        for at in (drawn["at"], drawn["at"] + drawn["seconds"])
    )
    words = f"{label} {looks[int(draw.integers(len(looks)))]}".strip()
    return {
        "event_id": f"{drawn['at']:.6f}-{number:06d}",
        "camera_id": camera.id,
        "timestamp": begin,
        "end_timestamp": end,
        "label": label,
        "zone": drawn["zone"],
        "description": f"{words} near the {drawn['zone'].replace('_', ' ')}",
        "confidence": round(drawn["confidence"], 3),
    }


def cameras() -> Iterator[dict[str, Any]]:
    """The cameras as a configuration names them."""
    for each in CAMERAS:
        yield {
            "camera_id": each.id,
            "name": each.name,
            "labels": sorted(each.labels),
            "zones": list(each.zones),
        }
