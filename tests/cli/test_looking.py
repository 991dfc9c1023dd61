"""Looking at what was found: for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Cli

pytestmark = pytest.mark.slow


def test_families_are_a_table_with_an_example(cli: Cli, home: Path) -> None:
    said = cli("families", "--home", home).out
    assert "family" in said.splitlines()[0]
    assert "{{" in said
    assert cli("families", "--home", home, "--json").json["items"][0]["size"] >= 8


def test_templates_show_slots_with_type_and_values(cli: Cli, home: Path) -> None:
    said = cli("templates", "--home", home).out
    item = cli("templates", "--home", home, "--json").json["items"][0]
    slot = item["template"]["slots"][0]
    assert "{{" + slot["name"] + "}}" in said
    assert slot["type"] in said
    assert f"({slot['examples'][0]['count']})" in said


def test_lists_go_on_where_the_page_before_ended(cli: Cli, home: Path) -> None:
    everything = cli("templates", "--home", home, "--json").json
    ids: list[str] = []
    cursor: list[str] = []
    while True:
        page = cli("templates", "--home", home, "--json", "--limit", "1", *cursor).json
        ids += [item["id"] for item in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = ["--cursor", page["next_cursor"]]
    assert ids == [item["id"] for item in everything["items"]]
    assert "--cursor" in cli("templates", "--home", home, "--limit", "1").out


def test_show_finds_out_what_an_id_is(cli: Cli, home: Path) -> None:
    lineage = cli("templates", "--home", home, "--json").json["items"][0]
    row = json.loads(cli("export", "placements", "--home", home).out.splitlines()[0])
    said = {
        "version": cli("show", lineage["template"]["id"], "--home", home).out,
        "for example": cli("show", lineage["id"], "--home", home).out,
        "template": cli("show", lineage["family_id"], "--home", home).out,
        "seen 1 time": cli("show", row["prompt_id"], "--home", home).out,
    }
    assert [word for word, text in said.items() if word not in text] == []
    missing = cli("show", "none", "--home", home)
    assert (missing.code, missing.out) == (1, "")
    assert "[NOT_FOUND]" in missing.err


def test_diff_needs_a_second_version_or_a_second_template(cli: Cli, home: Path) -> None:
    a, b = (item["id"] for item in cli("templates", "--home", home, "--json").json["items"][:2])
    alone = cli("diff", a, "--home", home)
    assert alone.code == 1
    assert "name a second template" in alone.err
    both = cli("diff", a, b, "--home", home)
    assert "[-" in both.out
    assert "[+" in both.out
    assert cli("diff", a, b, "--home", home, "--json").json["lines"]


def test_search_finds_explains_filters_and_counts(cli: Cli, home: Path) -> None:
    options = ("--home", home, "--json")
    hits = cli("search", "poem of a baker", "--kind", "template", *options).json["hits"]
    assert "poem" in hits[0]["texts"]["text"]
    assert hits[0]["reasons"]
    larger = ("--where", "size>=8", "--where", "kind = template or kind = family")
    large = cli("search", "poem prices", *larger, "--facet", "kind", *options).json
    assert min(hit["payload"]["size"] for hit in large["hits"]) >= 8
    assert set(large["facets"]["kind"]) <= {"template", "family"}
    said = cli("search", "poem of a baker", "--explain", "--limit", "1", "--home", home).out
    assert "next page: --cursor" in said
    assert "words: " in said


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--kind", "tmplate", "tmplate"),
        ("--where", "a b c", "at character 3"),
        ("--where", "size>=big", "expected a number or a date, found `big`"),
    ],
)
def test_a_search_that_cannot_be_understood_is_refused(
    cli: Cli, home: Path, option: str, value: str, said: str
) -> None:
    found = cli("search", "x", option, value, "--home", home)
    assert found.code in (1, 2)
    assert said in " ".join(found.err.split())


def test_an_empty_home_says_what_to_do(cli: Cli, tmp_path: Path) -> None:
    assert "promptuary ingest" in cli("families", "--home", tmp_path / "h").out
    assert "promptuary ingest" in cli("templates", "--home", tmp_path / "h").out


def test_every_row_is_exported_in_order_and_a_file_is_whole_or_not_there(
    cli: Cli, home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "out.jsonl"
    assert cli("export", "placements", "--output", path, "--home", home).code == 0
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(rows) == 51
    assert rows[0]["slots"]
    assert [name for name in tmp_path.iterdir() if name != path] == []
    assert cli("export", "templates", "-o", tmp_path / "no" / "x", "--home", home).code == 1
    templates = cli("export", "templates", "--home", home).out.splitlines()
    assert {"canonical_template", "slots", "confidence", "version"} <= set(json.loads(templates[0]))
