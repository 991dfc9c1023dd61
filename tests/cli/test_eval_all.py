"""`promptuary eval all`: what a folder of labelled data allows, in one report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from promptuary.cli.evaluating_all import evaluations

from .conftest import Cli

OVENS = [
    {"id": "d1", "title": "Ovens", "text": "The oven is lit at five in the morning."},
    {"id": "d2", "title": "Flour", "text": "Flour comes from the mill on Tuesdays."},
]
ASKED = {"id": "q", "question": "When is the oven lit?", "answers": ["five"], "gold_docs": ["d1"]}


def lay(folder: Path, files: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    for name, rows in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_files_say_which_evaluations_are_run(tmp_path: Path) -> None:
    rows = {"queries.jsonl": [{"id": "q", "text": "oven"}], "qrels.tsv": []}
    lay(tmp_path / "bread", {"corpus.jsonl": OVENS, "qa.jsonl": [ASKED], **rows})
    lay(tmp_path / "long", {"corpus.jsonl": OVENS, "qa.jsonl": [{**ASKED, "spans": [[0, 3]]}]})
    lay(tmp_path / "prompts", {"corpus.jsonl": OVENS, **rows})
    lay(tmp_path / "tagged", {"corpus.jsonl": [{**OVENS[0], "tags": ["a"]}], **rows})
    lay(tmp_path / "site", {"stream.jsonl": [], "dialogs.jsonl": [], "anomalies.json": []})
    lay(tmp_path / "series", {"a.csv": [], "windows.json": []})
    lay(tmp_path / "seen", {"events.jsonl": [], "queries.jsonl": []})
    lay(tmp_path / "talks", {"conversations.jsonl": [], "passages.jsonl": []})
    lay(tmp_path / "weeks", {"traffic.jsonl": [], "traffic_events.jsonl": []})
    lay(tmp_path, {"intents.jsonl": [{"id": 1, "text": "hi", "label": "x"}], "notes.jsonl": []})
    found = {(each.name, each.kind) for each in evaluations(tmp_path)}
    assert found == {
        ("intents.jsonl", "canon"),
        ("bread", "retrieval"),
        ("bread", "qa"),
        ("long", "chunks"),
        ("prompts", "prompts"),
        ("tagged", "prompts"),
        ("site/dialogs.jsonl", "conversation"),
        ("site", "insights"),
        ("series", "series"),
        ("seen", "events"),
        ("talks", "turns"),
        ("weeks/traffic.jsonl", "evolution"),
    }


def test_a_folder_without_labelled_data_and_a_file_that_is_no_report_are_refused(
    cli: Cli, tmp_path: Path
) -> None:
    ran = cli("eval", "all", tmp_path)
    assert (ran.code, "nothing that can be evaluated" in ran.err) == (1, True)
    lay(tmp_path, {"corpus.jsonl": OVENS, "qa.jsonl": [ASKED], "mine.json": OVENS})
    ran = cli("eval", "all", tmp_path, "--report", tmp_path / "mine.json")
    assert (ran.code, "no report" in ran.err) == (1, True)
    assert (tmp_path / "mine.json").read_text().startswith('{"id": "d1"')


@pytest.mark.slow
def test_what_fails_stops_no_other_and_the_last_figures_stand_beside_the_new_ones(
    cli: Cli, tmp_path: Path
) -> None:
    data, report = tmp_path / "data", tmp_path / "report.json"
    lay(data / "bread", {"corpus.jsonl": OVENS, "qa.jsonl": [ASKED]})
    lay(data / "site", {"stream.jsonl": [{"no": "event"}], "anomalies.json": []})
    last = {"kind": "qa", "name": "bread", "figures": {"answer_contained": 0.5}, "error": ""}
    report.write_text(json.dumps({"evaluations": [last], "previous": {}}))
    ran = cli("eval", "all", data, "--report", report, "--runs", tmp_path / "runs")
    assert ran.code == 1
    assert "insights site failed: " in ran.out
    assert "INVALID_INPUT" in ran.out
    rows = [line.split() for line in ran.out.splitlines()]
    assert ["answer_contained", "1.0", "0.5000", "+0.5"] in rows
    told = json.loads(report.read_text())
    assert told["evaluations"][0]["figures"]["answer_contained"] == 1.0
    assert told["previous"]["qa bread"]["answer_contained"] == 0.5
    assert json.loads((tmp_path / "runs" / "01-qa.jsonl").read_text())["id"] == "q"
