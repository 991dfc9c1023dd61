"""`promptuary library`: kept, compared, labelled, merged, rendered, found, adopted."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from .conftest import Cli

pytestmark = pytest.mark.slow


def test_a_prompt_lives_its_life(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = ("--home", tmp_path / "home")
    text = tmp_path / "a.txt"
    text.write_text("Dear {{ name }}, it is late.")
    assert cli("library", "list", *home).out.startswith("Nothing is kept here yet")
    said = cli(
        "library", "save", "mail/late", text, "--tag", "mail", "--label", "production", *home
    )
    assert (said.code, said.out) == (0, "mail/late is at version 1\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("Dear {{ name }}, it is very late."))
    cli("library", "save", "mail/late", "--title", "Late", "-m", "more", "--revision", 1, *home)
    stale = cli("library", "save", "mail/late", text, "--revision", 1, *home, "--json")
    assert (stale.code, '"REVISION_MISMATCH"' in stale.err) == (1, True)
    kept = cli("library", "show", "mail/late", *home, "--json").json
    assert (kept["prompt"]["about"]["title"], kept["prompt"]["about"]["tags"]) == ("Late", ["mail"])
    assert "+Dear {{ name }}, it is very late." in cli("library", "diff", "mail/late", 1, *home).out
    assert "[production]" in cli("library", "versions", "mail/late", *home).out
    text.write_text("Hello {{ name }}, it is very late.")
    cli("library", "save", "mail/late", text, "--branch", "try", *home)
    cli("library", "label", "mail/late", "production", "try", "--protect", *home)
    pointed = cli("library", "label", "mail/late", "beta", 1, *home, "--json").json
    assert (pointed["name"], pointed["number"]) == ("beta", 1)
    assert (
        "beta points at version 1 (" in cli("library", "label", "mail/late", "beta", 1, *home).out
    )
    refused = cli("library", "label", "mail/late", "production", 1, *home)
    assert (refused.code, "FORBIDDEN" in refused.err) == (1, True)
    assert cli("library", "label", "mail/late", "production", 1, "--protected", *home).code == 0
    assert cli("library", "merge", "mail/late", "try", *home).out == "main is at version 3\n"
    made = cli("library", "render", "mail/late", "name={{ 7 * 7 }}", "--user", "eve", *home)
    assert made.out == "Hello {{ 7 * 7 }}, it is very late.\n"
    missing = cli("library", "render", "mail/late", *home, "--json")
    assert (missing.code, "must be given" in missing.err) == (1, True)
    assert (
        "4.00 of 1 rating" in cli("library", "rate", "mail/late", 4, "--author", "ada", *home).out
    )
    users = cli("library", "analytics", "--by", "user", *home, "--json").json["groups"]
    assert {each["key"]: (each["uses"], each["ratings"]) for each in users}.items() >= {
        "eve": (1, 0), "ada": (0, 1),
    }.items()  # fmt: skip
    found = cli("library", "search", "late mail", "--tag", "mail", *home, "--json").json
    assert found["hits"][0]["payload"]["slug"] == "mail/late"
    cli("library", "search", "xylophone", *home)
    assert "xylophone" in cli("library", "misses", *home).out
    assert cli("library", "similar", "mail/late", *home).code == 0
    cli("library", "archive", "mail/late", *home)
    assert cli("library", "list", "--archived", *home, "--json").json["total"] == 1
    cli("library", "restore", "mail/late", *home)
    assert "mail/late" in cli("library", "list", *home).out
    assert cli("library", "unlabel", "mail/late", "production", "--protected", *home).code == 0
    trail = cli("library", "audit", "mail/late", *home, "--json").json["items"]
    assert [each["action"] for each in trail][:2] == ["unlabelled", "restored"]


def test_content_comes_as_json_and_what_is_none_is_refused(cli: Cli, tmp_path: Path) -> None:
    home = ("--home", tmp_path / "home")
    file = tmp_path / "chat.json"
    file.write_text(
        '{"turns": [{"role": "system", "content": "Be {{how}}."}], "syntax": "mustache"}'
    )
    assert cli("library", "save", "chat", file, "--content", *home).code == 0
    values = tmp_path / "values.json"
    values.write_text('{"how": "kind"}')
    made = cli("library", "render", "chat", "--values", values, *home, "--json").json
    assert made["turns"][0]["content"] == "Be kind."
    for body in ("{", '{"turns": [{"role": "nobody", "content": ""}]}', "[]"):
        file.write_text(body)
        assert cli("library", "save", "x", file, "--content", *home).code == 1
    file.write_bytes(b"\xff\xfe")
    assert "no text in UTF-8" in cli("library", "save", "x", file, *home).err
    assert "cannot be read" in cli("library", "save", "x", tmp_path / "gone", *home).err
    assert "try 'a-b'" in cli("library", "save", "A B", values, *home).err


def test_a_template_of_the_traffic_is_adopted(cli: Cli, home: Path, tmp_path: Path) -> None:
    own = ("--home", shutil.copytree(home, tmp_path / "own"))
    before = cli("library", "shadows", *own, "--json").json
    assert (before["explained"], len(before["shadows"])) == (0, 2)
    template = before["shadows"][0]["lineage_id"]
    said = cli("library", "adopt", template, "--slug", "find/best", "--label", "production", *own)
    assert said.out == "adopted as find/best, version 1\n"
    kept = cli("library", "show", "find/best", *own, "--json").json
    assert kept["version"]["origins"][0] == {"kind": "lineage", "id": template, "part": ""}
    assert kept["version"]["content"]["slots"][0]["examples"]
    after = cli("library", "shadows", *own)
    assert "kept prompts explain 40 of 48 prompts" in after.out
