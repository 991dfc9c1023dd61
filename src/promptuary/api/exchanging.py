"""Files of prompts: taken in, and given out."""

from __future__ import annotations

from functools import partial
from typing import Annotated, TypeAlias

from fastapi import Query
from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer, wants_exact
from promptuary.api.gate import caller_of
from promptuary.api.idempotency import payload_digest
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.basics import CLEAN
from promptuary.api.schemas.exchange import ImportOut
from promptuary.api.serving import Clean, Here
from promptuary.library.exchange.formats import suffix_of

Format: TypeAlias = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z-]{1,32}$"),
    Query(description="Such as `langfuse`; see the formats.", examples=["langfuse"]),
]
Folder: TypeAlias = Annotated[
    Annotated[str, StringConstraints(max_length=200, pattern=CLEAN)] | None,
    Query(description="Goes before all slugs; of an export, only those inside it."),
]
A_FILE = "application/octet-stream"
"""One type for all formats: a file to keep, whatever is in it."""


async def import_prompts(
    request: Request,
    here: Here,
    format: Format,
    name: Annotated[Clean, Query(description="For prompts without a name.")] = "prompt",
    folder: Folder = None,
    dry_run: Annotated[bool, Query(description="Only say what would be done.")] = False,
    replace: Annotated[bool, Query(description="Give up prompts that differ.")] = False,
    trust: Annotated[
        list[Clean] | None, Query(max_length=20, description="Keys that may sign a bundle.")
    ] = None,
) -> Response:
    """Take in the prompts of the file that is the body. It is taken whole or refused whole; a
    prompt of it that cannot be kept is named and the rest is taken."""
    data = await request.body()
    caller = caller_of(request)
    asked = f"{format}\0{name}\0{folder}\0{dry_run}\0{replace}\0{trust}\0".encode()

    async def work() -> Response:
        importing = partial(here.promptuary.library.import_file, format, data, name=name)
        report = await importing(
            folder=folder or "",
            dry_run=dry_run,
            replace_it=replace,
            trusted=trust or (),
            author=caller.id,
            tenant=caller.tenant,
        )
        return answer(request, ImportOut.of(report), exact=report)

    return await here.replies.once(request, payload_digest(asked + data), work)


async def export_prompts(
    request: Request,
    here: Here,
    format: Format = "bundle",
    slug: Annotated[
        list[Clean] | None, Query(max_length=1000, description="Which ones; else all.")
    ] = None,
    folder: Folder = None,
) -> Response:
    """Prompts as a file of another store, or as a bundle that holds everything of them. What the
    format cannot say is counted in `X-Unmapped`."""
    library = here.promptuary.library
    exported = await library.export_file(
        format, slug, folder=folder, tenant=caller_of(request).tenant
    )
    if wants_exact(request):
        return answer(request, (), exact=exported)
    ending = suffix_of(format)
    headers = {
        "Content-Disposition": f'attachment; filename="prompts{ending}"',
        "X-Unmapped": str(len(exported.unmapped)),
    }
    return Response(exported.data, headers=headers, media_type=A_FILE)


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{PREFIX}/library/import",
        call=import_prompts,
        needs="library:write",
        answers=ImportOut,
        takes_file=True,
        problems=(409, 413, 415, 422),
        tag="library",
    ),
    Operation(
        path=f"{PREFIX}/library/export",
        call=export_prompts,
        needs="library:read",
        answers=None,
        media_type=A_FILE,
        problems=(404, 422),
        tag="library",
    ),
)
