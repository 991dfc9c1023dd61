"""A family from its first prompt to its latest versions, and what changed over all templates."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .conftest import Cli

pytestmark = pytest.mark.slow
STEMS, ENDS = ("Nor", "Sund", "Kal", "Vest", "Aar", "Hol", "Lin", "Ost"), "by vik borg dal nes heim"
TOWNS = [stem + end for end in ENDS.split() for stem in STEMS]


def test_a_family_is_followed_from_its_first_prompt_on_one_screen(cli: Cli, tmp_path: Path) -> None:
    begin = datetime(2026, 1, 5, tzinfo=UTC)
    rows = []
    for day in range(48):
        verb = "Plan a weekend trip" if day < 24 else "Sketch a relaxed trip"
        text = f"{verb} to {TOWNS[day]} and mention where to eat there."
        rows.append({"text": text, "created_at": (begin + timedelta(days=day)).isoformat()})
    file, home = tmp_path / "prompts.jsonl", tmp_path / "home"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert cli("ingest", file, "--home", home).code == 0
    (event,) = cli("evolution", "--home", home, "--type", "UPDATED", "--json").json["items"]
    assert event["created_at"].startswith("2026-01-29")
    listed = cli("evolution", "--home", home).out
    assert "UPDATED" in listed
    assert "CREATED" in listed
    assert cli("evolution", "--home", home, "--until", "2026-01-01").out.startswith("nothing")
    family = cli("families", "--home", home, "--json").json["items"][0]["id"]
    screen = cli("show", family, "--history", "--home", home).out
    for said in ("first prompt: Plan a weekend", "1.0.0", "UPDATED", "prompts_before 24", "now:"):
        assert said in screen
    told = cli("show", family, "--history", "--home", home, "--json").json
    assert [each["type"] for each in told["events"]] == ["CREATED", "UPDATED"]
