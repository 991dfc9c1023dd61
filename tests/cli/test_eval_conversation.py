"""`promptuary eval conversation`: what was said, compared with the truth, its links opened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Cli

SEEN = [
    {"event_id": f"e{n}", "camera_id": "yard", "label": "dog", "clip": clip,
     "timestamp": f"2026-03-0{n + 1}T10:00:00Z"}
    for n, clip in enumerate(("/clips/e0.mp4", "/clips/e1.mp4", "../e2.mp4", None))
]  # fmt: skip
ASKED = {
    "id": "q", "question": "How many dogs at the yard in March 2026?", "timezone": "UTC",
    "now": "2026-03-31T12:00:00Z", "category": "count",
    "gold": {"type": "count", "value": 4, "evidence_total": 4,
             "evidence_ids": ["e0", "e1", "e2", "e3"]},
}  # fmt: skip


@pytest.mark.slow
def test_links_are_made_for_what_has_a_recording_and_open_it(cli: Cli, tmp_path: Path) -> None:
    for name, rows in (("stream", SEEN), ("qa", [ASKED])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    run = tmp_path / "run.jsonl"
    said = cli("eval", "conversation", tmp_path, "--questions", tmp_path / "qa.jsonl",
               "--run", run, "--json")  # fmt: skip
    row = json.loads(run.read_text())
    assert row["evidence_ids"] == ["e0", "e1", "e2", "e3"]
    assert [link.partition("?")[0] for link in row["clip_links"]] == [
        "/api/v1/clips/e0/file", "/api/v1/clips/e1/file"
    ]  # fmt: skip
    figures = said.json["figures"]
    assert (figures["strict"], figures["clip_links_valid"]) == (1.0, 1.0)
    assert figures["evidence_recall"] == 1.0
