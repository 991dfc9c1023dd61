"""How many events there are, kept beside them on SQLite: by quarter of an hour and by day of UTC,
camera, label, person and zones. PostgreSQL counts the events themselves.

Triggers keep the counts, so they are exact whoever writes events, and in the same transaction. What
a question asks of whole days and quarters is added up from them; of a quarter that it asks only a
part of, the events are counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from sqlalchemy import event

from promptuary.adapters.units_of_work._sql.encoding import escaped, unescaped
from promptuary.adapters.units_of_work._sql.event_filters import micros
from promptuary.adapters.units_of_work._sql.event_words import ddl
from promptuary.adapters.units_of_work._sql.schema_conversations import camera_events
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.domain.events import EventFilter, Window
from promptuary.ports._conversations import QUARTER, By

COUNTS: Final = "camera_event_counts"
SHORT: Final = QUARTER * 1_000_000
LONG: Final = 86_400_000_000
"""Microseconds in a quarter of an hour, and in a day."""
MOST: Final = 20
"""What asks for more stretches of time than that is answered from the events."""
_EVER = 2**62 // LONG * LONG
"""Later than any event; before it with a minus, and the beginning of a day."""

_KEY = "span, camera_id, began, label, person, zones"
_PERSON = "coalesce('|' || {row}sub_label, '')"
"""Somebody whose name is empty is not nobody."""
_BEGAN = "{row}started - (({row}started % {span} + {span}) % {span})"
"""When the span began, also before 1970."""


def _cell(row: str, span: int) -> str:
    """Where an event counts."""
    began, person = _BEGAN.format(row=row, span=span), _PERSON.format(row=row)
    return f"{span}, {row}camera_id, {began}, {row}label, {person}, {row}zones"


def _counted(*changes: tuple[str, str]) -> str:
    """What each row adds to where it counts. Where nothing is left, nothing tells that there was
    anything: neither a deleted event's place nor its name."""
    cells = [(_cell(row, span), by) for row, by in changes for span in (SHORT, LONG)]
    added = ", ".join(f"({cell}, {by})" for cell, by in cells)
    emptied = (f"DELETE FROM {COUNTS} WHERE n = 0 AND ({_KEY}) = ({cell})" for cell, _ in cells)  # noqa: S608 - all words are ours
    return "; ".join((
        f"INSERT INTO {COUNTS} ({_KEY}, n) VALUES {added} "  # noqa: S608 - all words are ours
        f"ON CONFLICT ({_KEY}) DO UPDATE SET n = n + excluded.n",
        *emptied,
    ))  # fmt: skip


def _trigger(name: str, when: str, *changes: tuple[str, str]) -> str:
    return f"CREATE TRIGGER {COUNTS}_{name} AFTER {when} BEGIN {_counted(*changes)}; END"


def _place(row: str) -> str:
    names = ("gone", "camera_id", "started", "label", "sub_label", "zones")
    return f"({', '.join(row + name for name in names)})"


_ON = f"ON {camera_events.name} WHEN"
_NEW, _OLD = ("NEW.", "NOT NEW.gone"), ("OLD.", "-(NOT OLD.gone)")
MADE: Final = (
    f"CREATE TABLE {COUNTS} (span INTEGER NOT NULL, camera_id TEXT NOT NULL, "
    "began INTEGER NOT NULL, label TEXT NOT NULL, person TEXT NOT NULL, zones TEXT NOT NULL, "
    f"n INTEGER NOT NULL, PRIMARY KEY ({_KEY})) WITHOUT ROWID",
    _trigger("new", f"INSERT {_ON} NOT NEW.gone", _NEW),
    _trigger("changed", f"UPDATE {_ON} {_place('OLD.')} IS NOT {_place('NEW.')}", _OLD, _NEW),
    _trigger("deleted", f"DELETE {_ON} NOT OLD.gone", _OLD),
)
for made in MADE:
    event.listen(camera_events, "after_create", ddl(made, "sqlite"))


@dataclass(slots=True)  # changes: it is filled stretch by stretch
class _Parts:
    """Stretches of time from a moment until just before another, in microseconds: those of whole
    spans, and those of which the events are counted."""

    spans: list[tuple[int, int, int]] = field(default_factory=list)
    rest: list[tuple[int, int]] = field(default_factory=list)

    def take(self, low: int, high: int, *, by_day: bool) -> None:
        """A stretch of time, in the longest spans that there are."""
        first, last = _up(low, SHORT), _down(high, SHORT)
        if first >= last:
            self._leave(low, high)
            return
        self._leave(low, first)
        days = (_up(first, LONG), _down(last, LONG)) if by_day else (last, last)
        inner = days if days[0] < days[1] else (last, last)
        found = ((SHORT, first, inner[0]), (LONG, *inner), (SHORT, inner[1], last))
        self.spans += [each for each in found if each[1] < each[2]]
        self._leave(last, high)

    def _leave(self, low: int, high: int) -> None:
        if low < high:
            self.rest.append((low, high))


def _up(moment: int, span: int) -> int:
    return -(-moment // span) * span


def _down(moment: int, span: int) -> int:
    return moment // span * span


def _stretches(windows: Sequence[Window]) -> list[tuple[int, int]]:
    """From when until when any of them is open, oldest first; those that meet are one. Raises
    InvalidInput for a time without a zone."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(map(_ends, windows or (Window(),))):
        if found and low <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], high)
        elif low < high:
            found.append((low, high))
    return found


def _ends(window: Window) -> tuple[int, int]:
    return (
        -_EVER if window.start is None else micros(window.start),
        _EVER if window.end is None else micros(window.end),
    )


Counted: TypeAlias = Mapping[str, int]
_OF = {"camera": "camera_id", "label": "label", "person": "person", "zone": "zones"}


async def counted(db: Statements, where: EventFilter, by: By) -> Counted | None:
    """How many for each value of that column, `zones` as they stand in the row; None where the
    counts cannot tell."""
    parts = _parts(db, where, by_day=True)
    if parts is None:
        return None
    found = await _added(db, where, parts, _OF[by])
    if by == "person":
        return {unescaped(name[1:]): n for name, n in found.items() if name}
    return {unescaped(name): n for name, n in found.items()}


async def number(db: Statements, where: EventFilter) -> int | None:
    """How many there are; None where the counts cannot tell."""
    parts = _parts(db, where, by_day=True)
    return None if parts is None else sum((await _added(db, where, parts, "0")).values())


async def quarters(db: Statements, where: EventFilter) -> Mapping[int, int] | None:
    """How many began in each quarter of an hour, by its first second; None where the counts cannot
    tell."""
    parts = _parts(db, where, by_day=False)
    if parts is None:
        return None
    found = await _added(db, where, parts, "began")
    return {began // 1_000_000: n for began, n in found.items()}


def _parts(db: Statements, where: EventFilter, *, by_day: bool) -> _Parts | None:
    sure = where.above is None and where.at_least is None
    if db.postgresql or where.words or not sure:
        return None
    stretches = _stretches(where.windows)
    if len(stretches) > MOST:
        return None
    parts = _Parts()
    for low, high in stretches:
        parts.take(low, high, by_day=by_day)
    return parts


async def _added(db: Statements, where: EventFilter, parts: _Parts, of: str) -> dict[Any, int]:
    """The sums by the column `of`."""
    given, values = _conditions(where)
    asked: list[str] = []
    told: list[Any] = []
    for span, low, high in parts.spans:
        asked.append(_WHOLE.format(of=of, given=given))
        told += (span, low, high, *values)
    for low, high in parts.rest:
        asked.append(_EVENTS.format(of=of, given=given))
        told += (low, high, *values)
    sums: dict[Any, int] = {}
    if asked:
        for value, n in await db.plain(" UNION ALL ".join(asked), told):
            sums[value] = sums.get(value, 0) + n
    return sums


_WHOLE: Final = (
    f"SELECT {{of}} AS value, sum(n) AS n FROM {COUNTS} "  # noqa: S608 - all words are ours
    "WHERE span = ? AND began >= ? AND began < ?{given} GROUP BY value"
)
_EVENTS: Final = (
    "SELECT {of} AS value, count(*) AS n FROM ("  # noqa: S608 - all words are ours
    f"SELECT +camera_id AS camera_id, {_BEGAN.format(row='', span=SHORT)} AS began, label, "
    f"{_PERSON.format(row='')} AS person, zones FROM {camera_events.name} "
    "WHERE NOT gone AND started >= ? AND started < ?) WHERE 1{given} GROUP BY value"
)
"""Read by time: a quarter of an hour holds few."""


def _conditions(where: EventFilter) -> tuple[str, list[str]]:
    """What else must hold, and the values in it."""
    given, values = "", list[str]()
    people = tuple(f"|{each}" for each in where.people)
    for name, some in (("camera_id", where.cameras), ("label", where.labels), ("person", people)):
        if some or (some is not None and name == "camera_id"):
            given += f" AND {name} IN ({', '.join('?' * len(some))})"
            values += map(escaped, some)
    if where.zones:
        given += f" AND ({' OR '.join(['instr(zones, ?)'] * len(where.zones))})"
        values += (f"|{escaped(each)}|" for each in where.zones)
    return given, values
