"""`promptuary ingest`: prompts in, from a file or standard input."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, TypeAlias

import typer

from promptuary.canon.reading import BadLine, Reading, ReadPrompt, open_file, read_prompts
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home, IntoCollection
from promptuary.cli.printing import console, plural, safe, write_json
from promptuary.cli.progress import progress
from promptuary.cli.running import REJECTED
from promptuary.domain.errors import InvalidInput
from promptuary.domain.prompts import IncomingPrompt
from promptuary.domain.reports import IngestReport, RejectedItem

FormatName: TypeAlias = Literal["auto", "jsonl", "csv", "txt", "openai-chat", "openai-batch"]
SHOWN = 10


def ingest(
    file: Annotated[Path, typer.Argument(metavar="FILE|-", help="A file, or - to read a pipe.")],
    format: Annotated[FormatName, typer.Option("--format", help="What the file holds.")] = "auto",
    text_field: Annotated[
        str | None,
        typer.Option("--text-field", metavar="NAME", help="The field or column with the prompt."),
    ] = None,
    messages: Annotated[
        Literal["joined", "each"],
        typer.Option(
            help="Chats: system and last user message as one prompt, or each message by itself."
        ),
    ] = "joined",
    separator: Annotated[
        str | None,
        typer.Option(metavar="LINE", help="Plain text: the line between two prompts ('': empty)."),
    ] = None,
    collection: IntoCollection = "default",
    batch_id: Annotated[
        str | None,
        typer.Option("--batch-id", metavar="ID", help="The same batch again changes nothing."),
    ] = None,
    no_place: Annotated[
        bool, typer.Option("--no-place", help="Only save; leave the rest to `promptuary worker`.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Take prompts in: JSON lines, JSON, CSV, plain text, OpenAI chat and batch logs.

    A line that gives no prompt is reported and the rest goes on; then the exit code is 1.
    """
    how = Reading(format, text_field, messages, separator)
    with _stream(file) as stream:
        source = _Source(read_prompts(stream, how, name=file.name))
        prompts = source.prompts()
        first = next(prompts, None)
        if first is None and not source.bad:
            raise InvalidInput(f"{_name(file)} is empty: there is no prompt to take in")
        with opened(home) as promptuary, progress() as told:
            report = promptuary.ingest(
                _with(first, prompts),
                collection=collection,
                batch_id=batch_id,
                place=not no_place,
                complete=True,
                progress=told,
            )
    report = source.complete(report)
    if as_json:
        write_json(report)
    else:
        _print(report, waits=no_place)
    return REJECTED if report.rejected_count else 0


def _stream(file: Path) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if str(file) == "-" else open_file(file)


def _name(file: Path) -> str:
    return "standard input" if str(file) == "-" else str(file)


def _with(first: IncomingPrompt | None, rest: Iterator[IncomingPrompt]) -> Iterator[IncomingPrompt]:
    if first is not None:
        yield first
    yield from rest


@dataclass(slots=True)  # changes: it notes what it meets while others read from it
class _Source:
    """The prompts of a file; keeps what was bad, and which line each prompt came from."""

    read: Iterator[ReadPrompt | BadLine]
    bad: list[BadLine] = field(default_factory=list)
    bad_count: int = 0
    lines: array[int] = field(default_factory=lambda: array("Q"))

    def prompts(self) -> Iterator[IncomingPrompt]:
        for each in self.read:
            if isinstance(each, ReadPrompt):
                self.lines.append(each.line)
                yield each.prompt
            else:
                self.bad_count += 1
                if len(self.bad) < 1000:
                    self.bad.append(each)

    def complete(self, report: IngestReport) -> IngestReport:
        """The report with lines for positions, and with what never became a prompt."""
        refused = [
            replace(each, position=self.lines[each.position - 1]) for each in report.rejected
        ]
        refused += [RejectedItem(bad.line, bad.code, bad.reason) for bad in self.bad]
        refused.sort(key=lambda each: each.position)
        count = report.rejected_count + self.bad_count
        return replace(report, rejected=tuple(refused[:1000]), rejected_count=count)


def _print(report: IngestReport, *, waits: bool) -> None:
    out = console()
    for each in report.rejected[:SHOWN]:
        out.print(f"line {each.position}: {safe(each.reason)} [{each.code}]", style="yellow")
    if report.rejected_count > SHOWN:
        out.print(
            f"… and {report.rejected_count - SHOWN:,} more; --json lists them", style="yellow"
        )
    out.print(
        f"{plural(report.accepted, 'prompt')} taken in, {report.duplicates:,} seen before, "
        f"{report.rejected_count:,} refused (collection {report.collection})"
    )
    if report.masked:
        out.print(f"{report.masked:,} of them kept with placeholders for what was taken out")
    if waits:
        out.print("placing waits for a worker: promptuary worker --once", style="dim")
    else:
        out.print(f"{report.placed:,} follow a template, {report.alone:,} stand alone")
        out.print("see them: promptuary families, promptuary templates", style="dim")
