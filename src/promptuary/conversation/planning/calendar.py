"""What words of time mean on the calendar of whoever asks; the definitions stand here.

Today is local midnight to now. A weekday is the most recent past one. Last weekend is the last
complete Saturday and Sunday, this week begins on Monday, a bare month is the most recent one that
has begun. Last night is yesterday 20:00 to today 06:00.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from promptuary.domain.conversations import TimeRange

DAY = timedelta(days=1)
NIGHT = (time(20), time(6))
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
HOLIDAYS = {
    "christmas": (12, 25),
    "christmas day": (12, 25),
    "xmas": (12, 25),
    "christmas eve": (12, 24),
    "boxing day": (12, 26),
    "new year": (1, 1),
    "new year's": (1, 1),
    "new year's day": (1, 1),
    "new years day": (1, 1),
    "new year's eve": (12, 31),
    "new years eve": (12, 31),
    "halloween": (10, 31),
    "valentine's day": (2, 14),
}
AHEAD = frozenset({"next", "coming", "nachsten", "nachste", "kommenden", "gelecek", "onumuzdeki"})


def one_day(text: str, day: date) -> TimeRange:
    """That day, whole."""
    return TimeRange(text, (day, day))


def weekday(text: str, number: int, today: date, *, ahead: bool = False) -> TimeRange:
    """The most recent past day of that name (Monday is 0), or the next one."""
    if ahead:
        return one_day(text, today + timedelta(days=(number - today.weekday() - 1) % 7 + 1))
    return one_day(text, today - timedelta(days=(today.weekday() - number - 1) % 7 + 1))


def weekday_of(text: str, number: int, today: date, weeks: int) -> TimeRange:
    """That day of this week (0) or of an earlier one."""
    monday = today - timedelta(days=today.weekday() - 7 * weeks)
    return one_day(text, monday + timedelta(days=number))


def weekend(text: str, today: date, back: int) -> TimeRange:
    """The last complete Saturday and Sunday (1), the one before (2), the running or, on workdays,
    the last one (0), or the coming one (-1)."""
    if back == 0 and today.weekday() < 5:
        back = 1
    past_sunday = today - timedelta(days=today.weekday() + 1)
    sunday = past_sunday - timedelta(days=7 * (back - 1))
    return TimeRange(text, (sunday - DAY, sunday), definition="Saturday and Sunday")


def period(text: str, unit: str, today: date, back: int) -> TimeRange:
    """This week, month or year (0), or an earlier one."""
    if unit == "day":
        return one_day(text, today - back * DAY)
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        span = (monday, monday + 6 * DAY)
        said = TimeRange(text, span, definition="Monday to Sunday")
        if back == 1:
            rolling = TimeRange("the past 7 days", (today - 7 * DAY, today - DAY))
            return replace(said, alternatives=(rolling,))
        return said
    if unit == "month":
        index = today.year * 12 + today.month - 1 - back
        return month(text, index // 12, index % 12 + 1)
    return TimeRange(text, (date(today.year - back, 1, 1), date(today.year - back, 12, 31)))


def month(text: str, year: int, number: int) -> TimeRange:
    """A month of a year, whole."""
    return TimeRange(text, (date(year, number, 1), date(year, number, monthrange(year, number)[1])))


def bare_month(text: str, number: int, today: date, *, ahead: bool = False) -> TimeRange:
    """The most recent month of that name that has begun, or the next one."""
    year = today.year if number <= today.month else today.year - 1
    return month(text, year + ahead, number)


def season(text: str, name: str, year: int | None, today: date) -> TimeRange:
    """Three months from the first of March, June, September or December on."""
    begins = SEASONS[name]
    if year is None:
        year = today.year if begins <= today.month else today.year - 1
    last = date(year + (begins == 12), (begins + 1) % 12 + 1, 28)
    return TimeRange(
        text, (date(year, begins, 1), last.replace(day=monthrange(last.year, last.month)[1]))
    )


def dated(text: str, day: int, number: int, year: int | None, today: date) -> TimeRange | None:
    """A date; without a year the most recent one. None for a day that the month lacks."""
    try:
        if year is not None:
            return one_day(text, date(year + 2000 if year < 100 else year, number, day))
        this = date(today.year, number, day)
    except ValueError:
        return None
    return one_day(text, this if this <= today else this.replace(year=today.year - 1))


def numeric(
    text: str, first: int, second: int, year: int | None, today: date, *, american: bool
) -> TimeRange | None:
    """`11/01/2026`: the day first, or in America the month; the other reading is an alternative."""
    readings = [dated(text, second, first, year, today), dated(text, first, second, year, today)]
    if not american:
        readings.reverse()
    said, other = readings
    if said is None or other is None or said.days == other.days:
        return said or other
    days = other.days
    named = replace(other, text=f"{days[0]:%-d %B %Y}" if days else text)
    return replace(said, vague=True, alternatives=(named,))


def day_of_month(text: str, day: int, today: date) -> TimeRange | None:
    """`the 8th`: of this month, else of the one before."""
    for back in (0, 1, 2):
        index = today.year * 12 + today.month - 1 - back
        year, number = index // 12, index % 12 + 1
        if day <= monthrange(year, number)[1] and date(year, number, day) <= today:
            return one_day(text, date(year, number, day))
    return None


def last_night(text: str, today: date) -> TimeRange:
    """Yesterday 20:00 to today 06:00."""
    evening = today - DAY
    others = (
        ("18:00-06:00", time(18), time(6)),
        ("22:00-06:00", time(22), time(6)),
    )
    return TimeRange(
        text,
        (evening, evening),
        NIGHT,
        definition=f"{text} = 20:00-06:00",
        alternatives=(
            *(TimeRange(name, (evening, evening), (a, b)) for name, a, b in others),
            TimeRange("00:00-06:00", (today, today), (time(0), time(6))),
        ),
    )


def rolling(text: str, amount: float, unit: str, now: datetime) -> TimeRange:
    """So much time until now; a day is 24 hours."""
    if unit in {"month", "year"}:
        months = int(amount * (12 if unit == "year" else 1))
        index = now.year * 12 + now.month - 1 - months
        day = min(now.day, monthrange(index // 12, index % 12 + 1)[1])
        return TimeRange(text, start=now.replace(year=index // 12, month=index % 12 + 1, day=day))
    span = timedelta(**{f"{unit}s": amount})
    said = TimeRange(text, start=now - span, end=now)
    if unit in {"day", "week"} and amount >= 1:
        days = int(amount * (7 if unit == "week" else 1))
        today = now.date()
        whole = TimeRange(f"{days} calendar days", (today - days * DAY, today - DAY))
        with_today = TimeRange("with today", (today - (days - 1) * DAY, today))
        hours = f"{text} = {days * 24} hours until now"
        return replace(said, definition=hours, alternatives=(whole, with_today))
    return said


def ago(text: str, amount: float, unit: str, now: datetime) -> TimeRange:
    """So long before now: the hour, the day, the week, the month or the year of it."""
    if unit in {"minute", "hour"}:
        then = now - timedelta(**{f"{unit}s": amount})
        around = timedelta(minutes=30)
        return TimeRange(text, start=then - around, end=then + around, vague=True)
    if unit == "day":
        return one_day(text, now.date() - int(amount) * DAY)
    return period(text, unit, now.date(), int(amount))
