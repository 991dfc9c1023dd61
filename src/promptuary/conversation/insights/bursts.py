"""More than usual: bursts, and events at an hour when there are hardly any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promptuary.conversation.insights.alarms import About, Finding
from promptuary.conversation.insights.baseline import Usual
from promptuary.conversation.insights.cameras import LEAST_DAYS, Camera, Label, pieces
from promptuary.conversation.insights.day_factor import at_least
from promptuary.conversation.insights.days import HALF_HOUR, Days
from promptuary.conversation.insights.sensitivity import Sensitivity
from promptuary.domain.insights import InsightType

WINDOWS = (1200.0, 1800.0, 2700.0, 3600.0)
LEAST_EVENTS = 3
LEAST_RATIO = 2.5
UNUSUAL = 0.15
"""An hour is unusual for a label where less than this share of its mean is seen."""
ALARM: dict[InsightType, float] = {"unusual_hour": 4e-5, "burst": 4e-6}
GOES_ON = 1e-3
"""An alarm that is on goes on while the shortest window is less likely than this."""


@dataclass(frozen=True, slots=True)
class Window:
    """A trailing window, and how likely as much would be in it."""

    seconds: float
    count: int
    mean: float
    p_value: float


def unusual_window(
    camera: Camera, label: Label, days: Days, now: float, *, windows: Sequence[float] = WINDOWS
) -> Window | None:
    """The least likely of the trailing windows, if one holds much more than usual."""
    known = label.usual
    if known is None or known.days < LEAST_DAYS:
        return None
    found = [_window(camera, label, known, days, now, seconds) for seconds in windows]
    return min((each for each in found if each), key=lambda each: each.p_value, default=None)


def _window(
    camera: Camera, label: Label, known: Usual, days: Days, now: float, seconds: float
) -> Window | None:
    count = sum(each.at > now - seconds for each in label.recent)
    if count < LEAST_EVENTS:
        return None
    parts = list(pieces(days, now - seconds, now))
    mean = sum(float(known.rate[slot]) * long / HALF_HOUR for slot, long in parts)
    if count < LEAST_RATIO * mean:
        return None
    shape = sum(float(known.shape[slot]) * long for slot, long in parts) / seconds
    p_value = at_least(count, mean, label.size(shape), camera.factor)
    return Window(seconds, count, mean * camera.factor.mean, p_value)


def kind_of(usual: Usual, slot: int) -> InsightType:
    """What more than usual is called in that half-hour."""
    return "unusual_hour" if usual.rate[slot] < UNUSUAL * usual.mean else "burst"


def finding(label: Label, window: Window, now: float) -> Finding:
    """What to tell of it."""
    inside = [each for each in label.recent if each.at > now - window.seconds]
    return Finding(
        start=inside[0].at,
        now=now,
        expected=window.mean,
        observed=window.count,
        measured=f"events in {window.seconds / 60:.0f} minutes",
        p_value=window.p_value,
        evidence_ids=tuple(each.event_id for each in inside),
    )


def more_than_usual(
    camera: Camera,
    name: str,
    label: Label,
    days: Days,
    now: float,
    *,
    on: set[About],
    of: Sensitivity,
) -> tuple[About, Finding] | None:
    """What an event that just came makes of the windows that end with it; how unlikely
    they must be follows `of` feedback."""
    for each in ALARM:
        about = About(each, camera.name, name)
        if about in on:
            short = unusual_window(camera, label, days, now, windows=WINDOWS[:1])
            goes_on = short is not None and short.p_value < GOES_ON
            return (about, finding(label, short, now)) if short and goes_on else None
    window = unusual_window(camera, label, days, now)
    if window is None or label.usual is None:
        return None
    kind = kind_of(label.usual, days.when(now).slot)
    stricter = of.decades(kind, camera.name, now)
    if window.p_value < ALARM[kind] / 10**stricter:
        return About(kind, camera.name, name), finding(label, window, now)
    return None
