"""`promptuary eval events` and `events search`: the ordinary search, its run, and its figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Cli

SAID = ("a courier carries a crate", "a dog sleeps", "two children argue")


@pytest.mark.slow
def test_every_query_has_a_ranking_and_what_is_judged_has_figures(cli: Cli, tmp_path: Path) -> None:
    rows = [
        {"event_id": f"e{n}", "camera_id": "yard", "label": "person", "description": said,
         "timestamp": f"2026-03-0{n + 1}T10:00:00Z"}
        for n, said in enumerate(SAID)
    ]  # fmt: skip
    queries = [
        {"qid": "q1", "query": "sleeping dogs", "kind": "words", "relevant": {"e1": 2}},
        {"qid": "q2", "query": "yard on 3 March", "kind": "filter", "relevant": ["e2"]},
        {"qid": "q3", "query": "a zebra"},
    ]
    for name, some in (("events", rows), ("queries", queries)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in some))
    run, home = tmp_path / "run.jsonl", tmp_path / "home"
    said = cli("eval", "events", tmp_path, "--run", run, "--home", home, "--json")
    found = {row["qid"]: row["ranking"] for row in map(json.loads, run.read_text().splitlines())}
    assert found == {"q1": ["e1"], "q2": ["e2"], "q3": []}
    assert said.json["figures"]["ndcg10"] == said.json["groups"]["filter"]["recall1"] == 1.0
    assert said.json["figures"]["n"] == 2
    assert "ndcg10" in cli("eval", "events", tmp_path, "--run", run).out
    (hit,) = cli("events", "search", "a crate", "--home", home, "--json").json["found"]
    assert hit["event"]["id"] == "e0"
    assert "courier" in cli("events", "search", "crates", "--home", home).out
