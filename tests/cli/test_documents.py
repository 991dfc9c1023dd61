"""`promptuary sync`, `documents` and `status`: a folder in, what became of it, and out again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from promptuary.blocking import Promptuary

from .conftest import Cli

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two documents, a bad one, and a picture."""
    made = tmp_path / "handbook"
    made.mkdir()
    (made / "bread.md").write_text("# Bread\n\nThe oven is heated to 240 degrees.\n")
    (made / "cake.html").write_text("<title>Cake</title><h1>Cake</h1><p>Whisk six eggs.</p>")
    (made / "broken.json").write_text("{")
    (made / "photo.png").write_bytes(b"\x89PNG")
    return made


def test_a_folder_comes_in_and_is_found(cli: Cli, tmp_path: Path, folder: Path) -> None:
    home = tmp_path / "home"
    said = cli("sync", folder, "--home", home)
    assert said.code == 1
    assert "handbook/broken.json: this is no JSON" in said.out
    assert "2 new" in said.out
    assert "1 file of other kinds passed over" in said.out
    found = cli("search", "oven temperature", "--kind", "passage", "--home", home, "--json")
    (hit, *_) = found.json["hits"]
    assert (hit["payload"]["source"], hit["payload"]["format"]) == ("handbook/bread.md", "md")
    status = cli("status", "--home", home)
    assert "2 documents from 2 sources" in status.out
    assert "broken.json" in status.out


def test_reports_are_for_programs_too(cli: Cli, tmp_path: Path, folder: Path) -> None:
    home = tmp_path / "home"
    dry = cli("sync", folder, "--dry-run", "--home", home, "--json").json["reports"][0]
    assert (dry["dry_run"], dry["counts"]) == (True, {"new": 3, "skipped": 1})
    (report,) = cli("sync", folder, "--home", home, "--json").json["reports"]
    assert report["counts"] == {"new": 2, "failed": 1, "skipped": 1}
    listed = cli("documents", "list", "--status", "failed", "--home", home, "--json").json
    assert [each["name"] for each in listed["items"]] == ["handbook/broken.json"]
    shown = cli("documents", "show", "handbook/cake.html", "--home", home, "--json").json
    assert shown["items"][0]["text"] == "Cake\n\nWhisk six eggs."
    held = cli("status", "--home", home, "--json").json
    assert (held["documents"]["read"], len(held["failed"])) == (2, 1)


def test_what_is_deleted_is_nowhere(cli: Cli, tmp_path: Path, folder: Path) -> None:
    home = tmp_path / "home"
    cli("sync", folder, "--home", home)
    assert cli("documents", "delete", "handbook/bread.md", "--home", home).code == 0
    found = cli("search", "oven temperature", "--kind", "passage", "--home", home, "--json")
    assert all(hit["payload"]["source"] != "handbook/bread.md" for hit in found.json["hits"])
    assert cli("documents", "delete", "handbook/bread.md", "--home", home).code == 1
    listed = cli("documents", "list", "--home", home)
    assert "bread.md" not in listed.out


def test_the_original_is_written_byte_for_byte_and_replaces_nothing_unasked(
    cli: Cli, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.chdir(tmp_path)
    cli("sync", folder, "--home", home)
    assert cli("documents", "original", "handbook/cake.html", "--home", home).code == 0
    assert Path("cake.html").read_bytes() == (folder / "cake.html").read_bytes()
    again = cli("documents", "original", "handbook/cake.html", "--home", home)
    assert (again.code, "--to" in again.err) == (1, True)
    into = ("--to", tmp_path / "kept.html", "--home", home)
    kept = cli("documents", "original", "handbook/cake.html", *into, "--json").json
    assert (kept["size"], kept["source"]) == (
        len(Path("kept.html").read_bytes()),
        "handbook/cake.html",
    )
    assert cli("documents", "original", "handbook/broken.json", *into).code == 1
    nowhere = ("--to", tmp_path / "no" / "x", "--home", home)
    assert cli("documents", "original", "handbook/cake.html", *nowhere).code == 1
    (folder / "cake.html").unlink()
    cli("sync", folder, "--home", home)
    assert cli("documents", "original", "handbook/cake.html", *into).code == 1
    left = [path for path in (home / "originals").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in left] == [(folder / "bread.md").read_bytes()]


def test_a_name_that_two_collections_have_is_not_guessed(
    cli: Cli, tmp_path: Path, folder: Path
) -> None:
    home = tmp_path / "home"
    for collection in ("one", "two"):
        cli("sync", folder, "--collection", collection, "--home", home)
    bread = ("handbook/bread.md", "--home", home)
    for verb in ("show", "original", "delete"):
        said = cli("documents", verb, *bread)
        assert (said.code, "--collection" in said.err) == (1, True)
    assert cli("documents", "delete", *bread, "--collection", "one").code == 0
    assert cli("documents", "show", *bread).code == 0


def test_a_folder_that_is_not_there_is_named(cli: Cli, tmp_path: Path) -> None:
    said = cli("sync", tmp_path / "nowhere", "--home", tmp_path / "home")
    assert said.code == 1
    assert "nowhere" in said.err


def test_the_synchronous_face_does_the_same(tmp_path: Path, folder: Path) -> None:
    with Promptuary.open(str(tmp_path / "home")) as promptuary:
        report = promptuary.sync(folder)
        (bread, *_) = promptuary.sources(status="read").items
        (document,) = promptuary.documents(bread.id)
        assert promptuary.document(document.id) == document
        assert promptuary.holdings().passages == report.passages == 2
        assert promptuary.forget([bread.id]) == 1


WATCH = """
import signal, sys
from promptuary.cli.running import run
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where tests run in the background
sys.exit(run(["sync", sys.argv[1], "--watch", "--json", "--home", sys.argv[2]]))
"""


def test_watching_brings_changes_in_until_it_is_interrupted(tmp_path: Path, folder: Path) -> None:
    command = [sys.executable, "-c", WATCH, str(folder), str(tmp_path / "home")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        try:
            first = json.loads(running.stdout.readline())
            (folder / "tea.md").write_text("# Tea\n\nBrew it at 75 degrees.\n")
            second = json.loads(running.stdout.readline())
            running.send_signal(signal.SIGINT)
            assert running.wait(120) == 130
        finally:
            running.kill()  # if it goes on, this test fails, and no other waits for it
    assert first["counts"]["new"] == 2
    assert second["counts"]["new"] == 1
