"""A plan run over all events: exact numbers, never those of the best few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

from promptuary.conversation.manner import Manner
from promptuary.conversation.planning.windows import windows_of
from promptuary.domain.conversations import Alternative, Part, Plan, TimeRange, Unit, Value
from promptuary.domain.events import Event, EventFilter, Site, Window
from promptuary.ports._conversations import QUARTER, Events
from promptuary.ports.embedder import Embedder

LONGEST_STAY = timedelta(days=1)
CROWD = 500
"""Of what went on at a moment, so much that began in the day before is looked at as evidence."""
_INSTANT = timedelta(microseconds=1)
_SPELLINGS = (
    {"grey", "gray"}, {"colour", "color"}, {"woman", "women", "lady", "female"},
    {"man", "men", "gentleman", "male"}, {"child", "children", "kid", "kids"}, {"lead", "leash"},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: what they may see, where and when they are, and how much evidence they want."""

    site: Site
    zone: ZoneInfo
    now: datetime
    limit: int = 5
    embedder: Embedder | None = None
    manner: Manner = field(default_factory=Manner)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out. `alive` says whether any of the cameras saw anything at all in that time;
    `described` whether any description ever holds the words that were asked for."""

    value: Value
    total: int = 0
    evidence: tuple[Event, ...] = ()
    parts: tuple[Part, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    alive: bool = True
    described: bool = True
    tied: tuple[str, ...] = ()
    at: datetime | None = None
    """When it was, where the answer is a moment's."""


async def execute(plan: Plan, events: Events, asking: Asking) -> Outcome:
    """Run the plan; see `Outcome` and, for the value of each operation, `Reply`."""
    if plan.event_id is not None:
        return await _one(plan, events, asking)
    where = filter_of(plan, asking)
    match plan.operation:
        case "first" | "last" | "duration" | "clip":
            outcome = await _picked(plan, where, events, asking)
        case "compare" if plan.against is not None:
            outcome = await _two_times(plan, plan.against, events, asking)
        case "crowd":
            outcome = await _crowd(where, events, asking)
        case "top" | "compare":
            outcome = await _top(plan, where, events, asking)
        case "busiest" | "trend" | "average":
            outcome = await _over_time(plan, where, events, asking)
        case "who" | "cameras":
            outcome = await _distinct(plan, where, events, asking)
        case _:
            outcome = await _counted(plan, where, events, asking)
    others = await _alternatives(plan, events, asking, outcome)
    outcome = replace(outcome, alternatives=others)
    return outcome if outcome.total else await _nothing(outcome, where, events)


def filter_of(plan: Plan, asking: Asking, time: TimeRange | None = None) -> EventFilter:
    """Which events the plan is about, within what whoever asks may see."""
    allowed = tuple(each.id for each in asking.site.cameras)
    cameras = tuple(each for each in plan.cameras if each in allowed) or allowed
    windows = windows_of(time or plan.time, asking.zone, asking.now)
    return EventFilter(
        cameras=cameras,
        labels=plan.labels,
        people=plan.people,
        zones=plan.zones,
        windows=windows or (Window(asking.now, asking.now),),
        above=plan.above,
        at_least=plan.at_least,
        words=tuple(_forms(each) for each in plan.rest),
    )


def _forms(word: str) -> tuple[str, ...]:
    same = next((spelling for spelling in _SPELLINGS if word in spelling), {word})
    return tuple(sorted({*same, *(f"{each}s" for each in same), word.removesuffix("s") or word}))


async def _one(plan: Plan, events: Events, asking: Asking) -> Outcome:
    there = await events.get([plan.event_id or ""])
    found = [each for each in there if asking.site.camera(each.camera)]
    return Outcome(found[0].id if found else None, len(found), tuple(found))


async def _picked(plan: Plan, where: EventFilter, events: Events, asking: Asking) -> Outcome:
    """One event: the first, the last, the longest, the shortest."""
    if plan.operation == "duration":
        found = await events.find(where, order="shortest" if plan.least else "longest", limit=1)
    else:
        last = plan.operation == "last" or (plan.operation == "clip" and plan.pick != "first")
        found = await events.find(where, order="last" if last else "first", limit=1)
    if not found:
        return Outcome(None)
    total = await events.count(where)
    event = found[0]
    value: Value = event.camera if plan.wants_place else local(event.start, asking.zone)
    if plan.operation == "duration":
        value = round(event.seconds or 0.0, 1)
    elif plan.operation == "clip":
        value = event.id
    return Outcome(value, total, (event,))


def local(moment: datetime, zone: ZoneInfo) -> str:
    """ISO 8601 to the second in the zone of whoever asks."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


async def _top(plan: Plan, where: EventFilter, events: Events, asking: Asking) -> Outcome:
    """The camera with the most, or the least of those that can see such things at all."""
    counts = await events.count_by(where, "camera")
    wanted = plan.cameras or tuple(
        each.id
        for each in asking.site.cameras
        if not plan.labels or set(plan.labels).intersection(each.labels)
    )
    names = [each for each in wanted if asking.site.camera(each)]
    parts = _parts({each: counts.get(each, 0) for each in names} | dict(counts), asking.site)
    if not parts or not any(part.count for part in parts):
        return Outcome(None, 0, parts=parts)
    best = parts[-1] if plan.least else parts[0]
    tied = tuple(part.title for part in parts if part.count == best.count)
    shown = [each for each in parts if each.count] if plan.operation == "compare" else [best]
    evidence = await _of_each([each.name for each in shown], where, events, asking.limit)
    total = sum(counts.values())
    return Outcome(best.name, total, evidence, parts, tied=tied if len(tied) > 1 else ())


async def _two_times(plan: Plan, against: TimeRange, events: Events, asking: Asking) -> Outcome:
    """How many in each of two stretches of time, the first as it was said."""
    times = [each for each in (plan.time, against) if each is not None]
    wheres = [filter_of(plan, asking, each) for each in times]
    counts = [await events.count(each) for each in wheres]
    parts = tuple(
        Part(each.text, each.text, count) for each, count in zip(times, counts, strict=True)
    )
    best = (min if plan.least else max)(parts, key=lambda part: part.count)
    tied = tuple(part.title for part in parts) if len(set(counts)) == 1 else ()
    evidence = await _dealt(wheres, events, asking.limit)
    return Outcome(best.name, sum(counts), evidence, parts, tied=tied)


async def _crowd(where: EventFilter, events: Events, asking: Asking) -> Outcome:
    """The most at one moment, and what went on then."""
    total = await events.count(where)
    most = await events.crowd(where)
    if most is None:
        return Outcome(0)
    then = most[1]
    before = replace(where, windows=(Window(then - LONGEST_STAY, then + _INSTANT),))
    found = await events.find(before, order="last", limit=CROWD)
    there = [e for e in found if e.start == then or (e.end is not None and e.end > then)]
    return Outcome(most[0], total, tuple(sorted(there, key=_by_start)[: asking.limit]), at=then)


def _by_start(event: Event) -> tuple[datetime, str]:
    return event.start, event.id


async def _of_each(
    cameras: Sequence[str], where: EventFilter, events: Events, limit: int
) -> tuple[Event, ...]:
    """The first events of each camera, as many of one as of another until one has no more: a
    comparison rests on both its sides."""
    return await _dealt([replace(where, cameras=(each,)) for each in cameras], events, limit)


async def _dealt(wheres: Sequence[EventFilter], events: Events, limit: int) -> tuple[Event, ...]:
    found = [await events.find(each, limit=limit) for each in wheres]
    turns = zip_longest(*found)
    dealt = [event for turn in turns for event in turn if event is not None][:limit]
    return tuple(sorted({each.id: each for each in dealt}.values(), key=_by_start))


def _parts(counts: Mapping[str, int], site: Site) -> tuple[Part, ...]:
    """The largest first."""

    def title(key: str) -> str:
        camera = site.camera(key)
        return camera.title if camera else key

    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Part(key, title(key), count) for key, count in ordered)


async def _over_time(plan: Plan, where: EventFilter, events: Events, asking: Asking) -> Outcome:
    """Buckets of local time: hours of the day pooled over days, or days, or weeks."""
    quarters = await events.quarters(where)
    total = sum(quarters.values())
    pooled = plan.operation == "busiest"
    counts = buckets(quarters, plan.unit, asking.zone, pooled=pooled)
    if not total:
        return Outcome(0 if plan.operation == "average" else None)
    parts = tuple(Part(str(name), str(name), count) for name, count in sorted(counts.items()))
    evidence = await events.find(where, limit=asking.limit)
    if plan.operation == "average":
        return Outcome(_mean(plan, total, where, asking), total, tuple(evidence), parts)
    if plan.operation == "trend":
        return Outcome(_slope(parts), total, tuple(evidence), parts)
    sign = 1 if plan.least else -1
    best = min(counts.items(), key=lambda item: (sign * item[1], item[0]))[0]
    inside = await _in_bucket(best, plan.unit, quarters, where, events, asking)
    value: Value = int(best) if plan.unit == "hour" else best
    return Outcome(value, total, inside, parts)


def buckets(
    quarters: Mapping[int, int], unit: Unit, zone: ZoneInfo, *, pooled: bool
) -> dict[str, int]:
    """Counts by hour of the day (`07`), by hour (`2026-01-08 07`), by day or by week."""
    shape = {"hour": "%H" if pooled else "%Y-%m-%d %H", "day": "%Y-%m-%d", "week": "%G-W%V"}[unit]
    counts: dict[str, int] = {}
    for second, count in quarters.items():
        name = datetime.fromtimestamp(second, UTC).astimezone(zone).strftime(shape)
        counts[name] = counts.get(name, 0) + count
    return counts


async def _in_bucket(
    name: str,
    unit: Unit,
    quarters: Mapping[int, int],
    where: EventFilter,
    events: Events,
    asking: Asking,
) -> tuple[Event, ...]:
    """The first events of a bucket, out of the quarters of an hour that it is made of."""
    shape = {"hour": "%H", "day": "%Y-%m-%d", "week": "%G-W%V"}[unit]
    found: list[Event] = []
    for second in sorted(second for second, number in quarters.items() if number):
        if len(found) == asking.limit:
            break
        start = datetime.fromtimestamp(second, UTC)
        if start.astimezone(asking.zone).strftime(shape) == name:
            inside = _cut(where.windows, start, start + timedelta(seconds=QUARTER))
            here = replace(where, windows=inside)
            found += await events.find(here, limit=asking.limit - len(found))
    return tuple(found)


def _cut(windows: Sequence[Window], start: datetime, end: datetime) -> tuple[Window, ...]:
    """What of them lies between two moments."""
    cut = (Window(max(each.start or start, start), min(each.end or end, end)) for each in windows)
    return tuple(each for each in cut if each.start is not None and each.holds(each.start))


def _mean(plan: Plan, total: int, where: EventFilter, asking: Asking) -> float:
    """How many in a day, an hour or a week of the time that is asked about."""
    seconds = 0.0
    for window in where.windows:
        start = window.start or asking.site.first or asking.now
        seconds += max(((window.end or asking.now) - start).total_seconds(), 0.0)
    length = {"hour": 3_600, "day": 86_400, "week": 604_800}[plan.unit]
    return round(total / max(seconds / length, 1.0), 2)


def _slope(parts: Sequence[Part]) -> str:
    """Whether the second half has more than the first; a tenth counts as the same."""
    half = len(parts) // 2
    early, late = sum(p.count for p in parts[:half]), sum(p.count for p in parts[-half:])
    if half == 0 or abs(late - early) <= 0.1 * max(early, late):
        return "steady"
    return "rising" if late > early else "falling"


async def _distinct(plan: Plan, where: EventFilter, events: Events, asking: Asking) -> Outcome:
    by = await events.count_by(where, "person" if plan.operation == "who" else "camera")
    total = await events.count(where)
    parts = _parts(by, asking.site)
    if plan.negated:
        there = [c for c in asking.site.cameras if c.id in (where.cameras or ()) and c.id not in by]
        return Outcome(len(there), max(total, 1), (), tuple(Part(c.id, c.title, 0) for c in there))
    evidence = tuple(await events.find(where, limit=asking.limit))
    if plan.operation == "cameras" and not plan.labels and not plan.people and plan.time is None:
        every = tuple(Part(c.id, c.title, by.get(c.id, 0)) for c in asking.site.cameras)
        return Outcome(len(every), max(total, 1), (), every)
    value: Value = len(by) if plan.operation == "cameras" else ", ".join(sorted(by))
    return Outcome(value, total, evidence, parts)


async def _counted(plan: Plan, where: EventFilter, events: Events, asking: Asking) -> Outcome:
    parts: tuple[Part, ...] = ()
    if len(where.cameras or ()) > 1:
        parts = _parts(await events.count_by(where, "camera"), asking.site)
    elif not plan.labels or len(plan.labels) > 1:
        parts = _parts(await events.count_by(where, "label"), asking.site)
    total = sum(part.count for part in parts) if parts else await events.count(where)
    value = _judged(plan, total)
    if not total:
        return Outcome(value)
    return Outcome(value, total, await _shown(plan, where, events, asking), parts)


async def _shown(
    plan: Plan, where: EventFilter, events: Events, asking: Asking
) -> tuple[Event, ...]:
    """The first events; of those that descriptions alone tell apart, the surer ones first."""
    least = max(asking.manner.sure, where.at_least or 0.0)
    sure: list[Event] = []
    if plan.rest and asking.manner.sure:
        sure = await events.find(replace(where, at_least=least), limit=asking.limit)
    if len(sure) == asking.limit:
        return tuple(sure)
    every = await events.find(where, limit=asking.limit + len(sure))
    return tuple({each.id: each for each in (*sure, *every)}.values())[: asking.limit]


def _judged(plan: Plan, total: int) -> Value:
    if plan.operation != "exists":
        return total
    if plan.more_than is not None:
        return total < plan.more_than if plan.least else total > plan.more_than
    return (total == 0) if plan.negated else (total > 0)


async def _alternatives(
    plan: Plan, events: Events, asking: Asking, outcome: Outcome
) -> tuple[Alternative, ...]:
    """What a count would be if the time meant something else, where that makes a difference."""
    if plan.time is None or plan.operation not in {"count", "exists", "list"}:
        return ()
    found: list[Alternative] = []
    for other in plan.time.alternatives:
        total = await events.count(filter_of(plan, asking, other))
        value = _judged(plan, total)
        if value not in {outcome.value, *(each.value for each in found)}:
            found.append(Alternative(other.text, value))
    return tuple(found)


async def _nothing(outcome: Outcome, where: EventFilter, events: Events) -> Outcome:
    """Nothing was found: were the cameras alive then, and do descriptions hold such words?"""
    alive = await events.exists(EventFilter(where.cameras, windows=where.windows))
    described = True
    if where.words:
        described = await events.exists(EventFilter(where.cameras, words=where.words))
    return replace(outcome, alive=alive, described=described)
