"""kill -9 anywhere in an ingest: nothing acknowledged is lost, and the outcome is the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import servers

ROOT = Path(__file__).parents[2]
KILLS = 200
Note = Callable[[str, object], None]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def crash(root: Path, *, postgresql: str = "", seed: int, kills: int = KILLS) -> dict[str, Any]:
    """What the kills did; see `crashing.py`."""
    plan = {"root": str(root), "postgresql": postgresql, "kills": kills, "seed": seed}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("crashing.py"), json.dumps(plan)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    tally: dict[str, Any] = json.loads(done.stdout)
    return tally


def verify(tally: dict[str, Any], note: Note, *, kills: int = KILLS) -> None:
    fallen = ", ".join(f"{many} {phase}" for phase, many in sorted(tally["killed"].items()))
    note("kills", f"{fallen}; {tally['rounds']} rounds")
    assert tally["lost"] == []
    assert tally["differing"] == []
    assert sum(tally["killed"].values()) >= kills
    assert {"opening", "saving", "mining", "writing", "indexing"} <= tally["killed"].keys()


def test_kills_anywhere_lose_nothing_and_change_nothing(
    tmp_path: Path, record_property: Note
) -> None:
    verify(crash(tmp_path, seed=20261121), record_property)


def test_kills_anywhere_lose_nothing_and_change_nothing_on_postgresql(
    tmp_path: Path, postgresql_server: servers.Server, record_property: Note
) -> None:
    kinds = sum(find() is not None for find in servers.POSTGRESQLS.values())
    url = f"postgresql://promptuary@127.0.0.1:{postgresql_server.port}/{{}}"
    tally = crash(tmp_path, postgresql=url, seed=20261122, kills=KILLS // kinds)
    verify(tally, record_property, kills=KILLS // kinds)
