"""First stage of reading time: dates, clock times, parts of the day and rolling stretches."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias

from promptuary.conversation.planning import calendar
from promptuary.conversation.planning.sheet import Sheet
from promptuary.conversation.planning.tongue import Tongue, tongue
from promptuary.domain.conversations import TimeRange

Kind: TypeAlias = Literal["D", "C", "P", "R", "W", "-"]
"""Days, clock time, part of the day, rolling or exact, now, and what only fills."""
SHORT = frozenset({"sat", "sun", "mon", "wed", "mar", "may", "mi", "so", "do"})
"""Abbreviations that are words as well."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; `sure` when it says which half of the day."""

    at: time
    sure: bool = True
    text: str = ""


@dataclass(frozen=True, slots=True)
class DayPart:
    """Hours of a day, from and until."""

    hours: tuple[time, time]
    text: str
    today: bool = False
    early: bool = False


@dataclass(frozen=True, slots=True)
class Atom:
    """One of them, and where it stands."""

    kind: Kind
    start: int
    end: int
    said: TimeRange | Clock | DayPart | None = None


class Found:
    """The groups of a match by their plain names."""

    def __init__(self, match: re.Match[str]) -> None:
        self._groups = {
            name.split("__")[0]: value
            for name, value in match.groupdict().items()
            if value is not None
        }
        self.text = match.group().strip(" ,")

    def __call__(self, name: str) -> str | None:
        """The group, if it took part."""
        return self._groups.get(name)


def find(sheet: Sheet, language: str, now: datetime, *, american: bool) -> list[Atom]:
    """What the question says of time, in order; nothing is taken from the sheet yet."""
    words = tongue(language)
    text = sheet.left
    found: list[Atom] = []
    for name in _ORDER:
        pattern = _ANYWHERE.get(name) or words.patterns.get(name)
        if pattern is None:
            continue
        for match in list(pattern.finditer(text)):
            said = Found(match)
            kind, value = _BUILD[name](said, words, now, american)
            if kind is None or text[match.start() : match.end()].count("\0"):
                continue
            found.append(Atom(kind, match.start(), match.end(), value))
            text = (
                text[: match.start()] + "\0" * (match.end() - match.start()) + text[match.end() :]
            )
    return sorted(found, key=lambda atom: atom.start)


Built: TypeAlias = "tuple[Kind | None, TimeRange | Clock | DayPart | None]"
_NONE: Built = (None, None)


def _days(said: TimeRange | None) -> Built:
    return ("D", said) if said else _NONE


def _amount(found: Found, words: Tongue) -> float:
    raw = (found("num") or "1").replace(",", ".")
    return words.numbers[raw] if raw in words.numbers else float(raw)


def _ahead(found: Found) -> bool:
    return (found("mod") or "") in calendar.AHEAD


def _year(found: Found) -> int | None:
    year = found("year")
    return int(year) if year else None


def _iso(f: Found, _w: Tongue, now: datetime, _a: bool) -> Built:
    return _days(
        calendar.dated(f.text, int(f("d") or 0), int(f("m") or 0), int(f("y") or 0), now.date())
    )


def _numeric(f: Found, _w: Tongue, now: datetime, american: bool) -> Built:
    year = int(f("y") or 0) if f("y") else None
    first, second = int(f("a") or 0), int(f("b") or 0)
    if year is None and (f("sep") in {".", "-"} or second > 12 or first > 31):
        return _NONE
    return _days(
        calendar.numeric(
            f.text, first, second, year, now.date(), american=american and f("sep") == "/"
        )
    )


def _ignored(_f: Found, _w: Tongue, _n: datetime, _a: bool) -> Built:
    return ("-", None)


def _now(f: Found, _w: Tongue, now: datetime, _a: bool) -> Built:
    since = now - timedelta(minutes=5)
    said = TimeRange(f.text, start=since, end=now, definition=f"{f.text} = the last 5 minutes")
    return ("W", said)


def _overnight(f: Found, _w: Tongue, now: datetime, _a: bool) -> Built:
    return _days(calendar.last_night(f.text, now.date()))


def _ago(f: Found, w: Tongue, now: datetime, _a: bool) -> Built:
    said = calendar.ago(f.text, _amount(f, w), w.units[f("unit") or "day"], now)
    return ("D" if said.days else "R", said)


_ALONE = {
    "24h": (24, "hour"),
    "24 h": (24, "hour"),
    "half hour": (0.5, "hour"),
    "half-hour": (0.5, "hour"),
    "half an hour": (0.5, "hour"),
    "fortnight": (2, "week"),
    "quarter of an hour": (0.25, "hour"),
    "quarter hour": (0.25, "hour"),
}


def _rolling(f: Found, w: Tongue, now: datetime, _a: bool) -> Built:
    alone = f("alone") or f("span") or f("spanned")
    if alone:
        amount, unit = _ALONE.get(alone, (1, w.units.get(alone, "day")))
    else:
        amount, unit = _amount(f, w), w.units[f("unit") or "hour"]
    if amount > 100_000:
        return _NONE
    return ("R", calendar.rolling(f.text, amount, unit, now))


def _date(f: Found, w: Tongue, now: datetime, _a: bool) -> Built:
    day, month = int(f("day") or 0), f("month")
    if month is None:
        return _days(calendar.day_of_month(f.text, day, now.date()))
    return _days(calendar.dated(f.text, day, w.months[month], _year(f), now.date()))


def _some_days(f: Found, w: Tongue, now: datetime, _a: bool) -> Built:
    number = w.months[f("month") or ""]
    first = calendar.dated(f.text, int(f("day") or 0), number, _year(f), now.date())
    last = calendar.dated(f.text, int(f("day2") or 0), number, _year(f), now.date())
    if first is None or last is None or not (first.days and last.days and first.days < last.days):
        return _NONE
    return _days(TimeRange(f.text, (first.days[0], last.days[1])))


def _month(f: Found, w: Tongue, now: datetime, _a: bool) -> Built:
    number, year = w.months[f("month") or ""], _year(f)
    if year is None:
        return _days(calendar.bare_month(f.text, number, now.date(), ahead=_ahead(f)))
    return _days(calendar.month(f.text, year, number))


def _in_year(f: Found, _w: Tongue, _n: datetime, _a: bool) -> Built:
    year = _year(f) or 1
    return _days(TimeRange(f.text, (date(year, 1, 1), date(year, 12, 31))))


def _season(f: Found, _w: Tongue, now: datetime, _a: bool) -> Built:
    return _days(calendar.season(f.text, f("season") or "", _year(f), now.date()))


def _holiday(f: Found, _w: Tongue, now: datetime, _a: bool) -> Built:
    month, day = calendar.HOLIDAYS[f("holiday") or ""]
    return _days(calendar.dated(f.text, day, month, _year(f), now.date()))


def _weekday(f: Found, w: Tongue, now: datetime, _a: bool) -> Built:
    name, mod = f("weekday") or "", f("mod")
    if name in SHORT and mod is None:
        return _NONE
    weeks = f("weeks") or f("weeks2") or ""
    if weeks:
        back = 2 if "before last" in weeks else 0 if weeks.startswith(("this", "of this")) else 1
        return _days(calendar.weekday_of(f.text, w.weekdays[name], now.date(), back))
    return _days(calendar.weekday(f.text, w.weekdays[name], now.date(), ahead=_ahead(f)))


def _weekend(f: Found, _w: Tongue, now: datetime, _a: bool) -> Built:
    mod = f("mod") or ""
    back = 2 if f("before") or "before" in mod else -1 if _ahead(f) else 0 if mod == "this" else 1
    return _days(calendar.weekend(f.text, now.date(), back))


def _period(f: Found, w: Tongue, now: datetime, _a: bool) -> Built:
    if f("before"):
        return _days(calendar.period(f.text, "week", now.date(), 2))
    if f("todate"):
        return _days(calendar.period(f.text, w.units[f("todate") or ""], now.date(), 0))
    mod = f("mod") or ""
    back = -1 if _ahead(f) else 0 if mod in _THIS else 1
    return _days(calendar.period(f.text, w.units[f("period") or ""], now.date(), back))


_THIS = frozenset(
    {"this", "the current", "current", "the whole", "all", "esta", "este", "diese", "diesen",
     "dieser", "dieses", "bu"}
)  # fmt: skip


def _part(f: Found, w: Tongue, _n: datetime, _a: bool) -> Built:
    return ("P", _hours(f.text, w.parts[f("part") or ""]))


def _this_part(f: Found, w: Tongue, now: datetime, _a: bool) -> Built:
    if f("tonight"):
        today = calendar.one_day(f.text, now.date())
        return ("D", replace(today, hours=calendar.NIGHT, definition=f"{f.text} = 20:00-06:00"))
    part = _hours(f.text, w.parts[f("part") or ""], today=True)
    return ("P", part)


def _hours(text: str, hours: tuple[int, int], *, today: bool = False) -> DayPart:
    start, end = time(hours[0] % 24), time(hours[1] % 24)
    return DayPart((start, end), text, today, early=hours[1] <= 12)


def _day(f: Found, w: Tongue, now: datetime, _a: bool) -> Built:
    return _days(calendar.one_day(f.text, now.date() + timedelta(days=w.days[f("word") or ""])))


def _clock(f: Found, w: Tongue, _n: datetime, _a: bool) -> Built:
    named, four = f("named"), f("hour4")
    if named:
        return ("C", Clock(time(w.clocks[named]), True, f.text))
    if four:
        return ("C", Clock(time(int(four[:2]), int(four[2:])), True, f.text))
    word = f("hour") or f("hourword") or ""
    hour = int(word) if word.isdigit() else int(w.numbers[word])
    minute = int(f("minute") or 0) + (30 if f("half") else 0)
    quarter = f("quarter") or ""
    if quarter:
        hour, minute = (hour - 1, 45) if quarter.endswith("to") else (hour, 15)
    half = (f("ampm") or "").replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            return _NONE
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 24 or (hour == 24 and minute):
        return _NONE
    sure = bool(half or (f("minute") and (hour > 12 or (f("hour") or "").startswith("0"))))
    return ("C", Clock(time(hour % 24, minute), sure or bool(f("minute")), f.text))


_ORDER = (
    *("iso", "numeric", "ignored", "now", "overnight", "ago", "rolling", "days", "date", "holiday"),
    *("season", "month", "year", "weekend", "weekday", "period", "this_part", "day", "clock"),
    "part",
)
_ANYWHERE = {
    "iso": re.compile(
        r"(?<![\w-])(?P<y>[12]\d{3})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?![\d-])(?:t(?=\d))?"
    ),
    "numeric": re.compile(
        r"(?<![\w.-])(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?:(?P=sep)(?P<y>\d{4}|\d{2})\b|(?=[./]?(?:\s|,|$|\?)))(?!:)"
    ),
}
_BUILD: Mapping[str, Callable[[Found, Tongue, datetime, bool], Built]] = {
    "iso": _iso, "numeric": _numeric, "ignored": _ignored, "now": _now, "overnight": _overnight,
    "ago": _ago, "rolling": _rolling, "days": _some_days, "date": _date, "holiday": _holiday,
    "season": _season, "month": _month, "year": _in_year, "weekend": _weekend,
    "weekday": _weekday, "period": _period, "this_part": _this_part, "part": _part, "day": _day,
    "clock": _clock,
}  # fmt: skip
