"""`promptuary library import` and `promptuary library export`."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from promptuary.cli.exporting import whole_file
from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, plural, safe, write_json
from promptuary.cli.running import REJECTED
from promptuary.domain.errors import InvalidInput

if TYPE_CHECKING:
    from promptuary.domain.exchange import ImportReport, Unmapped

SHOWN = 20
FORMATS = "bundle, langfuse, mlflow, langsmith, openai, prompts-chat, prompty, dotprompt, promptfoo"
FORMATS += ", chat-jsonl, openai-batch, otel"
Format: TypeAlias = str


def import_prompts(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What to read; - is the input.")],
    form: Annotated[
        Format, typer.Option("--from", metavar="FORMAT", help=f"What it is: {FORMATS}.")
    ],
    folder: Annotated[
        str, typer.Option("--folder", metavar="NAME", help="Put all of its prompts in there.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done; write nothing.")
    ] = False,
    replace_it: Annotated[
        bool, typer.Option("--replace", help="Give up prompts of the same name that differ.")
    ] = False,
    trust: Annotated[
        list[str] | None,
        typer.Option("--trust", metavar="KEY", help="Of a bundle: only if this key signed it."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Take prompts of another store in, with their versions and labels.

    Says what could not be mapped. Importing again changes nothing. A prompt that cannot be taken is
    named and the rest goes on; then the exit code is 1.
    """
    data = _read(file)
    with looked_at(home) as promptuary:
        report = promptuary.library.import_file(
            form,
            data,
            name=file.stem or "prompt",
            folder=folder,
            dry_run=dry_run,
            replace_it=replace_it,
            trusted=trust or (),
        )
    if as_json:
        write_json(report)
    else:
        _print(report)
    return REJECTED if report.refused else 0


def export_prompts(
    prompts: Annotated[
        list[str] | None, typer.Argument(metavar="[SLUG]…", help="Which ones; else all.")
    ] = None,
    form: Annotated[
        Format, typer.Option("--to", metavar="FORMAT", help=f"As what: {FORMATS}.")
    ] = "bundle",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write here, whole or not at all; else a pipe."
        ),
    ] = None,
    folder: Annotated[
        str | None, typer.Option("--folder", metavar="NAME", help="Only those inside it.")
    ] = None,
    sign: Annotated[
        Path | None,
        typer.Option("--sign", metavar="FILE", help="Sign a bundle with this Ed25519 key (PEM)."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write prompts as a file of another store, or as a bundle that holds everything of them.

    Prompts that came from a file of that format and did not change give that file again.
    """
    if sign and form != "bundle":
        raise InvalidInput("only a bundle is signed", fields={"sign": "needs --to bundle"})
    key = _read(sign) if sign else None
    with looked_at(home) as promptuary:
        exported = promptuary.library.export_file(form, prompts or None, folder=folder)
    if key is not None:
        from promptuary.library.exchange.bundle import sign_bundle  # noqa: PLC0415 - rarely needed

        exported = replace(exported, data=sign_bundle(exported.data, key))
    if output is None:
        sys.stdout.buffer.write(exported.data)
        sys.stdout.buffer.flush()
        return
    with whole_file(output) as file:
        file.write(exported.data)
    if as_json:
        write_json(
            {"file": str(output), "bytes": len(exported.data), "unmapped": exported.unmapped}
        )
    else:
        console().print(f"{safe(str(output))}: {len(exported.data):,} bytes")
        _tell(exported.unmapped)


def _read(path: Path) -> bytes:
    """The file's bytes. Raises InvalidInput when it cannot be read."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}") from error


def _print(report: ImportReport) -> None:
    out = console()
    for each in [each for each in report.outcomes if each.reason][:SHOWN]:
        out.print(f"{safe(each.slug)}: {safe(each.reason)} [{each.code}]", style="yellow")
    _tell(report.unmapped)
    counts = Counter(each.status for each in report.outcomes)
    said = ", ".join(f"{count:,} {status}" for status, count in counts.items()) or "no prompts"
    out.print(f"{'would be: ' if report.dry_run else ''}{said}")


def _tell(unmapped: tuple[Unmapped, ...]) -> None:
    """What could not be mapped, gathered by what it is."""
    out = console()
    gathered: dict[tuple[str, str], list[str]] = {}
    for each in unmapped:
        gathered.setdefault((each.field, each.why), []).append(each.where)
    for (field, why), where in list(gathered.items())[:SHOWN]:
        more = f" and {plural(len(where) - 1, 'other')}" if len(where) > 1 else ""
        out.print(f"{safe(where[0])}{more}: {safe(field)}: {safe(why)}", style="dim")
    if len(gathered) > SHOWN:
        out.print(f"… and {len(gathered) - SHOWN:,} more; --json tells all", style="dim")
