"""The frame around every command: help, exit codes, errors, interruption, pipes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from promptuary.cli.running import exit_code_of, root
from promptuary.cli.verbs import VERBS, help_text
from promptuary.domain import errors

from .conftest import Cli

BARE = "import sys; from promptuary.cli import main; sys.argv = ['promptuary', '--help']\n"


def test_help_lists_every_verb_and_imports_nothing_else() -> None:
    script = BARE + (
        "try: main()\nexcept SystemExit: pass\n"
        "print('loaded:', sorted({name.split('.')[0] for name in sys.modules}))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    shown, _, loaded = said.stdout.partition("loaded:")
    assert shown == help_text()
    assert all(f"\n  {verb}" in shown for verb in VERBS)
    assert not {"typer", "rich", "numpy", "pydantic", "sqlalchemy"} & set(eval(loaded))


def test_the_version_is_a_flag_too_and_the_package_itself_is_the_command() -> None:
    command = [sys.executable, "-m", "promptuary", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.startswith("promptuary ")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(cli: Cli, verb: str) -> None:
    said = cli(verb, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: promptuary {verb}")


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_verbs_and_options(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"_PROMPTUARY_COMPLETE": f"complete_{shell}", "COMP_WORDS": "promptuary fam",
                   "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "promptuary fam",
                   "_TYPER_COMPLETE_FISH_ACTION": "get-args"}  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-c", BARE.replace("'--help'", "'fam'") + "main()"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "families" in said.stdout


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidInput("x"), 1),
        (errors.NotFound("x", "y"), 1),
        (errors.Busy("x"), 3),
        (errors.StorageFull("x"), 3),
        (errors.Misconfigured("x"), 4),
        (errors.MissingExtra("x", "y"), 4),
    ],
)
def test_the_branch_of_an_error_is_the_exit_code(error: errors.PromptuaryError, code: int) -> None:
    assert exit_code_of(error) == code


def test_an_error_is_one_line_with_its_code_or_one_json_object(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMPTUARY_PORT", "x")
    said = cli("families", "--home", tmp_path)
    assert (said.code, said.out, said.err.count("\n")) == (4, "", 1)
    assert said.err.startswith("promptuary: port: ")
    assert said.err.endswith("[MISCONFIGURED]\n")
    said = cli("families", "--home", tmp_path, "--json")
    assert json.loads(said.err)["error"]["code"] == "MISCONFIGURED"


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("families", "--limit", "0"), ("ingest",), ("show", "a", "b")]
)
def test_arguments_that_are_not_understood_end_with_2(cli: Cli, arguments: tuple[str, ...]) -> None:
    said = cli(*arguments)
    assert (said.code, said.out) == (2, "")
    assert "--help" in said.err
    assert said.err.endswith("[USAGE]\n")


def test_control_c_ends_with_130(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Interrupted())))
    said = cli("ingest", "-", "--home", tmp_path / "h")
    assert said.code == 130
    assert "what was saved is safe" in said.err


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error() -> None:
    writer = (
        "import sys; from promptuary.cli import main; from promptuary.cli import configuring;"
        "sys.argv = ['promptuary', 'config', 'example']; main()"
    )
    pipe = "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1)\n"
    said = subprocess.run([sys.executable, "-c", pipe + writer], capture_output=True, check=False)
    assert (said.returncode, said.stderr) == (0, b"")


def test_the_root_command_is_built_without_any_verb() -> None:
    assert list(root().list_commands(None)) == list(VERBS)
