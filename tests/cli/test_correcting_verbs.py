"""`promptuary correct`."""

from __future__ import annotations

import pytest

from questions import PARCELS, PASSWORDS

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
    assert "kept apart" in cli("correct", "join", cluster, other, *at).err
    assert "undone: merge" in cli("correct", "undo", made["id"], *at).out
    listed = cli("correct", "list", *at, "--json").json["items"]
    assert [each["kind"] for each in listed] == ["apart", "lock", "rename", "merge"]
    assert listed[-1]["undone_by"] == "somebody"
    assert "undone by" in cli("correct", "list", *at).out


def test_families_of_single_prompts_are_merged_and_split_by_the_ids_that_are_shown(cli, tmp_path):
    at = ("--home", tmp_path / "home")
    told = tmp_path / "questions.txt"
    told.write_text("\n".join([*PASSWORDS[:7], *PARCELS[:7]]))
    assert cli("ingest", told, *at).code == 0

    before = {each["id"]: each["size"] for each in cli("families", *at, "--json").json["items"]}
    first, second = before
    assert cli("correct", "merge", second, first, "--by", "ana", *at).code == 0
    shown = cli("show", second, *at).out.splitlines()
    rows = [row for row, text in enumerate(shown) if text.startswith("  ") and "parcel" in text]
    parcels = [shown[row + 1].strip() for row in rows]
    split = cli("correct", "split", *parcels[:2], *at, "--json").json
    assert split["ids"] == parcels[:2]
    assert cli("correct", "undo", split["id"], *at).code == 0
    (left,) = cli("families", *at, "--json").json["items"]
    assert (left["id"], left["size"]) == (second, sum(before.values()))


def test_what_is_not_there_is_not_found(cli, home):
    unknown = "00000000-0000-4000-8000-000000000000"
    for verb in (
        ["lock", unknown],
        ["undo", unknown],
        ["split", unknown],
        ["join", unknown, unknown.replace("4", "5")],
        ["move", unknown, unknown],
    ):
        ran = cli("correct", *verb, "--home", home)
        assert ran.code != 0
        assert "NOT_FOUND" in ran.err
