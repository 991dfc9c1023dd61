"""Filters of events as conditions of SQL, and moments as the record keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, literal_column, or_

from promptuary.adapters.units_of_work._sql.schema_conversations import camera_events
from promptuary.domain.errors import InvalidInput
from promptuary.domain.events import EventFilter, Window

_event = camera_events.c
THERE: ColumnElement[bool] = literal_column("NOT camera_events.gone")
"""Written as the partial indexes write it, and of no type, or SQLAlchemy would append `= 1` for
SQLite, which takes such an index for nothing but its own words."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def conditions(where: EventFilter) -> list[ColumnElement[bool]]:
    """What an event's row must meet. Raises InvalidInput for a time without a zone."""
    wanted: list[ColumnElement[bool]] = [THERE]
    if where.cameras is not None:
        wanted.append(_event.camera_id.in_(where.cameras))
    for column, values in (
        (_event.label, where.labels),
        (_event.sub_label, where.people),
    ):
        if values:
            wanted.append(column.in_(values))
    if where.zones:
        held = (_event.zones.contains(f"|{each}|", autoescape=True) for each in where.zones)
        wanted.append(or_(*held))
    if where.windows:
        wanted.append(or_(*map(_inside, where.windows)))
    if where.above is not None:
        wanted.append(_event.confidence > where.above)
    if where.at_least is not None:
        wanted.append(_event.confidence >= where.at_least)
    for forms in where.words:
        held = (_event.searched.contains(f" {form} ", autoescape=True) for form in forms)
        wanted.append(or_(*held))
    return wanted


def _inside(window: Window) -> ColumnElement[bool]:
    inside: ColumnElement[bool] = _event.started.is_not(None)
    if window.start is not None:
        inside = inside & (_event.started >= micros(window.start))
    if window.end is not None:
        inside = inside & (_event.started < micros(window.end))
    return inside


def micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC. Raises InvalidInput for a time without a zone."""
    if moment.tzinfo is None:
        raise InvalidInput(f"a time needs its zone: {moment.isoformat()}")
    return (moment - _EPOCH) // _MICRO


def moment(micros: int) -> datetime:
    """The time, in UTC."""
    return _EPOCH + micros * _MICRO
