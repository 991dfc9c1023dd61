"""`promptuary ask` on documents of its own: cited, refused, explained, one after another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Cli

HARBOUR = (
    "# Harbour\n\nThe office opens at nine.\nParcels are kept for ten days.\n\n"
    "## Fees\n\n| Boat | Fee |\n|---|---|\n| dinghy | 4 crowns |\n| trawler | 30 crowns |\n"
)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMPTUARY_HOME", str(tmp_path / "home"))


@pytest.fixture
def shelf(cli: Cli, tmp_path: Path) -> Path:
    folder = tmp_path / "handbook"
    folder.mkdir()
    (folder / "harbour.md").write_text(HARBOUR)
    assert cli("sync", folder).code == 0
    return folder


@pytest.mark.slow
def test_an_answer_names_its_source_and_line(cli: Cli, shelf: Path) -> None:
    said = cli("ask", "How long are parcels kept?", "--explain")
    assert said.code == 0
    assert "Parcels are kept for ten days." in said.out
    assert "handbook/harbour.md:4" in said.out
    assert "similarity: " in said.out


@pytest.mark.slow
def test_a_refusal_says_what_is_missing_and_exits_with_one(cli: Cli, shelf: Path) -> None:
    said = cli("ask", "How are llamas shorn in Bolivia?", "--json")
    assert said.code == 1
    assert said.json["refused"] is True
    assert said.json["outcome"]["missing"] == ["llamas", "shorn", "bolivia"]
    plain = cli("ask", "How are llamas shorn in Bolivia?")
    assert "Nothing was found about: llamas, shorn, bolivia." in plain.out


@pytest.mark.slow
def test_without_documents_there_is_nothing_to_answer_from(cli: Cli) -> None:
    said = cli("ask", "How long are parcels kept?", "--json")
    assert said.code == 1
    assert said.json["outcome"]["reason"] == "empty_collection"


@pytest.mark.slow
def test_a_filter_and_a_collection_narrow_what_is_asked(cli: Cli, shelf: Path) -> None:
    asked = ("ask", "How long are parcels kept?", "--json")
    assert cli(*asked, "--where", 'source = "handbook/harbour.md"').code == 0
    elsewhere = cli(*asked, "--where", "source = other.md")
    assert elsewhere.json["outcome"]["reason"] == "nothing_found"
    assert cli(*asked, "--collection", "other").json["outcome"]["reason"] == "empty_collection"


@pytest.mark.slow
def test_what_is_deleted_answers_no_more(cli: Cli, shelf: Path) -> None:
    (shelf / "harbour.md").unlink()
    assert cli("sync", shelf).code == 0
    assert cli("ask", "How long are parcels kept?").code == 1


@pytest.mark.slow
def test_measuring_writes_a_run_and_says_how_good_it_is(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "labelled"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text(
        json.dumps({"id": "h", "title": "Harbour", "text": HARBOUR}) + "\n"
    )
    start = HARBOUR.index("ten days")
    rows = [
        {"id": "a", "question": "How long are parcels kept?", "answers": ["ten days"],
         "gold_docs": ["h"], "spans": [[start, start + 8]]},
        {"id": "b", "question": "Who shears llamas in Bolivia?", "unanswerable": True},
    ]  # fmt: skip
    (folder / "qa.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = cli("eval", "qa", folder, "--run", tmp_path / "qa.run", "--json")
    first, second = map(json.loads, (tmp_path / "qa.run").read_text().splitlines())
    assert said.json["figures"]["answer_contained"] == 1.0
    assert said.json["figures"]["refusal_AUROC"] == 1.0
    assert (first["refused"], second["refused"]) == (False, True)
    assert HARBOUR[slice(*first["span"])] == first["sentence"] != ""
    assert first["citations"] == ["h"]
    assert said.json["cost"]["rows"] == 3
    found = cli("eval", "chunks", folder, "--run", tmp_path / "chunks.run", "--json")
    assert found.json["figures"]["recall"] == 1.0
    assert json.loads((tmp_path / "chunks.run").read_text().splitlines()[0])["ranges"][0][0] == "h"


@pytest.mark.slow
def test_known_answers_make_confidence_true(cli: Cli, shelf: Path, tmp_path: Path) -> None:
    known = {"question": "How long are parcels kept?", "answers": ["ten days"]}
    asked = "Who keeps parcels?"
    rows = [known] * 25 + [{"question": asked, "unanswerable": True}] * 25
    path = tmp_path / "known.jsonl"
    path.write_text("".join(json.dumps({"id": n, **row}) + "\n" for n, row in enumerate(rows)))
    found = cli("knowledge", "calibrate", path, "--json").json
    wrong, right = (
        cli("ask", each, "--collection", "default", "--json").json["outcome"]["confidence"]
        for each in (asked, known["question"])
    )
    assert (found["labels"], found["right"]) == (50, 25)
    assert found["error_after"] < found["error_before"]
    assert wrong < 0.1
    assert right > 0.9
    too_few = cli("knowledge", "calibrate", path, "--collection", "empty")
    assert too_few.code == 1
