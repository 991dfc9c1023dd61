"""`promptuary index create|stats|verify|snapshot|restore|alias`, and what `doctor` compares."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from promptuary import Promptuary

from .conftest import Cli

pytestmark = pytest.mark.slow


@pytest.fixture
def at(tmp_path: Path, traffic: Path, cli: Cli) -> tuple[object, ...]:
    assert cli("ingest", traffic, "--home", tmp_path / "h").code == 0
    return ("--home", tmp_path / "h", "--json")


def lose_one(home: Path) -> None:
    async def lose() -> None:
        async with await Promptuary.open(home) as opened:
            await opened._index.remove(await opened._index.list_ids(limit=1))

    anyio.run(lose)


def test_an_index_is_made_and_says_what_it_holds(cli: Cli, tmp_path: Path) -> None:
    made = cli("index", "create", "--home", tmp_path)
    assert made.code == 0
    assert "0 entries" in made.out
    assert cli("index", "stats", "--home", tmp_path, "--json").json["engine"] == "edge"


def test_a_difference_is_found_told_and_put_right(cli: Cli, at: tuple[object, ...]) -> None:
    assert cli("index", "verify", *at).json["agrees"]
    lose_one(Path(str(at[1])))
    assert cli("doctor", *at).json["ok"]
    wrong = cli("index", "verify", *at)
    assert (wrong.code, wrong.json["report"]["faults"]["missing"]) == (2, 1)
    told = cli("doctor", "--verify", *at)
    assert told.code == 3
    assert "1 missing" in told.out
    assert cli("doctor", "--repair", *at).code == 0
    assert cli("index", "verify", *at).code == 0


def test_a_copy_goes_out_and_comes_back(cli: Cli, at: tuple[object, ...], tmp_path: Path) -> None:
    before = cli("index", "stats", *at).json
    copy = cli("index", "snapshot", tmp_path / "copy.gz", *at).json
    assert copy["entries"] == before["entries"] > 0
    lose_one(tmp_path / "h")
    assert cli("index", "restore", tmp_path / "copy.gz", *at).json == copy
    after = cli("index", "stats", *at).json
    assert (after["kinds"], after["watermark"]) == (before["kinds"], before["watermark"])


def test_what_is_no_copy_is_said_in_words_that_help(
    cli: Cli, at: tuple[object, ...], tmp_path: Path
) -> None:
    copy, backup, cut = (tmp_path / name for name in ("copy.gz", "home.backup", "cut.gz"))
    assert cli("index", "snapshot", copy, *at).code == cli("backup", backup, *at).code == 0
    cut.write_bytes(copy.read_bytes()[:-30])
    gone = tmp_path / "gone" / "x.gz"
    said = {
        ("index", "restore", gone): f"there is no file {gone}",
        ("index", "restore", f"folder:{gone}"): f"there is no file folder:{gone}",
        ("index", "restore", tmp_path): f"{tmp_path} is no file",
        ("index", "restore", cut): "cut.gz cannot be read as a copy of an index",
        ("index", "restore", backup): "`promptuary restore` reads backups of a record",
        ("index", "snapshot", tmp_path): f"{tmp_path} is a folder: name a file in it",
        ("index", "snapshot", gone): f"there is no folder {gone.parent}",
        ("restore", gone): f"there is no file {gone}",
        ("restore", copy): "`promptuary index restore` reads copies of an index",
    }
    for command, words in said.items():
        refused = cli(*command, *at)
        assert refused.code == 1
        assert words in " ".join(refused.err.split())
    assert cli("index", "verify", *at).code == 0


def test_an_engine_without_aliases_says_so(cli: Cli, tmp_path: Path) -> None:
    refused = cli("index", "alias", "--home", tmp_path)
    assert refused.code == 1
    assert "UNSUPPORTED" in refused.err
