"""`promptuary correct`."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_a_family_is_merged_renamed_and_parted_again(cli, traffic, tmp_path):
    at = ("--home", tmp_path / "home")
    assert cli("ingest", traffic, *at).code == 0
    families = [each["id"] for each in cli("families", *at, "--json").json["items"]]
    made = cli("correct", "merge", *families, "--by", "ana", *at, "--json").json
    assert (made["kind"], made["by"]) == ("merge", "ana")
    renamed = cli("correct", "rename", families[0], "Trades", *at)
    assert renamed.code == 0
    (left,) = cli("families", *at, "--json").json["items"]
    assert (left["id"], left["name"]) == (families[0], "Trades")
    cluster, other = made["ids"]
    assert cli("correct", "lock", cluster, *at).code == 0
    assert cli("correct", "apart", cluster, other, *at).code == 0
    assert len(cli("families", *at, "--json").json["items"]) == 2
    assert "undone: merge" in cli("correct", "undo", made["id"], *at).out
    listed = cli("correct", "list", *at, "--json").json["items"]
    assert [each["kind"] for each in listed] == ["apart", "lock", "rename", "merge"]
    assert listed[-1]["undone_by"] == "somebody"
    assert "undone by" in cli("correct", "list", *at).out


def test_what_is_not_there_is_not_found(cli, home):
    unknown = "00000000-0000-4000-8000-000000000000"
    for verb in (
        ["lock", unknown],
        ["undo", unknown],
        ["split", unknown],
        ["move", unknown, unknown],
    ):
        ran = cli("correct", *verb, "--home", home)
        assert ran.code != 0
        assert "NOT_FOUND" in ran.err
