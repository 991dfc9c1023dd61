"""`promptuary events clip`: links, or the recording itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Cli

pytestmark = pytest.mark.slow


def test_links_and_recordings(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "a.mp4").write_bytes(b"seen")
    monkeypatch.setenv("PROMPTUARY_CLIP_STORE", f"folder:{tmp_path / 'videos'}")
    rows = [
        {"event_id": name, "camera_id": "gate", "label": "car", "timestamp": "2025-05-14T05:20:00Z"}
        for name in "ab"
    ]
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    home = ("--home", tmp_path / "home")
    assert cli("events", "import", file, *home).code == 0
    done = cli("events", "clip", "a", "b", "--json", *home)
    assert done.code == 1
    assert [(each["event_id"], each["available"]) for each in done.json["clips"]] == [
        ("a", True), ("b", False)
    ]  # fmt: skip
    assert "no recording" in cli("events", "clip", "a", "b", *home).out
    assert cli("events", "clip", "a", "--output", tmp_path / "x.mp4", *home).code == 0
    assert (tmp_path / "x.mp4").read_bytes() == b"seen"
    assert "[NOT_FOUND]" in cli("events", "clip", "a", "--camera", "hall", *home).err
    assert "[INVALID_INPUT]" in cli("events", "clip", "a", "--expiry-minutes", "1441", *home).err
    assert "[NOT_FOUND]" in cli("events", "clip", "nobody", *home).err
