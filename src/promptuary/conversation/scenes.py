"""Scenes: what one camera saw begin within a minute is told in several descriptions, of which each
leaves out what another says ("he does it again"), so they are read together as well."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from promptuary.domain.events import Event, EventFilter
from promptuary.ports._conversations import Events

APART = timedelta(minutes=1)
MOST = 2_000
"""So many events are read beside the best at most."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An event, and what its camera saw begin within a minute of it, itself among them."""

    event: Event
    around: Sequence[Event]


async def scenes(events: Events, best: Sequence[Event], where: EventFilter) -> list[Scene]:
    """The scenes of the best, and of what stands beside them and fulfils the conditions; only
    events that were described."""
    moments = [(each.camera, each.start) for each in best]
    read = await events.beside(moments, 2 * APART, limit=MOST)
    told = {each.id: each for each in (*best, *read) if (each.description or "").strip()}
    by_camera: dict[str, list[Event]] = defaultdict(list)
    for each in sorted(told.values(), key=lambda e: (e.start, e.id)):
        by_camera[each.camera].append(each)
    near = {e.id: e for one in best for e in _around(one, by_camera[one.camera])}
    return [Scene(e, _around(e, by_camera[e.camera])) for e in near.values() if where.admits(e)]


def _around(event: Event, seen: Sequence[Event]) -> Sequence[Event]:
    first = bisect_left(seen, event.start - APART, key=lambda each: each.start)
    return seen[first : bisect_right(seen, event.start + APART, key=lambda each: each.start)]
