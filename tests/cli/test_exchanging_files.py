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
        "refund-letter: version: version 4 is 1 here",
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


def test_a_folder_comes_in_with_its_folders_and_goes_out_again(cli: Cli, tmp_path: Path) -> None:
    at = ("--home", str(tmp_path / "home"))
    given, out = tmp_path / "given", tmp_path / "out"
    texts = {"a.prompty": "user:\nA {{x}}\n", "mail/b.prompty": "B\n", ".git/c.prompty": "no\n"}
    for name, text in {**texts, "notes.txt": "no", "bad.prompty": "---\nopen"}.items():
        (given / name).parent.mkdir(parents=True, exist_ok=True)
        (given / name).write_text(text)
    done = cli("library", "import", "--from", "prompty", str(given), "--json", *at)
    assert done.code == 1
    assert [(each["slug"], each["status"]) for each in done.json["outcomes"]] == [
        ("a", "new"),
        (str(given / "bad.prompty"), "failed"),
        ("mail/b", "new"),
    ]
    out.mkdir()
    cli("library", "export", "--to", "prompty", "-o", str(out), *at)
    written = {path.relative_to(out).as_posix() for path in out.rglob("*.prompty")}
    assert written == {"a.prompty", "mail/b.prompty"}
    assert all((out / name).read_text() == texts[name] for name in written)


def test_a_folder_without_a_file_of_the_format_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    at = ("--home", str(tmp_path / "home"))
    asked = cli("library", "import", "--from", "prompty", str(tmp_path / "empty"), *at)
    assert "is a folder without a file that ends in .prompty" in asked.err
