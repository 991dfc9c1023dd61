"""`promptuary library import` and `export`, as somebody at a terminal has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Cli

pytestmark = pytest.mark.slow
ROWS = [
    {"name": "Refund letter", "prompt": "Dear {{name}}", "version": 4, "labels": ["production"]},
    {"name": "chat", "prompt": [{"role": "user", "content": "Hi"}], "x": {"kept": 1}},
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "from langfuse.json"
    path.write_text(json.dumps(ROWS, indent=3))
    return path


def test_a_file_comes_in_and_goes_out_again(cli: Cli, tmp_path: Path, file: Path) -> None:
    at = ("--home", str(tmp_path / "home"))
    planned = cli("library", "import", "--from", "langfuse", "--dry-run", str(file), *at)
    assert planned.code == 0
    assert planned.out.splitlines() == [
        "refund-letter: version: versions 4 are counted from 1 here",
        "would be: 2 new",
    ]
    done = cli("library", "import", "--from", "langfuse", str(file), "--json", *at)
    assert [each["status"] for each in done.json["outcomes"]] == ["new", "new"]
    out = tmp_path / "again.json"
    slugs = ("refund-letter", "chat")
    written = cli("library", "export", *slugs, "--to", "langfuse", "-o", str(out), *at)
    assert written.out == f"{out}: {file.stat().st_size} bytes\n"
    assert out.read_bytes() == file.read_bytes()


def test_what_cannot_be_taken_is_named_and_the_exit_code_is_1(
    cli: Cli, tmp_path: Path, file: Path
) -> None:
    at = ("--home", str(tmp_path / "home"))
    cli("library", "import", "--from", "langfuse", str(file), *at)
    file.write_text(json.dumps([{"name": "chat", "prompt": "Another"}]))
    clash = cli("library", "import", "--from", "langfuse", str(file), *at)
    assert clash.code == 1
    assert "chat: the library has another 'chat'" in clash.out
    assert cli("library", "import", "--from", "word", str(file), *at).err.startswith(
        "promptuary: no format is called 'word'; there are bundle, langfuse"
    )
    missing = cli("library", "import", "--from", "otel", str(tmp_path / "none"), *at)
    assert "cannot be read" in missing.err
    assert cli("library", "export", "nobody", *at).err.endswith("[NOT_FOUND]\n")
    assert cli("library", "export", "--to", "prompty", "-o", str(tmp_path / "x"), *at).code == 1
    assert not (tmp_path / "x").exists()
