"""`promptuary documents list|show|delete`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table
from rich.text import Text

from promptuary.cli.lazy import bare
from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Cursor, Home, InCollection, Limit
from promptuary.cli.printing import console, foot, one_line, page_json, plural, safe, write_json
from promptuary.domain.documents import Document, Source
from promptuary.domain.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from promptuary.cli.opening import Face

app = bare("See and delete documents.")
NOTHING = "No documents here yet. Bring a folder in with: promptuary sync DIR"
PAGE = 100
Name = Annotated[str, typer.Argument(metavar="NAME|ID", help="As `documents list` shows it.")]


@app.command("list")
def list_(
    status: Annotated[
        Literal["read", "failed", "empty"] | None, typer.Option(help="Only these.")
    ] = None,
    collection: InCollection = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List files and pages that were looked at, and what became of each."""
    with looked_at(home) as promptuary:
        page = promptuary.sources(collection=collection, status=status, cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    out = console()
    if not page.items:
        out.print(NOTHING)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("source", "passages", "collection", "status"):
        table.add_column(name, justify="right" if name == "passages" else "left", overflow="fold")
    for each in page.items:
        said = f"{each.status}: {each.reason}" if each.reason else each.status
        table.add_row(
            safe(each.name), f"{each.passages:,}", safe(each.collection), one_line(said, 80)
        )
    out.print(table)
    foot(out, page, "source")


@app.command()
def show(
    name: Name, collection: InCollection = None, home: Home = None, as_json: AsJson = False
) -> None:
    """Show the text of a document, or of all documents of a source."""
    with looked_at(home) as promptuary:
        documents = _documents(promptuary, name, collection)
    if as_json:
        write_json({"items": documents})
        return
    out = console()
    for each in documents:
        out.print(Text(f"{safe(each.title)}  {safe(each.source)}, {each.id}", "bold"))
        out.print(Text(safe(each.text)))


@app.command()
def original(
    name: Name,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Where it goes; else here, under its own name."),
    ] = None,
    collection: InCollection = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write the file that a document was read from, as it was then.

    A file that is there already is replaced only when it is named with `--to`.
    """
    with looked_at(home) as promptuary:
        id_ = _id(promptuary, name, collection)
        room = to.absolute().parent if to else Path.cwd()
        if not room.is_dir() or (to and to.is_dir()):
            said = f"{to} cannot be written: there is no such folder, or it is one"
            raise InvalidInput(said, fields={"to": str(to)})
        with TemporaryDirectory(dir=room, prefix=".original-") as folder:
            draft = Path(folder, "file")
            kept = promptuary.original(id_, draft)
            place = to or Path(PurePosixPath(kept.source.rstrip("/")).name or "original")
            if to is None and place.exists():
                said = f"{place} is there already; say where the original goes with --to"
                raise InvalidInput(said, fields={"to": "missing"})
            draft.replace(place)
    if as_json:
        write_json({"file": str(place), **asdict(kept)})
    else:
        console().print(f"{safe(kept.source)}: {plural(kept.size, 'byte')} in {safe(str(place))}")


@app.command()
def delete(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME|ID…", help="As `documents list` shows them.")
    ],
    collection: InCollection = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Delete sources and all that was read from them, in the record, the index and the caches.

    A file that still lies in its folder comes back when that is synced.
    """
    with looked_at(home) as promptuary:
        found = [_source(promptuary, name, collection) for name in names]
        gone = promptuary.forget([each.id for each in found])
    if as_json:
        write_json({"sources": [each.id for each in found], "passages": gone})
    else:
        console().print(f"{plural(len(found), 'source')} deleted, with {plural(gone, 'passage')}")


def _documents(promptuary: Face, name: str, collection: str | None) -> list[Document]:
    try:
        return [promptuary.document(name)]
    except NotFound:
        return list(promptuary.documents(_source(promptuary, name, collection).id))


def _id(promptuary: Face, name: str, collection: str | None) -> str:
    """The id of the document of that id, or of the source of that name or id."""
    try:
        return promptuary.document(name).id
    except NotFound:
        return _source(promptuary, name, collection).id


def _source(promptuary: Face, name: str, collection: str | None) -> Source:
    """The source of that name or id. Raises NotFound, and InvalidInput for a name that several
    collections have."""
    named: list[Source] = []
    cursor: str | None = None
    while True:
        page = promptuary.sources(collection=collection, cursor=cursor, limit=PAGE)
        for each in page.items:
            if name == each.id:
                return each
            named += [each] if name == each.name else []
        if (cursor := page.next_cursor) is None:
            break
    if not named:
        raise NotFound("source", name)
    if len({each.collection for each in named}) > 1:
        there = ", ".join(each.collection for each in named)
        said = f"{name} is in several collections ({there}): say which with --collection"
        raise InvalidInput(said, fields={"collection": said})
    return named[0]
