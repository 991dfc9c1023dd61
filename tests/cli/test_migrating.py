"""`promptuary migrate`: a whole move on the command line, with judged queries and the way back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from promptuary.blocking import Promptuary

from .conftest import Cli

pytestmark = pytest.mark.slow
NAMES = ("tea", "rain", "snow")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A library whose index may move."""
    monkeypatch.setenv("PROMPTUARY_MOVE_INDEX_URL", f"edge:{tmp_path}/new")
    with Promptuary.open(tmp_path / "home") as promptuary:
        for name in NAMES:
            promptuary.library.save(f"poems/{name}", f"Write a poem about {name}.")
    return str(tmp_path / "home")


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """Queries with the prompts that answer them."""
    folder = tmp_path / "judged"
    folder.mkdir()
    rows = [{"id": name, "text": f"a poem about {name}"} for name in NAMES]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "qrels.tsv").write_text("\n".join(f"{name}\tpoems/{name}\t1" for name in NAMES))
    return folder


def test_judged_queries_stand_side_by_side_in_the_report(cli: Cli, home: str, judged: Path) -> None:
    at = ("--home", home)
    assert "no move was planned yet" in cli("migrate", "status", *at).err
    refused = cli("migrate", "plan", "--tenant", "one", *at)
    assert (refused.code != 0, "set move_from_url" in refused.err) == (True, True)
    assert "0 % of the reads" in cli("migrate", "plan", *at).out
    assert cli("migrate", "start", *at, "--json").json["step"] == "shadow_read"
    told = cli("migrate", "verify", "--judged", str(judged), *at)
    assert (told.code, "3 entries compared" in told.out) == (0, True)
    assert "| nDCG@10 | 1.0000 | 1.0000 |" in told.out
    figures = cli("migrate", "verify", "--judged", str(judged), *at, "--json").json["judged"]
    assert (figures["queries"], figures["new"]["failed"], figures["new"]["empty"]) == (3, 0, 0)
    assert figures["new"]["delay_ms"] > 0
    assert "| nDCG@10 | 1.0000 | 1.0000 |" in cli("migrate", "status", *at).out
    assert cli("migrate", "ramp", "100", *at, "--json").json["percent"] == 100
    assert cli("migrate", "cutover", *at, "--json").json["step"] == "soak"
    back = cli("migrate", "rollback", "--reason", "noon", *at, "--json").json
    assert (back["step"], back["notes"]) == ("rolled_back", ["noon"])


def test_a_folder_that_judges_nothing_is_refused_before_anything_is_compared(
    cli: Cli, home: str, judged: Path
) -> None:
    (judged / "qrels.tsv").write_text("other\tpoems/tea\t1\n")
    refused = cli("migrate", "verify", "--judged", str(judged), "--home", home)
    assert refused.code != 0
    assert "judges none of its queries" in refused.err
