"""Spellings that older scripts use."""

from __future__ import annotations

import pytest

from promptuary.cli.older import meant
from promptuary.retrieval.filter_text import parse


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("search x --output json -l 3", "search x --json --limit 3"),
        ("search x --output=table --count=7", "search x --limit 7"),
        ("search x -c 2", "search x --limit 2"),
        ("ask x --confidence 0.5", "ask x --min-confidence 0.5"),
        ("status --output json", "status --json"),
        ("export placements --output f.jsonl", "export placements --output f.jsonl"),
        ("search -- --output json", "search -- --output json"),
        ("search x --output", "search x --output"),
        ("search x --output yaml", "search x --output yaml"),
        ("ask x -l 3", "ask x -l 3"),
        ("config", "config show"),
        ("config --json", "config show --json"),
        ("config check", "config check"),
        ("config --help", "config --help"),
        ("", ""),
    ],
)
def test_older_spellings_are_read_and_everything_else_stays(said, read):
    assert " ".join(meant(said.split()).arguments) == read


def test_domains_become_a_filter_of_hosts_folders_and_collections():
    verb, query, where, text, kind, passage = meant(
        ["search", "x", "--domains", 'a.example, b"c']
    ).arguments
    assert (verb, query, where, kind, passage) == ("search", "x", "--where", "--kind", "passage")
    shown = repr(parse(text))
    for place in ("a.example", "https://a.example", "http://a.example", 'b"c'):
        assert repr(place) in shown
    assert "--kind" not in meant(["ask", "x", "--domains", "a"]).arguments


def test_what_is_said_before_the_command_holds_for_it_alone():
    assert meant(["-v", "--quiet", "status"]) == meant(["-q", "--verbose", "status"])
    assert meant(["-q", "status"]).quiet
    assert not meant(["sync", "-q"]).quiet


@pytest.mark.slow
def test_quiet_keeps_progress_to_itself_and_verbose_says_where_an_error_came_from(cli, tmp_path):
    (tmp_path / "a.md").write_text("Parcels are kept for ten days.")
    home = ["--home", tmp_path / "home"]
    assert cli("sync", tmp_path / "a.md", *home).err
    assert cli("-q", "sync", tmp_path / "a.md", *home).err == ""
    failed = cli("-v", "sync", tmp_path / "nowhere", *home)
    assert (failed.code, "Traceback" in failed.err) == (1, True)
    found = cli("search", "parcels", "--output", "json", "--domains", "default", "-l", 1, *home)
    assert [hit["payload"]["kind"] for hit in found.json["hits"]] == ["passage"]
