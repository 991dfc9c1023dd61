"""kill -9 anywhere in a move, of prompts or of the index: nothing acknowledged is lost, on either
side, and it ends as it does without a kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("PROMPTUARY_TEST_MOVE_KILLS", "60"))
"""Of both kinds of moves together; `make test-long` asks for 1,000."""
PHASES = {"backfill", "verify", "cut-over", "rollback", "relay"}


def killed(folder: Path, kills: int, redis_url: str = "") -> dict[str, int]:
    """How many kills fell into each phase."""
    plan = {"root": str(folder), "redis": redis_url, "kills": kills, "seed": 20261123}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("moving_crashes.py"), json.dumps(plan)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    tally = json.loads(done.stdout)
    assert tally["wrong"] == []
    found: dict[str, int] = tally["killed"]
    assert sum(found.values()) >= kills
    # Where exactly a kill falls is a matter of time: of a dozen, some phases may get none.
    assert len(found.keys() & PHASES) >= (3 if kills < 200 else 5)
    assert found.get("cut-over", 0) + found.get("rollback", 0) >= max(1, kills // 20)
    return found


@pytest.mark.slow
@pytest.mark.timeout(7_200)
def test_kills_anywhere_in_a_move_of_the_index_lose_nothing(tmp_path, record_property):
    record_property("kills", json.dumps(killed(tmp_path, KILLS // 4)))


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(7_200)
def test_kills_anywhere_in_a_move_of_prompts_lose_nothing(tmp_path, redis_url, record_property):
    record_property("kills", json.dumps(killed(tmp_path, KILLS - KILLS // 4, redis_url)))
