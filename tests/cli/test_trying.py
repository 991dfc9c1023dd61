"""`promptuary library analytics|experiment` from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptuary.blocking import Promptuary

from .conftest import Cli


@pytest.mark.slow
def test_a_version_is_tried_judged_and_promoted_and_the_figures_say_so(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Promptuary.open(str(tmp_path)) as promptuary:
        promptuary.library.save("reply", "Answer the customer.", labels=["production"])
        promptuary.library.save("reply", "Answer the customer kindly.")
    home = ("--home", tmp_path)
    monkeypatch.setenv("COLUMNS", "70")
    begun = cli("library", "experiment", "reply", "--try", "2", "--json", *home).json
    assert begun["experiment"]["state"] == "running"
    early = cli("library", "experiment", "reply", "--promote", *home)
    assert "production stays where it is" in early.out
    with Promptuary.open(str(tmp_path)) as promptuary:
        for _ in range(60):
            promptuary.library.rate("reply", 2, 1)
            promptuary.library.rate("reply", 5, 2)
    told = cli("library", "experiment", "reply", "--promote", *home)
    assert "reply: won" in told.out
    assert "production points at the candidate now" in told.out
    with Promptuary.open(str(tmp_path)) as promptuary:
        assert promptuary.library.get("reply", label="production").version.number == 2
    figures = cli("library", "analytics", "--by", "version", "--json", *home).json
    rows = {row["key"]: row for row in figures["groups"]}
    assert rows["reply@v2"]["effective"]["share"] == 1.0
    assert "reply@v1" in cli("library", "analytics", "--by", "version", *home).out
    assert cli("library", "experiment", "nobody", *home).code != 0
    with Promptuary.open(str(tmp_path)) as promptuary:
        promptuary.library.save("a-slug-of-many-words/" + "word-" * 12 + "last", "One")
    assert "…" not in cli("library", "analytics", "--by", "version", *home).out
