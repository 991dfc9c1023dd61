"""`promptuary refine` from outside."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from .conftest import Cli


@pytest.mark.slow
def test_a_note_becomes_a_prompt_and_the_prompt_stays(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = ("--home", tmp_path)
    first = cli("refine", "ship 40 boxes to [name]", "--domain", "security", "--quiet", *home)
    assert first.code == 0
    assert "40 boxes to {{name}}" in first.out
    monkeypatch.setattr("sys.stdin", io.StringIO(first.out))
    again = cli("refine", "-", "--domain", "security", "--quiet", *home)
    assert again.out == first.out
    told = cli("refine", "ship 40 boxes", "--json", *home).json
    assert told["engine"] == "rules"
    assert cli("refine", " ", *home).code != 0
