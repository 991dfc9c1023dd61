"""The demo's generator: the same prompts every time, of all the kinds it promises."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def generated(*options: str) -> str:
    command = [sys.executable, "-I", str(EXAMPLES / "generate_prompts.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@cache
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in generated("--labelled").splitlines()]


@pytest.mark.slow
def test_a_seed_gives_the_same_prompts_and_another_seed_others() -> None:
    once = generated()
    assert generated() == once
    assert generated("--seed", "8") != once


@pytest.mark.slow
def test_there_are_enough_prompts_sorted_over_eight_weeks() -> None:
    times = [datetime.fromisoformat(row["created_at"]) for row in rows()]
    assert len(times) >= 4000
    assert times == sorted(times)
    assert 49 < (times[-1] - times[0]).days < 56
    assert len({row["id"] for row in rows()}) == len(rows())


def test_there_are_enough_templates_families_and_languages() -> None:
    templated = [row for row in rows() if row["kind"] != "singleton"]
    assert len({row["template_id"] for row in templated}) >= 30
    assert len({row["family_id"] for row in templated}) >= 15
    assert min(Counter(row["template_id"] for row in templated).values()) >= 20
    assert {"de", "fr", "es", "ja", "code", "text"} <= {row["kind"] for row in rows()}


def test_one_in_eight_or_so_is_a_one_off_that_comes_once() -> None:
    alone = [row["text"] for row in rows() if row["kind"] == "singleton"]
    assert 0.10 <= len(alone) / len(rows()) <= 0.15
    assert len(set(alone)) == len(alone)


def test_two_wordings_change_in_week_five_and_one_gains_a_slot() -> None:
    first = datetime.fromisoformat(rows()[0]["created_at"])
    weeks: dict[str, set[int]] = {}
    for row in rows():
        week = (datetime.fromisoformat(row["created_at"]) - first).days // 7
        weeks.setdefault(row["template_id"], set()).add(week)
    changed = [key.removesuffix("/4") for key in weeks if key.endswith("/4")]
    assert len(changed) == 2
    texts = {row["template_id"]: row["template"] for row in rows()}
    gained = [k for k in changed if texts[f"{k}/4"].count("{") > texts[f"{k}/0"].count("{")]
    assert len(gained) == 1
    assert all(max(weeks[f"{key}/0"]) <= 4 <= min(weeks[f"{key}/4"]) for key in changed)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_demo_runs_through_and_changes_nothing_when_repeated(tmp_path: Path) -> None:
    def demo() -> str:
        command = [sys.executable, str(EXAMPLES / "demo.py"), str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    first, again = demo(), demo()
    assert "slots added: " in first
    assert first.count("$ promptuary search") == 3
    assert "docs/how-to/move-to-postgresql.md" in first
    assert "The documents do not answer this surely enough" in first
    assert "0 prompts taken in" in again
    assert first.partition("== Families")[2].partition("== Three")[0] in again


def test_prompts_are_untidy_as_people_are() -> None:
    templated = [row["text"] for row in rows() if row["kind"] == "text"]
    assert sum(text.islower() for text in templated) > 50
    assert sum(text != text.strip() for text in templated) > 50
    assert sum(text.startswith(("Please", "Hi,", "Hello")) for text in templated) > 50
