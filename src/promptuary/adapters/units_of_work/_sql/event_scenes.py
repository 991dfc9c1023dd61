"""Stretches of time of single cameras: what stands beside some events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, column, select, values

from promptuary.adapters.units_of_work._sql.event_filters import THERE, micros
from promptuary.adapters.units_of_work._sql.schema_conversations import camera_events
from promptuary.adapters.units_of_work._sql.types import Words
from promptuary.ports._conversations import Moment

_event = camera_events.c


def beside(moments: Sequence[Moment], apart: timedelta) -> Select[Any]:
    """The events of the same cameras that began so close to any of these moments.

    Each stretch is sought by itself: a filter of many windows would read all of the index.
    """
    asked = values(
        column("camera", Words()), column("low", BigInteger()), column("high", BigInteger()),
        name="asked",
    ).data(_stretches(moments, apart // timedelta(microseconds=1))).cte()  # fmt: skip
    here = _event.camera_id.concat("") == asked.c.camera  # sought by time, whatever is counted
    within = here & (_event.started >= asked.c.low) & (_event.started <= asked.c.high)
    joined = asked.join(camera_events, within)
    found = select(camera_events).select_from(joined).where(THERE)
    return found.order_by(_event.started, _event.id)


def _stretches(moments: Sequence[Moment], apart: int) -> list[tuple[str, int, int]]:
    """In microseconds; those of a camera that meet are one, so that no event comes twice."""
    found: list[tuple[str, int, int]] = []
    for camera, at in sorted({(camera, micros(start)) for camera, start in moments}):
        low, high = at - apart, at + apart
        if found and found[-1][0] == camera and low <= found[-1][2]:
            low = found.pop()[1]
        found.append((camera, low, high))
    return found
