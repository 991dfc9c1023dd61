"""Documents: listed, read, sent and deleted."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import anyio
from fastapi import Query
from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.idempotency import payload_digest
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.basics import CLEAN
from promptuary.api.schemas.documents import (
    AddedOut,
    Deleted,
    DocumentOut,
    DocumentsOut,
    PassageList,
    PassageOut,
    SourceList,
    SourceOut,
)
from promptuary.api.serving import Clean, Cursor, Here, InCollection, Limit, known_form
from promptuary.domain.documents import AddedFile, Content, Source, SourceStatus
from promptuary.domain.errors import NO_ROOM, NotFound, StorageFull, Unavailable, Unsupported
from promptuary.domain.loading import suffix_of

LONGEST_SUFFIX: Final = 32
Format: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,16}$")]
Title: TypeAlias = Annotated[str, StringConstraints(max_length=255, pattern=CLEAN)]


async def list_documents(
    request: Request,
    here: Here,
    collection: InCollection = None,
    status: Annotated[SourceStatus | None, Query(description="Only these.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Files and pages that were looked at, by name, with what became of each."""
    page = await here.promptuary.sources(
        collection=collection, status=status, cursor=cursor, limit=limit
    )
    shown = [SourceOut.of(source) for source in page.items]
    listed = SourceList(documents=shown, total=page.total, next_cursor=page.next_cursor)
    bare = tuple(_unplaced(source) for source in page.items)
    return answer(request, listed, exact=replace(page, items=bare))


async def get_document(request: Request, here: Here, document_id: str) -> Response:
    """A file with the text of each document in it; by a document's id, that document."""
    own = known_form("document", document_id)
    try:
        source = _unplaced(await here.promptuary.source(own))
        documents = tuple(await here.promptuary.documents(own))
        content = Content(source, documents)
    except NotFound:
        document = await here.promptuary.document(own)
        alone = DocumentsOut(source=None, documents=[DocumentOut.of(document)])
        return answer(request, alone, exact=document)
    shown = [DocumentOut.of(document) for document in documents]
    return answer(
        request, DocumentsOut(source=SourceOut.of(source), documents=shown), exact=content
    )


async def create_document(
    request: Request,
    here: Here,
    name: Annotated[Clean, Query(description="What the file is called; it replaces its like.")],
    collection: Annotated[Clean, Query(description="Where it goes.")] = "default",
    title: Annotated[Title | None, Query(description="Else its own, or its name.")] = None,
    format: Annotated[
        Format | None, Query(description="As what it is read, such as `md`; else as named.")
    ] = None,
) -> Response:
    """Take in the file that is the body, under the limits of every file.

    The answer means that it is durable and can be found. A file that cannot be read changes
    nothing: what was there under its name stays.
    """
    suffix = f".{format}" if format else suffix_of(name)
    if not suffix.isascii() or len(suffix) > LONGEST_SUFFIX:
        raise Unsupported(f"no loader reads files like {name}")
    async with _spooled(request, suffix) as (digest, path):
        known_by = "\0".join([digest, name, collection, title or "", suffix]).encode()

        async def work() -> Response:
            keeping = partial(here.promptuary.add_file, path, collection=collection, name=name)
            added = await keeping(title=title or "")
            return answer(request, AddedOut.added(added), exact=_bare(added), status=201)

        return await here.replies.once(request, payload_digest(known_by), work)


async def delete_document(request: Request, here: Here, document_id: str) -> Response:
    """Delete a file and all that was read from it, everywhere; a folder's file comes back when
    that folder is synced."""
    own = known_form("document", document_id)
    source = await here.promptuary.source(own)
    gone = await here.promptuary.forget([own])
    said = f"{source.name} deleted"
    return answer(
        request, Deleted(success=True, message=said, passages=gone, timestamp=datetime.now(UTC))
    )


async def list_passages(
    request: Request,
    here: Here,
    id: Annotated[list[str], Query(min_length=1, max_length=100, description="Their ids.")],
) -> Response:
    """Passages by their ids, in the order asked; unknown ones are left out."""
    found = await here.promptuary.passages(id)
    return answer(
        request, PassageList(passages=[PassageOut.of(each) for each in found]), exact=found
    )


def _unplaced(source: Source) -> Source:
    """Without the folder of the server that it lies in, which is nobody's business."""
    return replace(source, root="", stamp="")


def _bare(added: AddedFile) -> AddedFile:
    return replace(added, source=_unplaced(added.source))


@asynccontextmanager
async def _spooled(request: Request, suffix: str) -> AsyncIterator[tuple[str, Path]]:
    """The body as a file with that ending, and its digest."""
    digest = sha256()
    with tempfile.TemporaryDirectory(prefix="promptuary-") as folder:
        bare = re.sub(r"[^\w.-]", "_", suffix)
        path = Path(folder, f"file{bare}" if bare[:1] in {"", "."} else bare)
        try:
            async with await anyio.open_file(path, "wb") as file:
                async for chunk in request.stream():
                    digest.update(chunk)
                    await file.write(chunk)
        except OSError as error:
            kind = StorageFull if error.errno in NO_ROOM else Unavailable
            raise kind(f"the file cannot be held: {error.strerror}") from error
        yield digest.hexdigest(), path


_ONE = f"{PREFIX}/documents/{{document_id}}"
OPERATIONS = (
    Operation(
        path=f"{PREFIX}/documents",
        call=list_documents,
        needs="documents:read",
        answers=SourceList,
        problems=(422,),
        tag="documents",
    ),
    Operation(
        method="POST",
        path=f"{PREFIX}/documents",
        call=create_document,
        needs="documents:write",
        answers=AddedOut,
        status=201,
        takes_file=True,
        problems=(409, 413, 415, 422),
        tag="documents",
    ),
    Operation(
        path=_ONE,
        call=get_document,
        needs="documents:read",
        answers=DocumentsOut,
        problems=(404,),
        tag="documents",
    ),
    Operation(
        method="DELETE",
        path=_ONE,
        call=delete_document,
        needs="documents:write",
        answers=Deleted,
        problems=(404,),
        tag="documents",
    ),
    Operation(
        path=f"{PREFIX}/passages",
        call=list_passages,
        needs="documents:read",
        answers=PassageList,
        problems=(422,),
        tag="documents",
    ),
)
