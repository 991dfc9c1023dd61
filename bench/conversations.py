"""How often questions over events are answered exactly: `promptuary eval conversation`, and what
taking events in costs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.processes import python, run
from bench.speed import Row, row


def main(output: Path, data: Path) -> None:
    """Evaluate on the development data of conversations."""
    output.write_text(json.dumps(list(_rows(data / "conv")), indent=1) + "\n", "utf-8")


def _rows(folder: Path) -> Iterator[Row]:
    single = _evaluate(folder, "qa.jsonl")
    figures = single["figures"]
    yield row(f"{figures['n']} questions, strict", ">= .97", figures["strict"], "", "", None)
    for name in ("refusal_precision", "refusal_recall"):
        yield row(name.replace("_", " "), ">= .95", figures[name], "", "", None)
    for name in ("evidence_precision", "evidence_recall"):
        yield row(name.replace("_", " "), ">= .99", figures[name], "", "", None)
    for name, value in figures.items():
        if name.startswith("strict "):
            yield row(f"questions: {name.removeprefix('strict ')}", "", value, "", "", None)
    dialogs = _evaluate(folder, "dialogs.jsonl")["figures"]
    yield row(f"{dialogs['n']} turns of dialogs", ">= .95", dialogs["strict"], "", "", None)
    yield row("whole dialogs", ">= .85", dialogs["whole_dialogs"], "", "", None)
    yield from _intake(folder)


def _evaluate(folder: Path, questions: str) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        answer = Path(place) / "answer.json"
        options = ["--run", f"{place}/run.jsonl", "--home", f"{place}/home", "--json"]
        named = ["--questions", str(folder / questions)]
        command = ["-m", "promptuary.cli", "eval", "conversation", str(folder), *named, *options]
        run(python(*command), output=answer)
        found: Mapping[str, Any] = json.loads(answer.read_text("utf-8"))
        return found


def _intake(folder: Path) -> Iterator[Row]:
    """Events taken in a second of CPU: the whole file beside an empty one."""
    count = sum(1 for _ in (folder / "stream.jsonl").open("rb"))
    with tempfile.TemporaryDirectory() as place:
        empty = Path(place) / "none.jsonl"
        empty.write_text("", "utf-8")
        command = ["-m", "promptuary.cli", "events", "import"]
        home = ["--home", f"{place}/home", "--json"]
        nothing = run(python(*command, str(empty), *home))
        whole = run(python(*command, str(folder / "stream.jsonl"), *home))
    rate = count / (whole.cpu_seconds - nothing.cpu_seconds)
    yield row(f"{count:,} events taken in, a second of CPU", ">= 5,000", rate, "", "", None)
