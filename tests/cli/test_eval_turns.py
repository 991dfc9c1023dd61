"""`promptuary eval turns`: a turn in the light of what was said before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Cli

PASSAGES = {
    "tents": "Tents are lent for two weeks and may be renewed once.",
    "kayaks": "Kayaks are lent for a day and must be back by dusk.",
    "parcels": "Parcels are kept for ten days before they are sent back.",
}


@pytest.mark.slow
def test_a_turn_that_leaves_its_subject_out_finds_it_in_context(cli: Cli, tmp_path: Path) -> None:
    rows = [{"passage_id": key, "text": text} for key, text in PASSAGES.items()]
    turns = [
        {"turn": 1, "user": "Who lends kayaks?", "relevant": {"kayaks": 1}},
        {"turn": 2, "user": "How long for?", "relevant": ["kayaks"],
         "gold_rewrite": "How long are kayaks lent for?"},
        {"turn": 3, "user": "Thanks."},
    ]  # fmt: skip
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    talk = json.dumps({"conversation_id": "c", "source": "made", "turns": turns})
    (tmp_path / "c.jsonl").write_text(talk)
    run, home = tmp_path / "run.jsonl", tmp_path / "home"
    asked = ("eval", "turns", tmp_path / "c.jsonl", "--passages", tmp_path / "p.jsonl")
    said = cli(*asked, "--run", run, "--home", home, "--json")
    found = [json.loads(line) for line in run.read_text().splitlines()]
    assert [(row["turn"], row["ranking"][0]) for row in found] == [(1, "kayaks"), (2, "kayaks")]
    assert found[1]["rewrite"] == "How long for? lends kayaks"
    assert said.json["groups"]["later turns"]["ndcg10"] == 1.0
    assert 0 < said.json["figures"]["rewrite_token_f1"] < 1
    alone = cli(*asked, "--run", run, "--home", home, "--raw", "--json")
    assert json.loads(run.read_text().splitlines()[1])["rewrite"] == "How long for?"
    assert alone.json["figures"]["n"] == 2
    (tmp_path / "c.jsonl").write_text('{"turns": 1}')
    assert "c.jsonl:1" in cli(*asked, "--run", run).err
