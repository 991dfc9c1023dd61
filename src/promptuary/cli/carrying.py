"""`promptuary import`, `pull`, `backup` and `restore`: what goes out in one file, and comes in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import anyio
import typer

from promptuary.adapters._older_chroma import documents_in, is_chroma
from promptuary.cli.exporting import tell_missing
from promptuary.cli.opening import opened, settings_of
from promptuary.cli.options import AsJson, Home, InCollection
from promptuary.cli.printing import console, plural, safe, write_json
from promptuary.cli.progress import progress
from promptuary.domain.archives import HomeArchive
from promptuary.domain.documents import GivenText
from promptuary.domain.errors import InvalidInput
from promptuary.domain.reports import Progress, Told

if TYPE_CHECKING:
    from promptuary.sdk.blocking import RemoteClient

AT_ONCE = 100


def import_(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="What `export collection` wrote, or its URL; or a folder of Chroma's.",
        ),
    ],
    into: Annotated[
        str | None,
        typer.Option("--collection", metavar="NAME", help="Where it goes; else as it was named."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Bring an exported collection in: all of it is checked before anything is written.

    Each of its documents takes the place of the one of the same source; others stay. The documents
    of the older question service come out of the folder that it had Chroma keep them in.
    """
    if is_chroma(Path(file).expanduser()):
        _from_chroma(Path(file).expanduser(), into or "default", home, as_json=as_json)
        return
    with opened(home) as promptuary, progress() as told:
        taken = promptuary.import_collection(file, collection=into, progress=told)
    if as_json:
        write_json(taken)
    else:
        said = taken.archive
        held = f"{plural(said.documents, 'document')} from {plural(said.sources, 'source')}"
        files = f"{said.passages:,} passages, {plural(taken.originals, 'original')}"
        console().print(f"{held}, {files} (collection {safe(taken.collection)})")


def _from_chroma(folder: Path, into: str, home: Path | None, *, as_json: bool) -> None:
    texts = documents_in(folder, settings_of(home).chroma_collection)
    taken = changed = 0
    with opened(home) as promptuary, progress() as told:
        while batch := list(islice(texts, AT_ONCE)):
            changed += promptuary.add_documents(batch, collection=into)
            taken += len(batch)
            told(Progress("read", taken, None))
    if as_json:
        write_json({"folder": str(folder), "documents": taken, "passages_changed": changed})
    else:
        said = f"{plural(taken, 'document')}, {changed:,} passages came or went"
        console().print(f"{said} (collection {safe(into)})")


def pull(
    url: Annotated[
        str | None,
        typer.Argument(metavar="[URL]", help="The server; else the one that is configured."),
    ] = None,
    collection: InCollection = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Bring the documents of a server into this machine's folder, as texts under their names.

    The same again replaces them; what is gone from the server stays here. The key is that of
    `promptuary configure --api-endpoint`, or PROMPTUARY_API_ENDPOINT_KEY.
    """
    from promptuary.sdk.blocking import RemoteClient  # noqa: PLC0415 - vendors are slow to import

    settings = settings_of(home)
    where = url or settings.api_endpoint
    if not where:
        said = "no server is named: promptuary pull URL, or promptuary configure --api-endpoint URL"
        raise InvalidInput(said, fields={"url": "missing"})
    key = settings.api_endpoint_key
    secret = key.get_secret_value() if key else None
    with (
        RemoteClient(where, api_key=secret or None) as client,
        opened(home) as promptuary,
        progress() as told,
    ):
        changed, pulled = 0, 0
        for name, texts in _pulled(client, collection, told):
            changed += promptuary.add_documents(texts, collection=name)
            pulled += len(texts)
    if as_json:
        write_json({"server": where, "documents": pulled, "passages_changed": changed})
    else:
        console().print(f"{plural(pulled, 'document')} pulled, {changed:,} passages came or went")


def _pulled(
    client: RemoteClient, collection: str | None, told: Told
) -> Iterator[tuple[str, list[GivenText]]]:
    """The documents of each source that was read, with the name of its collection."""
    done, cursor = 0, None
    while True:
        page = client.sources(collection=collection, status="read", cursor=cursor, limit=AT_ONCE)
        for source in page.items:
            held = client.documents(source.id)
            yield source.collection, [GivenText(e.source, e.text, e.title) for e in held]
            done += 1
            told(Progress("pull", done, page.total))
        if (cursor := page.next_cursor) is None:
            return


def backup(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to: a path, or a URL.")],
    originals: Annotated[
        bool | None,
        typer.Option(help="Take the files along as they were read; else those in a folder."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Copy the record of this folder, as it is at this moment, and its originals into one file.

    A server may go on working. Index, caches, models and keys are left out: they can be derived, or
    had again. A record in PostgreSQL is backed up with pg_dump.
    """
    from promptuary.adapters.clocks.system import SystemClock  # noqa: PLC0415 - not for help
    from promptuary.backups import backup as write_backup  # noqa: PLC0415 - pydantic

    writing = partial(write_backup, settings_of(home), SystemClock(), file, originals=originals)
    said = anyio.run(writing)
    _say(said, "backed up into", file, as_json=as_json)


def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `backup` wrote; or a URL.")],
    over: Annotated[
        bool, typer.Option("--over", help="Move a record that is there aside, within the folder.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup into this folder, which nobody else may use meanwhile. All of it is checked
    first; a record that is there stays unless you say --over."""
    from promptuary.adapters.clocks.system import SystemClock  # noqa: PLC0415 - not for help
    from promptuary.backups import restore as read_backup  # noqa: PLC0415 - pydantic

    reading = partial(read_backup, settings_of(home), SystemClock(), file, over=over)
    _say(anyio.run(reading), "restored from", file, as_json=as_json)


def _say(said: HomeArchive, done: str, file: str | Path, *, as_json: bool) -> None:
    if as_json:
        write_json(said)
    else:
        made = said.made_at.isoformat(timespec="seconds")
        files = f" and {plural(said.originals, 'original')}" if said.originals else ""
        console().print(f"{done} {safe(str(file))}: {said.bytes:,} bytes{files} of {made}")
        if done.startswith("backed"):
            tell_missing(said.missing)
