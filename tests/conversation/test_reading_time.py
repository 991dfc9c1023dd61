"""What words of time mean to somebody in Lisbon on Wednesday 14 May 2025 at 17:30."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.guarded import NOW, ZONE
from promptuary.conversation.planning import ranges
from promptuary.conversation.planning.sheet import Sheet
from promptuary.conversation.planning.windows import windows_of, zone_of
from promptuary.domain.errors import InvalidInput

WALL = NOW.astimezone(ZONE).replace(tzinfo=None)


def covered(question: str, language: str = "en", *, american: bool = False) -> str:
    """From and until, in local time; several stretches are joined by commas."""
    (read,) = ranges.read(Sheet(question), language, WALL, american=american)
    return ", ".join(
        "-".join(
            each.astimezone(ZONE).strftime("%d.%m.%y %H:%M") if each else ""
            for each in (window.start, window.end)
        )
        for window in windows_of(read.said, ZONE, NOW)
    )


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("today", "14.05.25 00:00-14.05.25 17:30"),
        ("so far today", "14.05.25 00:00-14.05.25 17:30"),
        ("yesterday", "13.05.25 00:00-14.05.25 00:00"),
        ("the day before yesterday", "12.05.25 00:00-13.05.25 00:00"),
        ("three days ago", "11.05.25 00:00-12.05.25 00:00"),
        ("last night", "13.05.25 20:00-14.05.25 06:00"),
        ("overnight", "13.05.25 20:00-14.05.25 06:00"),
        ("this morning", "14.05.25 06:00-14.05.25 12:00"),
        ("yesterday afternoon", "13.05.25 12:00-13.05.25 18:00"),
        ("on Wednesday", "07.05.25 00:00-08.05.25 00:00"),
        ("last Monday", "12.05.25 00:00-13.05.25 00:00"),
        ("Sunday evening", "11.05.25 18:00-12.05.25 00:00"),
        ("last weekend", "10.05.25 00:00-12.05.25 00:00"),
        ("this week", "12.05.25 00:00-14.05.25 17:30"),
        ("last week", "05.05.25 00:00-12.05.25 00:00"),
        ("the week before last", "28.04.25 00:00-05.05.25 00:00"),
        ("last month", "01.04.25 00:00-01.05.25 00:00"),
        ("in the past 36 hours", "13.05.25 05:30-14.05.25 17:30"),
        ("over the last couple of hours", "14.05.25 15:30-14.05.25 17:30"),
        ("in the last half hour", "14.05.25 17:00-14.05.25 17:30"),
        ("past 3 days", "11.05.25 17:30-14.05.25 17:30"),
        ("on 2 May", "02.05.25 00:00-03.05.25 00:00"),
        ("on the 2nd of May", "02.05.25 00:00-03.05.25 00:00"),
        ("on May 2nd, 2025", "02.05.25 00:00-03.05.25 00:00"),
        ("on 2025-05-02", "02.05.25 00:00-03.05.25 00:00"),
        ("on 02/05/2025", "02.05.25 00:00-03.05.25 00:00"),
        ("in April", "01.04.25 00:00-01.05.25 00:00"),
        ("2-4 May", "02.05.25 00:00-05.05.25 00:00"),
        ("from Friday to Sunday", "09.05.25 00:00-12.05.25 00:00"),
        ("between 14:00 and 16:00 yesterday", "13.05.25 14:00-13.05.25 16:00"),
        ("from 9 to 5 yesterday", "13.05.25 09:00-13.05.25 17:00"),
        ("between 2 and 4 am on Monday", "12.05.25 02:00-12.05.25 04:00"),
        ("between 7 and 9 in the evening on 2 May", "02.05.25 19:00-02.05.25 21:00"),
        ("between 10 pm and 2 am on 2 May", "02.05.25 22:00-03.05.25 02:00"),
        ("from 22:00 on 1 May until 04:00 on 3 May", "01.05.25 22:00-03.05.25 04:00"),
        ("since Monday", "12.05.25 00:00-14.05.25 17:30"),
        ("since 6pm yesterday", "13.05.25 18:00-14.05.25 17:30"),
        ("since midnight", "14.05.25 00:00-14.05.25 17:30"),
        ("yesterday after 18:00", "13.05.25 18:00-14.05.25 00:00"),
        ("before noon today", "14.05.25 00:00-14.05.25 12:00"),
        ("before 3 May", "-03.05.25 00:00"),
        ("at 3pm", "14.05.25 15:00-14.05.25 16:00"),
        ("at 8 in the evening yesterday", "13.05.25 20:00-13.05.25 21:00"),
        ("last weekend between 8 and 9",
         "10.05.25 08:00-10.05.25 09:00, 11.05.25 08:00-11.05.25 09:00"),
        ("in March 2019", "01.03.19 00:00-01.04.19 00:00"),
    ],
)  # fmt: skip
def test_a_phrase_covers_what_it_says(said: str, means: str) -> None:
    assert covered(f"people {said}") == means


@pytest.mark.parametrize(
    ("language", "said", "means"),
    [
        ("es", "ayer", "13.05.25 00:00-14.05.25 00:00"),
        ("es", "en las últimas 6 horas", "14.05.25 11:30-14.05.25 17:30"),
        ("es", "anoche", "13.05.25 20:00-14.05.25 06:00"),
        ("es", "el 2 de mayo", "02.05.25 00:00-03.05.25 00:00"),
        ("de", "gestern", "13.05.25 00:00-14.05.25 00:00"),
        ("de", "heute Morgen", "14.05.25 06:00-14.05.25 12:00"),
        ("de", "in den letzten 12 Stunden", "14.05.25 05:30-14.05.25 17:30"),
        ("de", "am 2. Mai", "02.05.25 00:00-03.05.25 00:00"),
        ("tr", "dün", "13.05.25 00:00-14.05.25 00:00"),
        ("tr", "son 3 saatte", "14.05.25 14:30-14.05.25 17:30"),
        ("tr", "dün gece", "13.05.25 20:00-14.05.25 06:00"),
        ("tr", "bu hafta", "12.05.25 00:00-14.05.25 17:30"),
    ],
)
def test_other_languages_say_it_too(language: str, said: str, means: str) -> None:
    assert covered(said, language) == means


def test_the_month_comes_first_in_america() -> None:
    assert covered("on 02/05/2025", american=True) == "05.02.25 00:00-06.02.25 00:00"


def test_a_day_on_which_clocks_go_forward_is_an_hour_short() -> None:
    now = datetime(2026, 3, 30, 12, tzinfo=UTC)
    zone = ZoneInfo("Europe/Lisbon")
    (read,) = ranges.read(Sheet("yesterday"), "en", now.astimezone(zone).replace(tzinfo=None))
    (window,) = windows_of(read.said, zone, now)
    assert window.start
    assert window.end
    assert (window.end - window.start).total_seconds() == 23 * 3_600


def test_words_that_look_like_times_are_left_alone() -> None:
    for question in ("who sat there", "may I see it", "8 people", "the second floor"):
        assert ranges.read(Sheet(question), "en", WALL) == []


def test_a_zone_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidInput):
        zone_of("Mars/Olympus")


@given(st.text(max_size=80))
def test_no_text_breaks_the_grammar(text: str) -> None:
    for read in ranges.read(Sheet(text), "en", WALL):
        assert 0 <= read.start < read.end <= len(text)
