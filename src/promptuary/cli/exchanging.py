"""`promptuary library import` and `promptuary library export`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from promptuary.cli.exporting import whole_file
from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, plural, safe, write_json
from promptuary.cli.progress import progress
from promptuary.cli.prompt_files import PromptFile, found, put_into, read, take_in
from promptuary.cli.running import REJECTED
from promptuary.domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promptuary.blocking import Promptuary
    from promptuary.domain.exchange import Exported, ImportReport, Unmapped
    from promptuary.sdk.blocking import RemoteClient

SHOWN = 20
AT_ONCE = 200
FORMATS = "bundle, langfuse, mlflow, langsmith, openai, prompts-chat, prompty, dotprompt, promptfoo"
FORMATS += ", chat-jsonl, openai-batch, otel"
Format: TypeAlias = str


def import_prompts(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…", help="What to read; - is the input, a folder all its files."
        ),
    ],
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
    named and the rest goes on; then, and when nothing in the files is a prompt, the exit code is 1.
    """
    from promptuary.library.exchange.formats import suffix_of  # noqa: PLC0415 - not for --help

    given = found(files, suffix_of(form))
    with looked_at(home) as promptuary, progress() as told:

        def take(file: PromptFile) -> ImportReport:
            return promptuary.library.import_file(
                form,
                file.read(),
                name=file.path.stem or "prompt",
                folder="/".join(filter(None, (folder, file.folder))),
                dry_run=dry_run,
                replace_it=replace_it,
                trusted=trust or (),
                progress=told,
            )

        report = _together(form, dry_run, list(take_in(given, take, dry_run)))
    if as_json:
        write_json(report)
    else:
        _print(report)
    nothing = not report.outcomes and report.unmapped
    return REJECTED if report.refused or nothing else 0


def _together(form: Format, dry_run: bool, reports: Sequence[ImportReport]) -> ImportReport:
    """What became of several files, as one."""
    from promptuary.domain.exchange import ImportReport  # noqa: PLC0415 - not for --help

    return ImportReport(
        form,
        dry_run,
        tuple(each for one in reports for each in one.outcomes),
        tuple(each for one in reports for each in one.unmapped),
    )


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
            "--output",
            "-o",
            metavar="FILE",
            help="Write here, whole or not at all; into a folder; else a pipe.",
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

    Prompts that came from a file of that format and did not change give that file again. Into a
    folder each prompt goes as a file of its own.
    """
    if sign and form != "bundle":
        raise InvalidInput("only a bundle is signed", fields={"sign": "needs --to bundle"})
    key = read(sign) if sign else None
    with looked_at(home) as promptuary:
        if output is not None and output.is_dir():
            _export_each(promptuary, output, prompts, form, folder, key, as_json)
            return
        exported = promptuary.library.export_file(form, prompts or None, folder=folder)
    exported = _signed(exported, key)
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


def _export_each(
    promptuary: Promptuary | RemoteClient,
    into: Path,
    prompts: list[str] | None,
    form: str,
    folder: str | None,
    key: bytes | None,
    as_json: bool,
) -> None:
    """A file for each prompt, in that folder."""
    from promptuary.library.exchange.formats import suffix_of  # noqa: PLC0415 - not for --help

    slugs = prompts or list(_slugs(promptuary, folder))
    written = put_into(
        into,
        slugs,
        suffix_of(form),
        lambda slug: _signed(promptuary.library.export_file(form, [slug]), key),
    )
    unmapped = tuple(each for _, exported in written for each in exported.unmapped)
    if as_json:
        files = [{"file": str(path), "bytes": len(each.data)} for path, each in written]
        write_json({"files": files, "unmapped": unmapped})
        return
    console().print(f"{safe(str(into))}: {plural(len(written), 'file')}")
    _tell(unmapped)


def _slugs(promptuary: Promptuary | RemoteClient, folder: str | None) -> Iterator[str]:
    cursor: str | None = None
    while True:
        page = promptuary.library.list(folder=folder, cursor=cursor, limit=AT_ONCE)
        yield from (prompt.slug for prompt in page.items)
        if (cursor := page.next_cursor) is None:
            return


def _signed(exported: Exported, key: bytes | None) -> Exported:
    """The bundle with a signature, where there is a key."""
    if key is None:
        return exported
    from promptuary.library.exchange.bundle import sign_bundle  # noqa: PLC0415 - rarely needed

    return replace(exported, data=sign_bundle(exported.data, key))


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
