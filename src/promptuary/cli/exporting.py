"""`promptuary export placements|templates`: JSON lines, to standard output or a file;
`promptuary export template`: one of them for another tool; and
`promptuary export collection`: documents and all that was made of them, as one file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Annotated, TypeAlias

import typer

from promptuary.cli.lazy import bare
from promptuary.cli.opening import looked_at, opened
from promptuary.cli.options import AsJson, Home, InCollection, IntoCollection
from promptuary.cli.printing import as_plain, console, plural, safe, write_json
from promptuary.cli.progress import progress
from promptuary.domain.errors import NO_ROOM, InvalidInput, StorageFull
from promptuary.domain.exporting import TemplateForm
from promptuary.domain.templates import Lineage

if TYPE_CHECKING:
    from promptuary.blocking import Promptuary

app = bare("Write placements, templates, one for another tool, or a collection as one file.")
Output: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write here, whole or not at all; else to a pipe."
    ),
]
Write: TypeAlias = Callable[[object], None]


@app.command()
def placements(
    collection: IntoCollection = "default",
    output: Output = None,
    home: Home = None,
    as_json: AsJson = False,  # noqa: ARG001 - the lines are JSON anyhow
) -> None:
    """Every prompt that was sent with its template, slot values and family, in order of arrival."""
    with opened(home) as promptuary, json_lines(output) as write:
        for row in promptuary.placements(collection):
            write(row)


@app.command()
def templates(
    collection: InCollection = None,
    output: Output = None,
    home: Home = None,
    as_json: AsJson = False,  # noqa: ARG001 - the lines are JSON anyhow
) -> None:
    """Every template with its slots, largest first."""
    with opened(home) as promptuary, json_lines(output) as write:
        for lineage in all_lineages(promptuary, collection):
            template = lineage.template
            write(
                {
                    "cluster_id": lineage.id,
                    "template_id": template.id,
                    "family_id": lineage.family_id,
                    "name": lineage.name,
                    "canonical_template": template.text,
                    "slots": template.slots,
                    "confidence": template.confidence,
                    "explanation": template.reason,
                    "version": template.version,
                    "prompts": lineage.size,
                    "created_at": lineage.created_at,
                    "updated_at": lineage.updated_at,
                }
            )


@app.command()
def template(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of a template or its cluster.")],
    form: Annotated[TemplateForm, typer.Option("--as", help="What shall open it.")] = "jinja",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write here; else to a pipe."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """One template for another tool. A pattern is tried with its prompts and matches all of them.

    `caching` says how to send it so that a provider keeps what stays the same.
    """
    with looked_at(home) as promptuary:
        exported = promptuary.traffic.export(id, form)
    written = exported.text.encode("utf-8", "backslashreplace")
    if output is not None:
        with whole_file(output) as file:
            file.write(written)
    if as_json:
        write_json(exported)
    elif output is None:
        sys.stdout.write(written.decode())


@app.command()
def collection(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The collection.")] = "default",
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="A path or URL; else NAME.zip in this folder."
        ),
    ] = None,
    originals: Annotated[
        bool, typer.Option(help="Take the files along as they were when they were read.")
    ] = True,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The documents of a collection, their passages and its calibration, as one checked file.

    `promptuary import` brings it in, here or elsewhere. URLs are those of blob stores, such as
    s3://BUCKET/PREFIX/NAME.zip.
    """
    place = output or f"{Path(name).name}.zip"
    with opened(home) as promptuary, progress() as told:
        said = promptuary.export_collection(
            place, collection=name, originals=originals, progress=told
        )
    if as_json:
        write_json({"file": place, "archive": said})
    else:
        held = f"{plural(said.documents, 'document')} from {plural(said.sources, 'source')}"
        files = f"{said.passages:,} passages, {plural(said.originals, 'original')}"
        console().print(f"{held}, {files}, in {safe(place)}")
        tell_missing(said.missing)


def tell_missing(missing: int) -> None:
    """Say on standard error how many originals could not be taken along."""
    if missing:
        sys.stderr.write(f"{plural(missing, 'original')} could not be had: gone, or altered\n")


def all_lineages(promptuary: Promptuary, collection: str | None) -> Iterator[Lineage]:
    """Page after page."""
    cursor: str | None = None
    while True:
        page = promptuary.templates(collection=collection, cursor=cursor, limit=100)
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return


@contextmanager
def json_lines(output: Path | None) -> Iterator[Write]:
    """Somewhere to write JSON lines. A file appears when all of it is written, or not at all.

    Raises InvalidInput for a place that cannot be written, StorageFull when the disk is.
    """
    if output is None:
        yield lambda row: _line(sys.stdout.write, row)
        return
    with whole_file(output) as file:
        yield lambda row: _line(lambda text: file.write(text.encode()), row)


@contextmanager
def whole_file(output: Path) -> Iterator[IO[bytes]]:
    """A file that appears when all of it is written, or not at all.

    Raises InvalidInput for a place that cannot be written, StorageFull when the disk is.
    """
    try:
        with NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(output)
            except BaseException:
                with suppress(OSError):
                    Path(file.name).unlink()
                raise
    except OSError as error:
        raise _explained(output, error) from error


def _line(write: Callable[[str], object], row: object) -> None:
    text = json.dumps(as_plain(row), ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate: JSON can say it, UTF-8 cannot
        text = json.dumps(as_plain(row))
    write(text + "\n")


def _explained(output: Path, error: OSError) -> Exception:
    if error.errno in NO_ROOM:
        return StorageFull(f"the disk is full; {output} was not written")
    return InvalidInput(f"{output} cannot be written: {error.strerror or error}")
