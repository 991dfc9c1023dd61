"""The command line as a test uses it: one process, one small home, everything captured."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from promptuary.cli.running import run

CITIES = ("Turin", "Graz", "Cork", "Lille", "Porto", "Basel", "Riga", "Ghent", "Split", "Bergen")
TRADES = ("baker", "mason", "tailor", "painter", "printer", "joiner", "potter", "welder")
ALONE = ("Why do cats purr at night?", "List kings of Portugal.", "Is glass a slow liquid?")


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON object that it must be."""
        return json.loads(self.out)


Cli = Callable[..., Ran]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs a command. The terminal is 120 columns wide, so that nothing wraps by chance."""
    monkeypatch.setenv("COLUMNS", "120")

    def call(*arguments: object) -> Ran:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return call


def prompts() -> Iterator[str]:
    """Two templates, and three prompts that stand alone."""
    for city in CITIES:
        for trade in TRADES[:4]:
            yield f"Find the best {trade} in {city} and compare the prices."
    for trade in TRADES:
        yield f"Write a short poem about the life of a {trade}, without rhymes."
    yield from ALONE


@pytest.fixture
def traffic(tmp_path: Path) -> Path:
    """A JSON lines file."""
    path = tmp_path / "traffic.jsonl"
    rows = ({"id": f"r{n}", "text": text, "source": "test"} for n, text in enumerate(prompts()))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with that traffic in it, shared by a module's tests: they only look at it."""
    folder = tmp_path_factory.mktemp("home")
    path = folder / "traffic.txt"
    path.write_text("\n".join(prompts()))
    assert run(["ingest", str(path), "--home", str(folder / "home")]) == 0
    return folder / "home"
