"""Second stage of reading time: ranges over dates, clock times and parts of the day.

What was found, and the small words between, become a string of one character each (`bC&CD` is
"between 14:00 and 16:00 on Friday"), over which the first of some expressions that fits decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from promptuary.conversation.planning import atoms
from promptuary.conversation.planning.atoms import Clock, DayPart
from promptuary.conversation.planning.sheet import Sheet
from promptuary.conversation.planning.tongue import tongue
from promptuary.domain.conversations import TimeRange

DAY = timedelta(days=1)
_PIECE = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+(?![.:%]?\d)|[-–—]|\S")
_NUMBER = re.compile(r"\d{1,2}")


@dataclass(frozen=True, slots=True)
class Read:
    """A stretch of time that was said, and where."""

    start: int
    end: int
    said: TimeRange
    partial: bool = False
    """It says hours and no day: in a conversation they are those of the day spoken of."""


@dataclass(frozen=True, slots=True)
class _Piece:
    code: str
    start: int
    end: int
    value: TimeRange | Clock | DayPart | None = None


def read(sheet: Sheet, language: str, now: datetime, *, american: bool = False) -> list[Read]:
    """What is said of time, in order of the question; it is taken from the sheet. `now` is a wall
    time, and so are all times that come out."""
    pieces = _pieces(sheet, language, now, american=american)
    coded = "".join(each.code for each in pieces)
    taken: list[Read] = []
    for pattern, join in _RULES:
        for match in list(pattern.finditer(coded)):
            of_it = pieces[match.start() : match.end()]
            if "." in coded[match.start() : match.end()]:
                continue
            said = join([each for each in of_it if each.code in "DCPRWN"], now, match)
            if said is None:
                continue
            start, end = of_it[0].start, of_it[-1].end
            taken.append(Read(start, end, replace(said[0], text=_text(sheet, start, end)), said[1]))
            coded = coded[: match.start()] + "." * len(of_it) + coded[match.end() :]
    for piece, code in zip(pieces, coded, strict=True):
        if code == "-":
            sheet.hide(piece.start, piece.end)
    for each in taken:
        sheet.take(each.start, each.end, "time")
    return sorted(taken, key=lambda each: each.start)


def _text(sheet: Sheet, start: int, end: int) -> str:
    return " ".join(sheet.question[start:end].split()).strip(" ,")


def _pieces(sheet: Sheet, language: str, now: datetime, *, american: bool) -> list[_Piece]:
    """Everything that is left of the question; small words that mean nothing here are left out."""
    found = atoms.find(sheet, language, now, american=american)
    words = tongue(language)
    pieces = [_Piece(each.kind, each.start, each.end, each.said) for each in found]
    text = sheet.left
    for each in found:
        text = text[: each.start] + " " * (each.end - each.start) + text[each.end :]
    for match in _PIECE.finditer(text):
        word = match.group()
        code = words.joints.get(word, "x")
        if word == ",":
            code = "o"
        if _NUMBER.fullmatch(word) and int(word) <= 24:
            clock = Clock(time(int(word) % 24), sure=int(word) > 12, text=word)
            pieces.append(_Piece("N", match.start(), match.end(), clock))
        elif code != "o":
            pieces.append(_Piece(code, match.start(), match.end()))
    return sorted(pieces, key=lambda each: each.start)


Joined: TypeAlias = "tuple[TimeRange, bool] | None"
Join: TypeAlias = Callable[[Sequence[_Piece], datetime, "re.Match[str]"], Joined]


def _day_of(pieces: Sequence[_Piece], now: datetime) -> tuple[date, date] | None:
    for each in pieces:
        if isinstance(each.value, TimeRange) and each.value.days:
            return each.value.days
        if isinstance(each.value, DayPart) and each.value.today:
            return (now.date(), now.date())
    return None


def _clocks(pieces: Sequence[_Piece]) -> list[Clock]:
    return [each.value for each in pieces if isinstance(each.value, Clock)]


def _part(pieces: Sequence[_Piece]) -> DayPart | None:
    return next((each.value for each in pieces if isinstance(each.value, DayPart)), None)


def _settled(clock: Clock, part: DayPart | None) -> Clock:
    """A clock time with the half of the day that a part of the day gives it."""
    hour = clock.at.hour
    if part is None or clock.sure or hour > 12:
        return clock
    if part.early:
        return replace(clock, at=clock.at.replace(hour=hour % 12), sure=True)
    night = part.hours[0].hour >= 20 and (hour < 6 or hour == 12)
    return replace(clock, at=clock.at.replace(hour=hour % 12 + (0 if night else 12)), sure=True)


def _both(first: Clock, last: Clock) -> tuple[time, time]:
    """From and until; `from 9 to 5` and `between 2 and 4 am` mean what people mean."""
    a, b = first.at, last.at
    if not first.sure and last.sure and a.hour <= 12:
        late = a.replace(hour=a.hour % 12 + 12)
        early = a.replace(hour=a.hour % 12)
        a = late if b.hour >= 12 and late < b else early if early < b or b == time(0) else a
    if not last.sure and b <= a and b.hour < 12:
        b = b.replace(hour=b.hour + 12) if b.replace(hour=b.hour + 12) > a else b
    return a, b


def _hours_between(pieces: Sequence[_Piece], now: datetime, _m: re.Match[str]) -> Joined:
    first, last = (_settled(each, _part(pieces)) for each in _clocks(pieces)[:2])
    return _on(_day_of(pieces, now), _both(first, last), now)


def _on(days: tuple[date, date] | None, hours: tuple[time, time], now: datetime) -> Joined:
    """Those hours of those days; without a day the most recent that has begun."""
    if days is not None:
        return TimeRange("", days, hours), False
    today = now.date()
    day = today if hours[0] < now.time() else today - DAY
    said = "today" if day == today else "yesterday"
    named = f"{hours[0]:%H:%M}-{hours[1]:%H:%M} of {said}"
    return TimeRange("", (day, day), hours, definition=named, vague=True), True


def _exact_between(pieces: Sequence[_Piece], _now: datetime, _m: re.Match[str]) -> Joined:
    """From a clock time of one day until one of another."""
    clocks = _clocks(pieces)
    days = [p.value.days for p in pieces if isinstance(p.value, TimeRange) and p.value.days]
    a, b = clocks[0].at, clocks[1].at
    start, end = datetime.combine(days[0][0], a), datetime.combine(days[1][0], b)
    return (TimeRange("", start=start, end=end), False) if start < end else None


def _days_between(pieces: Sequence[_Piece], _now: datetime, _m: re.Match[str]) -> Joined:
    days = [p.value.days for p in pieces if isinstance(p.value, TimeRange) and p.value.days]
    if len(days) < 2:
        return None
    first, last = days[0][0], days[1][1]
    if last < first:
        first -= timedelta(days=7 if (first - last).days < 7 else 0)
    return (TimeRange("", (first, last)), False) if first <= last else None


def _since(pieces: Sequence[_Piece], now: datetime, _m: re.Match[str]) -> Joined:
    start, partial = _begin(pieces, now)
    if start > now and partial:
        start -= DAY
    return TimeRange("", start=start, end=now if start <= now else None), partial


def _begin(pieces: Sequence[_Piece], now: datetime) -> tuple[datetime, bool]:
    """The moment that is named: a clock time of a day, or where a day or a part of it begins."""
    days, clocks, part = _day_of(pieces, now), _clocks(pieces), _part(pieces)
    exact = next(
        (p.value for p in pieces if isinstance(p.value, TimeRange) and p.value.start), None
    )
    if exact is not None and exact.start is not None:
        return exact.start, False
    day = days[0] if days else now.date()
    own = next((p.value.hours for p in pieces if isinstance(p.value, TimeRange)), None)
    clock = _settled(clocks[0], part).at if clocks else part.hours[0] if part else None
    clock = clock or (own[0] if own else time(0))
    return datetime.combine(day, clock), days is None


def _after(pieces: Sequence[_Piece], now: datetime, match: re.Match[str]) -> Joined:
    """After a clock time: the rest of that day. After a day: from its end on."""
    days, clocks, part = _day_of(pieces, now), _clocks(pieces), _part(pieces)
    if clocks:
        clock = _settled(clocks[0], part if len(pieces) > 1 else None).at
        return _on(days, (clock, time(0)), now)
    if part is not None:
        return _on(days, (part.hours[1], time(0)), now)
    if days is None:
        return _since(pieces, now, match)
    return TimeRange("", start=datetime.combine(days[1] + DAY, time(0))), False


def _before(pieces: Sequence[_Piece], now: datetime, _m: re.Match[str]) -> Joined:
    """Before a clock time: that day until then. Before a day: everything until it begins."""
    days, clocks, part = _day_of(pieces, now), _clocks(pieces), _part(pieces)
    if clocks:
        clock = _settled(clocks[0], part).at
        return _on(days, (time(0), clock), now) if clock != time(0) else None
    if part is not None:
        return _on(days, (time(0), part.hours[0]), now)
    if days is None:
        return None
    return TimeRange("", end=datetime.combine(days[0], time(0))), False


def _until(pieces: Sequence[_Piece], now: datetime, match: re.Match[str]) -> Joined:
    days = _day_of(pieces, now)
    if _clocks(pieces) or days is None:
        return _before(pieces, now, match)
    return TimeRange("", end=datetime.combine(days[1] + DAY, time(0))), False


def _day_part(pieces: Sequence[_Piece], now: datetime, _m: re.Match[str]) -> Joined:
    part, days = _part(pieces), _day_of(pieces, now)
    if part is None:
        return None
    own = next((p.value for p in pieces if isinstance(p.value, TimeRange)), None)
    if own is not None and own.hours is not None:
        return None
    said = _on(days, part.hours, now)
    if said is None:
        return None
    start, end = part.hours
    definition = f"{part.text} = {start:%H:%M}-{end:%H:%M}"
    return replace(said[0], definition=definition, vague=said[0].vague), said[1]


def _bare_clock(pieces: Sequence[_Piece], now: datetime, _m: re.Match[str]) -> Joined:
    """A clock time alone is that hour."""
    clock = _settled(_clocks(pieces)[0], _part(pieces))
    end = clock.at.replace(hour=(clock.at.hour + 1) % 24)
    said = _on(_day_of(pieces, now), (clock.at, end), now)
    if said is None:
        return None
    definition = f"{clock.text} = {clock.at:%H:%M}-{end:%H:%M}"
    return replace(said[0], definition=definition, vague=True), said[1]


def _alone(pieces: Sequence[_Piece], _n: datetime, _m: re.Match[str]) -> Joined:
    value = pieces[0].value
    return (value, False) if isinstance(value, TimeRange) else None


_RULES: Sequence[tuple[re.Pattern[str], Join]] = [
    (re.compile(pattern), join)
    for pattern, join in (
        (r"[fb]?(?:CD|DC|ND|DN)[tu&-](?:CD|DC|ND|DN)", _exact_between),
        (r"(?:b[CN]&[CN]P?D|b[CN]&[CN]DP?|D[fb]?[CN][tu-][CN]P?|Db[CN]&[CN]P?)", _hours_between),
        (r"(?:f?[CN]P?[tu-][CN]P?D|f?[CN][tu-][CN]DP|f?D[CN][tu-][CN])", _hours_between),
        (r"(?:Pf?[CN][tu-][CN]D?|Pb[CN]&[CN]D?|DPf?[CN][tu-][CN]|DPb[CN]&[CN])", _hours_between),
        (r"(?:b[CN]&[CN]P?|f[CN][tu-][CN]P?|C[tu-]C|N[tu-][CN]P?|C[tu-]N)", _hours_between),
        (r"(?:bD&D|f?D[tu-]D)", _days_between),
        (r"s(?:[CN]P?D|D[CN]P?|DP|PD|CP|NP|C|N|D|P|R)", _since),
        (r"sx{1,4}(?:[CN]P?D|[CN]D|D[CN]|CP|C)", _since),
        (r"ax{1,4}(?:[CN]P?D|CP|C)", _after),
        (r"<x{1,4}(?:[CN]P?D|CP|C)", _before),
        (r"ux{1,4}(?:CD|C)", _until),
        (r"f(?:[CN]D|D[CN]|DP|PD|C|D)(?![tu&])", _since),
        (r"(?:a[CN]P?D|D[ao]?a[CN]P?|aD[CN]|aDP|Da[CN]|PaC|aCP|a[CN]|aD|aP)", _after),
        (r"(?:<[CN]P?D|D<[CN]P?|<D[CN]|<DP|<C|<N|<D|<P|DPu[CN]|P<C)", _before),
        (r"(?:u[CN]D|Du[CN]|uD[CN]|uC|uD)", _until),
        (r"(?:[CN]PD|[CN]DP|D[CN]P|CP|NP)", _bare_clock),
        (r"(?:DP|PD|P)", _day_part),
        (r"(?:DC|CD|C)", _bare_clock),
        (r"[RW]", _alone),
        (r"D", _alone),
    )
]
