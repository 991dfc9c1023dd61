"""A calendar that cannot be used stops the start, and says why."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from promptuary.app import Promptuary
from promptuary.cameras import calendar_of
from promptuary.domain.errors import Misconfigured
from promptuary.settings import Settings


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "cannot be read"),
        ("[", "cannot be read as JSON"),
        ("[]", "must hold a JSON object"),
        ("{}", "`entries` must be a list"),
        ('{"entries": [{"date": "24 December", "kind": "holiday"}]}', "entry 1 needs a date"),
        ('{"timezone": "Mars/Olympus", "entries": []}', "no time zone is called 'Mars/Olympus'"),
    ],
)
def test_what_is_no_calendar_is_a_wrong_setting(
    tmp_path: Path, text: str | None, reason: str
) -> None:
    path = tmp_path / "days.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(Misconfigured, match=f"calendar: .*{reason}"):
        calendar_of(Settings(calendar=path))


def test_a_calendar_says_which_days_are_off_and_which_are_odd(tmp_path: Path) -> None:
    path = tmp_path / "days.json"
    path.write_text(
        '{"timezone": "Europe/Lisbon", "entries": [{"date": "2025-12-25", "kind": "holiday"},'
        ' {"date": "2025-12-27", "kind": "storm"}]}'
    )
    found = calendar_of(Settings(calendar=path))
    assert (found.off, found.odd) == ({date(2025, 12, 25)}, {date(2025, 12, 27)})
    assert calendar_of(Settings()).off == frozenset()


def test_a_time_zone_that_there_is_not_is_a_wrong_setting() -> None:
    with pytest.raises(Misconfigured, match=r"timezone: .*no time zone is called"):
        Settings(timezone="Lisbon/Europe")


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_home_does_not_open_without_the_calendar_that_is_set(tmp_path: Path) -> None:
    missing = Settings(home=tmp_path / "home", index_url="memory:", calendar=tmp_path / "no.json")
    with pytest.raises(Misconfigured, match="calendar"):
        await Promptuary.open(settings=missing)
