"""Filters of events as conditions of SQL, and moments as the record keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, literal_column, or_

from promptuary.adapters.units_of_work._sql.schema_conversations import camera_events
from promptuary.domain.errors import InvalidInput
from promptuary.domain.events import EventFilter

_event = camera_events.c
THERE: ColumnElement[bool] = literal_column("NOT camera_events.gone")
"""Written as the partial indexes write it, and of no type, or SQLAlchemy would append `= 1` for
SQLite, which takes such an index for nothing but its own words."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


class Shape(NamedTuple):
    """What a filter asks for, whatever the values: filters of one shape are one statement."""

    lists: tuple[bool, bool, bool]
    """Whether it names cameras, labels, people."""
    zones: int
    windows: tuple[tuple[bool, bool], ...]
    """Whether each has a start, and an end."""
    above: bool
    at_least: bool
    words: tuple[int, ...]
    """How many forms each has."""


def shape_of(where: EventFilter) -> Shape:
    """The shape of a filter."""
    return Shape(
        (where.cameras is not None, bool(where.labels), bool(where.people)),
        len(where.zones),
        tuple((each.start is not None, each.end is not None) for each in where.windows),
        where.above is not None,
        where.at_least is not None,
        tuple(map(len, where.words)),
    )


def conditions(where: EventFilter) -> list[ColumnElement[bool]]:
    """What an event's row must meet. Raises InvalidInput for a time without a zone."""
    return _conditions(shape_of(where), _values(where))


def shaped(shape: Shape) -> list[ColumnElement[bool]]:
    """The same with names in the place of the values, which `named` gives."""
    lists = sum(shape.lists)
    names: Iterator[Any] = (bindparam(f"v{n}", expanding=n < lists) for n in count())
    return _conditions(shape, names)


def named(where: EventFilter) -> dict[str, Any]:
    """The values of a filter by their names. Raises InvalidInput for a time without a zone."""
    return {f"v{n}": value for n, value in enumerate(_values(where))}


def _values(where: EventFilter) -> Iterator[Any]:
    """In the order in which the conditions take them."""
    for some in (where.cameras, where.labels or None, where.people or None):
        if some is not None:
            yield list(some)
    for zone in where.zones:
        yield _like(f"|{zone}|")
    for window in where.windows:
        yield from (micros(each) for each in (window.start, window.end) if each is not None)
    yield from (each for each in (where.above, where.at_least) if each is not None)
    for forms in where.words:
        yield from (_like(f" {form} ") for form in forms)


def _like(text: str) -> str:
    """Anything with that in it; none of its characters means anything else."""
    return f"%{text.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"


def _conditions(shape: Shape, values: Iterator[Any]) -> list[ColumnElement[bool]]:
    def held(column: ColumnElement[str], times: int) -> ColumnElement[bool]:
        return or_(*(column.like(next(values), escape="/") for _ in range(times)))

    listed = zip((_event.camera_id, _event.label, _event.sub_label), shape.lists, strict=True)
    wanted: list[ColumnElement[bool]] = [THERE]
    wanted += [column.in_(next(values)) for column, asked in listed if asked]
    if shape.zones:
        wanted.append(held(_event.zones, shape.zones))
    if shape.windows:
        wanted.append(or_(*(_inside(*ends, values) for ends in shape.windows)))
    if shape.above:
        wanted.append(_event.confidence > next(values))
    if shape.at_least:
        wanted.append(_event.confidence >= next(values))
    return wanted + [held(_event.searched, times) for times in shape.words]


def _inside(starts: bool, ends: bool, values: Iterator[Any]) -> ColumnElement[bool]:
    inside: ColumnElement[bool] = _event.started.is_not(None)
    if starts:
        inside = inside & (_event.started >= next(values))
    if ends:
        inside = inside & (_event.started < next(values))
    return inside


def micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC. Raises InvalidInput for a time without a zone."""
    if moment.tzinfo is None:
        raise InvalidInput(f"a time needs its zone: {moment.isoformat()}")
    return (moment - _EPOCH) // _MICRO


def moment(micros: int) -> datetime:
    """The time, in UTC."""
    return _EPOCH + micros * _MICRO
