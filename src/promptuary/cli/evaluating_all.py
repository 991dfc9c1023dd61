"""`promptuary eval all`: every evaluation that a folder of labelled data has the files for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypeAlias

import typer
from rich.table import Table
from rich.text import Text

from promptuary import __version__
from promptuary.cli.exporting import json_lines
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, safe, write_json
from promptuary.cli.progress import progress
from promptuary.domain.errors import InvalidInput
from promptuary.domain.reports import Progress, Told

Flat: TypeAlias = Mapping[str, float]
TRUTHS = ("label", "template_id", "event_id")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One `promptuary eval` to run: `name` says on what, `arguments` are all but `--run`."""

    name: str
    kind: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; figures of parts are named `part/figure`."""

    name: str
    kind: str
    figures: Flat = field(default_factory=dict)
    cost: Flat = field(default_factory=dict)
    error: str = ""


def all_(
    folder: Annotated[
        Path, typer.Argument(metavar="DATA_DIR", help="Labelled data, in folders of any depth.")
    ],
    report: Annotated[
        Path, typer.Option("--report", metavar="FILE", help="Where the report is kept.")
    ] = Path("promptuary-eval.json"),
    *,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="KIND", help="Such as `qa`; repeatable.")
    ] = None,
    runs: Annotated[
        Path | None, typer.Option("--runs", metavar="DIR", help="Keep what was found here.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Handed to each evaluation.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Run every evaluation that the files allow, each in a process of its own, and write a report.

    The figures of the report that was there stand beside the new ones. What fails stops nothing:
    it stands in the report with its error, and the exit code is 1.
    """
    found = [each for each in evaluations(folder) if not only or each.kind in only]
    if not found:
        said = f"{folder} holds nothing that can be evaluated" + (" so" if only else "")
        raise InvalidInput(f"{said}; `promptuary eval --help` lists what each one reads")
    before = _figures_of(report)
    with TemporaryDirectory(prefix="promptuary-eval-") as folder_of_runs, progress() as told:
        kept = runs or Path(folder_of_runs)
        kept.mkdir(parents=True, exist_ok=True)
        outcomes = list(_outcomes(found, kept, seed, home, told))
    made = {
        "made_by": f"promptuary {__version__}",
        "at": datetime.now(UTC),
        "evaluations": outcomes,
        "previous": before,
    }
    with json_lines(report) as write:
        write(made)
    if as_json:
        write_json(made)
    else:
        _print(outcomes, before)
    if any(each.error for each in outcomes):
        raise typer.Exit(1)


def evaluations(folder: Path) -> Iterator[Evaluation]:
    """What can be measured in a folder and those under it, in order of their names. Raises
    InvalidInput where there is no such folder."""
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is no folder", fields={"DATA_DIR": "no folder"})
    folder = folder.absolute()
    for each in sorted([folder, *(path for path in folder.rglob("*") if path.is_dir())]):
        where = each.relative_to(folder).as_posix()
        for what, kind, arguments in _in(each):
            name = "/".join(part for part in (where, what) if part not in {"", "."})
            yield Evaluation(name or folder.name, kind, tuple(map(str, arguments)))


def _in(folder: Path) -> Iterator[tuple[str, str, Sequence[str | Path]]]:
    """What, as what, with which arguments."""
    names = {path.name for path in folder.iterdir() if path.is_file()}
    yield from _corpora(folder, names)
    yield from _cameras(folder, names)
    if names >= {"conversations.jsonl", "passages.jsonl"}:
        passages = folder / "passages.jsonl"
        yield "", "turns", [folder / "conversations.jsonl", "--passages", passages]
    for file in sorted(name for name in names if name.endswith(".jsonl")):
        truth = file.removesuffix(".jsonl") + "_events.jsonl"
        if truth in names:
            yield file, "evolution", [folder / file, "--events", folder / truth]
        elif _is_labelled(_first(folder / file)):
            yield file, "canon", [folder / file]


def _corpora(folder: Path, names: set[str]) -> Iterator[tuple[str, str, Sequence[str | Path]]]:
    """Documents, or prompts, that are searched and asked."""
    if names >= {"corpus.jsonl", "queries.jsonl", "qrels.tsv"}:
        row = _first(folder / "corpus.jsonl")
        kept = "tags" in row or folder.name.startswith("prompts")
        yield "", "prompts" if kept else "retrieval", [folder]
    if names >= {"corpus.jsonl", "qa.jsonl"}:
        yield "", "chunks" if "spans" in _first(folder / "qa.jsonl") else "qa", [folder]


def _cameras(folder: Path, names: set[str]) -> Iterator[tuple[str, str, Sequence[str | Path]]]:
    """Events that are asked about, searched and watched, and series of readings."""
    if "stream.jsonl" in names:
        for file in sorted(names & {"qa.jsonl", "dialogs.jsonl"}):
            yield file, "conversation", [folder, "--questions", folder / file]
        if "anomalies.json" in names:
            yield "", "insights", [folder]
    if names >= {"events.jsonl", "queries.jsonl"}:
        yield "", "events", [folder]
    tables = sorted(name for name in names if name.endswith(".csv"))
    if tables and "windows.json" in names:
        yield "", "series", [folder / name for name in tables]


def _first(path: Path) -> Mapping[str, Any]:
    """The first row; nothing where it cannot be read: its evaluation says so."""
    try:
        with path.open(encoding="utf-8") as file:
            row = json.loads(file.readline(10_000_000))
    except (OSError, ValueError):
        return {}
    return row if isinstance(row, dict) else {}


def _is_labelled(row: Mapping[str, Any]) -> bool:
    return "id" in row and ("text" in row or "line" in row) and any(each in row for each in TRUTHS)


def _outcomes(
    found: Sequence[Evaluation], runs: Path, seed: int | None, home: Path | None, told: Told
) -> Iterator[Outcome]:
    for number, each in enumerate(found, start=1):
        told(Progress(f"eval {each.kind} {safe(each.name)}", number, len(found)))
        ending = "tsv" if each.kind in {"retrieval", "prompts"} else "jsonl"
        run = runs / f"{number:02}-{each.kind}.{ending}"
        named = ["--run", str(run)]
        named += ["--seed", str(seed)] if seed is not None else []
        named += ["--home", str(home / run.stem)] if home is not None else []
        yield _outcome(each, named)


def _outcome(each: Evaluation, named: Sequence[str]) -> Outcome:
    command = [sys.executable, "-m", "promptuary.cli", "--quiet", "eval", each.kind]
    done = subprocess.run(  # noqa: S603 - ourselves, with paths as arguments and no shell
        [*command, *named, "--json", *each.arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        if done.returncode == 0:
            said = json.loads(done.stdout)
            figures = dict(_flat({**said["figures"], **said.get("groups", {})}))
            return Outcome(each.name, each.kind, figures, dict(_flat(said["cost"])))
        error = json.loads(done.stderr.strip().splitlines()[-1])["error"]
        return Outcome(each.name, each.kind, error=f"{error['message']} [{error['code']}]")
    except (ValueError, KeyError, IndexError, TypeError):
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return Outcome(each.name, each.kind, error=last[0])


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}/")
        elif isinstance(value, int | float):
            yield f"{prefix}{name}", value


def _figures_of(report: Path) -> Mapping[str, Flat]:
    """The latest figures that a report has of each evaluation. Raises InvalidInput for another file
    of that name: it is not written over."""
    if not report.exists():
        return {}
    try:
        read = json.loads(report.read_text("utf-8"))
        made = [each for each in read["evaluations"] if not each["error"]]
        new = {f"{each['kind']} {each['name']}": dict(each["figures"]) for each in made}
        return {**read["previous"], **new}
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = f"{report} is no report of an evaluation; name another file"
        raise InvalidInput(said, fields={"--report": said}) from error


def _print(outcomes: Sequence[Outcome], before: Mapping[str, Flat]) -> None:
    table = Table("", "", "now", "before", "change", box=None, padding=(0, 2, 0, 0))
    for each in outcomes:
        title = f"{each.kind} {each.name}"
        old = before.get(title, {})
        for figure, value in each.figures.items():
            if "/" not in figure:
                table.add_row(safe(title), figure, *_beside(value, old.get(figure)))
                title = ""
    out = console()
    out.print(table)
    for each in outcomes:
        if each.error:
            out.print(Text(f"{each.kind} {safe(each.name)} failed: {safe(each.error)}", "red"))


def _beside(now: float, before: float | None) -> tuple[str, str, str]:
    change = "" if before is None or before == now else f"{now - before:+.4g}"
    return _shown(now), "" if before is None else _shown(before), change


def _shown(value: float) -> str:
    return f"{value:,}" if float(value).is_integer() else f"{value:.4f}"
