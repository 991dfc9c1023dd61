"""`promptuary ingest`: good prompts go in, bad lines are named, nothing is lost."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from .conftest import ALONE, Cli

pytestmark = pytest.mark.slow


def test_a_file_goes_in_once_however_often_it_is_sent(
    cli: Cli, tmp_path: Path, traffic: Path
) -> None:
    first = cli("ingest", traffic, "--home", tmp_path / "h", "--json")
    again = cli("ingest", traffic, "--home", tmp_path / "h", "--json")
    assert (first.code, again.code) == (0, 0)
    assert first.json["accepted"] == first.json["placed"] + first.json["alone"] == 51
    assert (again.json["accepted"], again.json["duplicates"]) == (0, 51)


def test_bad_lines_are_named_and_the_rest_goes_in(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b'{"text": "a"}\n{"text": \n{"text": ""}\n\xff\n{"text": "b"}\n')
    found = cli("ingest", path, "--home", tmp_path / "h", "--json")
    assert found.code == 1
    assert found.json["accepted"] == 2
    assert [(each["position"], each["code"]) for each in found.json["rejected"]] == [
        (2, "INVALID_JSON"),
        (3, "INVALID_INPUT"),
        (4, "INVALID_UTF8"),
    ]
    said = cli("ingest", path, "--home", tmp_path / "h")
    assert "line 2: " in said.out
    assert "[INVALID_JSON]" in said.out


def test_standard_input_is_read(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    piped = io.TextIOWrapper(io.BytesIO("\n".join(ALONE).encode()))
    monkeypatch.setattr(sys, "stdin", piped)
    assert cli("ingest", "-", "--home", tmp_path / "h", "--json").json["accepted"] == 3


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("nothing.jsonl", None, "there is no file"),
        ("empty.jsonl", b"", "is empty"),
        (".", None, "is a folder"),
        ("wrong.csv", b"a,b\n1,2\n", "the columns are: 'a', 'b'"),
    ],
)
def test_what_is_no_file_of_prompts_is_refused_before_anything_is_opened(
    cli: Cli, tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    found = cli("ingest", tmp_path / name, "--home", tmp_path / "h", "--json")
    assert (found.code, found.out) == (1, "")
    error = json.loads(found.err.splitlines()[-1])["error"]
    assert error["code"] == "INVALID_INPUT"
    assert reason in error["message"]
    assert not (tmp_path / "h").exists()


def test_what_is_only_saved_waits_for_a_worker(cli: Cli, tmp_path: Path, traffic: Path) -> None:
    saved = cli("ingest", traffic, "--no-place", "--home", tmp_path / "h")
    assert "promptuary worker --once" in saved.out
    before = cli("families", "--home", tmp_path / "h", "--json").json["total"]
    assert cli("worker", "--once", "--home", tmp_path / "h", "--json").code == 0
    after = cli("families", "--home", tmp_path / "h", "--json").json["total"]
    assert (before, after > 0) == (0, True)


def test_chats_csv_and_other_fields_are_read_as_asked(cli: Cli, tmp_path: Path) -> None:
    chat = tmp_path / "chat.jsonl"
    chat.write_text(json.dumps({"messages": [{"role": "user", "content": "Hi there"}]}))
    table = tmp_path / "table.csv"
    table.write_text("no;said\n1;Good morning\n")
    options = ("--home", tmp_path / "h", "--collection", "c", "--json")
    assert cli("ingest", chat, "--format", "openai-chat", *options).json["accepted"] == 1
    assert cli("ingest", table, "--text-field", "said", *options).json["accepted"] == 1
    rows = cli("export", "placements", "--collection", "c", "--home", tmp_path / "h").out
    assert len(rows.splitlines()) == 2
