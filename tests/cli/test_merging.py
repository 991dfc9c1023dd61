"""`promptuary merge`: what another home holds comes over, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Cli


@pytest.mark.slow
def test_another_home_comes_over_once(cli: Cli, tmp_path: Path, traffic: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    few = tmp_path / "few.txt"
    few.write_text("Why is the sea salty?\nName three kinds of cheese.\n", "utf-8")
    cli("ingest", traffic, "--home", theirs)
    cli("ingest", few, "--home", ours)
    merged = cli("merge", theirs, "--home", ours, "--json")
    again = cli("merge", theirs, "--home", ours)
    assert (merged.code, merged.json["accepted"], merged.json["duplicates"]) == (0, 51, 0)
    assert merged.json["placed"] > 0
    assert again.code == 0
    assert "0 prompts taken over, 51 known before" in again.out


def test_a_home_that_is_not_there_is_named(cli: Cli, tmp_path: Path) -> None:
    said = cli("merge", tmp_path / "nowhere", "--home", tmp_path / "ours")
    assert said.code == 1
    assert "nowhere" in said.err
