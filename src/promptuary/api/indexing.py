"""The index of documents: folders of the server synced, counted, emptied."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePath
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.problems import ProblemRaised, invalid
from promptuary.api.schemas.documents import Deleted, IndexIn, IndexOut, IndexStats
from promptuary.api.serving import Here, InCollection, Serving
from promptuary.domain.errors import Forbidden
from promptuary.domain.pages import each_page

AT_ONCE: Final = 100


async def index_documents(request: Request, here: Here) -> Response:
    """Sync folders of the server that its settings allow; only what changed is read again."""
    asked = await read(request, IndexIn)
    _check_whole(asked)
    began = time.monotonic()
    roots = here.settings.sync_folders
    folders = await to_thread.run_sync(_allowed, roots, asked.directory)
    reports = []
    for folder in folders:
        if asked.force:
            await forget_all(here, asked.collection, under=folder)
        reports.append(await here.promptuary.sync(folder, collection=asked.collection))
    exact = [replace(each, root=PurePath(each.root).name) for each in reports]
    return answer(request, IndexOut.of(reports, time.monotonic() - began), exact=exact)


async def clear_index(request: Request, here: Here, collection: InCollection = None) -> Response:
    """Delete every document (of a collection), and all that was read from it, everywhere."""
    gone = await forget_all(here, collection)
    said = f"{gone} passages deleted"
    return answer(
        request, Deleted(success=True, message=said, passages=gone, timestamp=datetime.now(UTC))
    )


async def index_stats(request: Request, here: Here, collection: InCollection = None) -> Response:
    """How much there is to be found, and how fresh it is."""
    held = await here.promptuary.holdings(collection=collection)
    health = await here.promptuary.index_health()
    pages = each_page(lambda at: here.promptuary.collections(cursor=at, limit=AT_ONCE))
    names = [each.name async for page in pages for each in page.items]
    stats = IndexStats(
        connected=health.state == "ok",
        total_chunks=held.passages,
        total_documents=held.documents,
        total_sources=held.read + held.failed + held.empty,
        failed_sources=held.failed,
        empty_sources=held.empty,
        characters=held.characters,
        collections=[name for name in names if collection in {None, name}],
        database_path=here.settings.urls().index.partition(":")[0] + ":",
        last_updated=held.updated_at,
    )
    return answer(request, stats, exact=held)


def _check_whole(asked: IndexIn) -> None:
    """Part of a folder would take away what lies in the rest of it."""
    advice = "a folder is synced as a whole; name a folder that holds only these"
    wrong = {"recursive": not asked.recursive, "file_patterns": bool(asked.file_patterns)}
    if fields := {name: advice for name, is_wrong in wrong.items() if is_wrong}:
        raise ProblemRaised(invalid(fields))


def _allowed(roots: tuple[Path, ...], directory: str | None) -> list[Path]:
    """The folders that are meant. Raises Forbidden for what lies outside those that are set; links
    are followed first, so that none leads out."""
    if not roots:
        raise Forbidden("no folder may be synced over HTTP: set PROMPTUARY_SYNC_FOLDERS")
    real = [root.expanduser().resolve() for root in roots]
    if directory is None:
        return real
    for root in real:
        inside = (root / directory).resolve()
        if inside.is_relative_to(root) and inside.exists():
            return [inside]
    raise Forbidden(f"{directory} is no folder in those that may be synced")


async def forget_all(here: Serving, collection: str | None, *, under: Path | None = None) -> int:
    """Forget every source (that lies under that folder); how many passages went."""
    gone, look = 0, partial(here.promptuary.sources, collection=collection, limit=AT_ONCE)
    found = [s async for page in each_page(lambda at: look(cursor=at)) for s in page.items]
    doomed = [s for s in found if under is None or s.lies_in(str(under))]
    for start in range(0, len(doomed), AT_ONCE):
        some = [source.id for source in doomed[start : start + AT_ONCE]]
        gone += await here.promptuary.forget(some)
    return gone


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{PREFIX}/index",
        call=index_documents,
        needs="documents:write",
        takes=IndexIn,
        answers=IndexOut,
        problems=(413, 415, 422),
        tag="documents",
    ),
    Operation(
        method="DELETE",
        path=f"{PREFIX}/index",
        call=clear_index,
        needs="admin",
        answers=Deleted,
        problems=(422,),
        tag="documents",
    ),
    Operation(
        path=f"{PREFIX}/index/stats",
        call=index_stats,
        needs="documents:read",
        answers=IndexStats,
        problems=(422,),
        tag="documents",
    ),
    Operation(
        path=f"{PREFIX}/index",
        call=index_stats,
        needs="documents:read",
        answers=IndexStats,
        problems=(422,),
        tag="documents",
        listed=False,
    ),
)
