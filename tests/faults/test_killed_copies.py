"""kill -9 anywhere while a record goes to PostgreSQL: it goes on, and ends as the same record."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import servers

ROOT = Path(__file__).parents[2]
KILLS = 6


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_copy_that_is_killed_again_and_again_is_whole_in_the_end(
    tmp_path: Path,
    postgresql_server: servers.Server,
    record_property: Callable[[str, object], None],
) -> None:
    url = f"postgresql://promptuary@127.0.0.1:{postgresql_server.port}/{{}}"
    done = subprocess.run(
        [
            sys.executable,
            Path(__file__).with_name("copying_over.py"),
            json.dumps([str(tmp_path), url, KILLS, 14]),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    tally = json.loads(done.stdout)
    record_property("kills of copies", tally["killed"])
    assert tally["killed"] >= KILLS
    assert all(clean for clean, _, _ in tally["ends"])
    assert any(copied < rows for _, copied, rows in tally["ends"]), "one at least went on"
