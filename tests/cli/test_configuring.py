"""`promptuary configure` on a terminal: it asks, and an empty answer changes nothing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "promptuary.cli", "configure"]


def talked(folder: Path, answers: Mapping[str, str]) -> str:
    """What stood on the terminal while each question that begins so was answered."""
    ours, theirs = pty.openpty()
    kept = {"PROMPTUARY_SECRETS": str(folder / "secrets"), "PROMPTUARY_HOME": str(folder)}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    with subprocess.Popen(
        COMMAND, cwd=folder, env=environment | kept, stdin=theirs, stdout=theirs, stderr=theirs
    ) as asking:
        os.close(theirs)
        seen = _seen(ours, answers)
        assert asking.wait(60) == 0, seen
    os.close(ours)
    return seen


def _seen(terminal: int, answers: Mapping[str, str]) -> str:
    seen, left = "", dict(answers)
    while True:
        try:
            more = os.read(terminal, 4096).decode()
        except OSError:  # the other side is closed: it is over
            return seen
        if not more:
            return seen
        seen += more
        asked = seen.rpartition("\n")[2]
        for question in [each for each in left if asked.startswith(each) and asked.endswith(": ")]:
            os.write(terminal, f"{left.pop(question)}\n".encode())


@pytest.mark.slow
def test_a_terminal_is_asked_for_provider_key_and_server_and_never_shows_the_key(
    tmp_path: Path,
) -> None:
    far = {"the server": "http://127.0.0.1:9"}
    seen = talked(tmp_path, {"who": "openai:gpt-4o-mini", "key of openai": "sk-hidden-1", **far})
    assert "sk-hidden-1" not in seen
    assert (tmp_path / "secrets" / "OPENAI_API_KEY").read_text().strip() == "sk-hidden-1"
    written = (tmp_path / ".env").read_text()
    assert "PROMPTUARY_CHAT_MODELS='openai:gpt-4o-mini'" in written
    assert "PROMPTUARY_API_ENDPOINT='http://127.0.0.1:9'" in written
    again = talked(tmp_path, {"who": "", "the server": ""})
    assert "nothing was changed" in again
    assert (tmp_path / ".env").read_text() == written
    gone = talked(tmp_path, {"who": "-", "the server": "-"})
    assert "kept in" in gone
    assert (tmp_path / ".env").read_text() == ""
