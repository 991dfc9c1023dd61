"""`promptuary eval canon`: the ordinary path, its run as a file, figures where there is truth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import ALONE, CITIES, TRADES, Cli


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [
        {
            "text": f"Find the best {trade} in {city} and compare the prices.",
            "template_id": "t1",
            "family_id": "f1",
            "template": "Find the best {trade} in {city} and compare the prices.",
            "slots": {"trade": trade, "city": city},
            "kind": "text",
        }
        for trade in TRADES[:4]
        for city in CITIES
    ]
    rows += [
        {"text": t, "template_id": t, "family_id": t, "template": t, "slots": {},
         "kind": "singleton"}
        for t in ALONE
    ]  # fmt: skip
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"id": f"r{n}", **r}) + "\n" for n, r in enumerate(rows)))
    return path


@pytest.mark.slow
def test_a_run_has_every_row_and_figures_beside_what_it_cost(
    cli: Cli, labelled: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run.jsonl"
    said = cli("eval", "canon", labelled, "--run", out, "--json")
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    figures, cost = said.json["figures"], said.json["cost"]
    assert said.code == 0
    assert [row["id"] for row in rows] == [f"r{n}" for n in range(43)]
    assert set(rows[0]) == {"id", "cluster_id", "template", "slots", "family_cluster"}
    assert "{" in rows[0]["template"]
    assert "{{" not in rows[0]["template"]
    assert (rows[-1]["cluster_id"], rows[-1]["template"]) == (None, ALONE[-1])
    assert figures["singletons_left_alone"] == 1.0
    assert 0 <= figures["GA"] <= figures["family"]["homogeneity"] == 1.0
    assert said.json["roundtrip_with_residual"] == 1.0
    assert cost["rows"] == 43
    assert cost["rows_per_second"] > 0
    assert cost["peak_memory_mib"] > 10
    assert "GA" in cli("eval", "canon", labelled, "--run", out).out


@pytest.mark.slow
def test_each_data_set_is_mined_by_itself(cli: Cli, tmp_path: Path) -> None:
    path, out = tmp_path / "sets.jsonl", tmp_path / "run.jsonl"
    rows = [
        {"id": f"{name}{n}", "dataset": name, "line": f"Write a poem about {city} without rhymes.",
         "event_id": "E1", "template": "Write a poem about <*> without rhymes."}
        for name in ("a", "b")
        for n, city in enumerate(CITIES)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = cli("eval", "canon", path, "--run", out, "--json", "--home", tmp_path / "h")
    found = {r["id"][0]: r["cluster_id"] for r in map(json.loads, out.read_text().splitlines())}
    assert None not in found.values()
    assert found["a"] != found["b"]
    assert set(said.json["figures"]["per_dataset"]) == {"a", "b"}


@pytest.mark.slow
def test_rows_without_truth_only_write_their_run(cli: Cli, tmp_path: Path) -> None:
    path, out = tmp_path / "plain.jsonl", tmp_path / "run.jsonl"
    path.write_text('{"id": "1", "text": "a"}\n{"id": "2", "text": "b"}\n')
    assert cli("eval", "canon", path, "--run", out, "--seed", "3", "--json").json["figures"] == {}
    assert len(out.read_text().splitlines()) == 2


def test_a_malformed_row_stops_it_with_file_and_line(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": "1", "text": "a"}\n{"id": "1"}\n')
    said = cli("eval", "canon", path, "--run", tmp_path / "run.jsonl")
    assert said.code == 1
    assert "rows.jsonl, line 2" in said.err
    assert not (tmp_path / "run.jsonl").exists()
