"""`promptuary eval retrieval` and `eval prompts`: the ordinary path, a run, figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import CITIES, TRADES, Cli


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    corpus = [
        {"id": f"{trade}-{city}", "title": f"{trade} in {city}",
         "text": f"The best {trade} of {city} opens at nine."}
        for trade in TRADES[:4]
        for city in CITIES
    ]  # fmt: skip
    queries = [
        {"id": "q1", "text": "a potter in Cork", "kind": "unknown trade"},
        {"id": "q2", "text": "bakers in Turin", "kind": "plural"},
        {"id": "q3", "text": "paintre graz", "kind": "typo"},
    ]
    rows = {"corpus.jsonl": corpus, "queries.jsonl": queries}
    for name, each in rows.items():
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in each))
    (tmp_path / "qrels.tsv").write_text("q2\tbaker-Turin\t1\nq3\tpainter-Graz\t1\n")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("what", ["retrieval", "prompts"])
def test_a_run_is_written_and_figures_stand_beside_what_it_cost(
    cli: Cli, collection: Path, what: str
) -> None:
    run = collection / "run.tsv"
    ran = cli("eval", what, collection, "--run", run, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["figures"]["hit1"] == 1
    assert ran.json["groups"]["typo"]["n"] == 1
    assert ran.json["cost"]["rows"] == 43
    assert run.read_text().splitlines()[0].startswith("q1\t")
    assert not (collection / "record.db").exists()


@pytest.mark.slow
def test_single_rankers_can_be_measured_too(cli: Cli, collection: Path) -> None:
    run = collection / "run.tsv"
    ran = cli("eval", "retrieval", collection, "--run", run, "--ranker", "words")
    assert ran.code == 0, ran.err
    assert "typo" in ran.out
    assert "MiB at most" in ran.out


def test_a_wrong_row_is_told_before_any_work(cli: Cli, collection: Path) -> None:
    (collection / "queries.jsonl").write_text('{"text": "no id"}\n')
    ran = cli("eval", "retrieval", collection, "--run", collection / "run.tsv")
    assert ran.code != 0
    assert "line 1: the row has no id" in ran.err
