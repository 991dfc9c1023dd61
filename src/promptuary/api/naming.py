"""Names and descriptions by a chat model, and what was refused of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer, listed
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.naming import (
    DoubtfulPairOut,
    DoubtList,
    DoubtReportOut,
    DoubtsIn,
    NamingIn,
    NamingList,
    NamingOut,
    NamingReportOut,
)
from promptuary.api.serving import Cursor, Here, InCollection, Limit, known_form


async def name_things(request: Request, here: Here) -> Response:
    """Have the chat model name and describe templates, their slots and families. What it says is
    checked; where it may not stand, the name without it does, and the list says why."""
    asked = await read(request, NamingIn)
    ids = [known_form("cluster or family", each) for each in asked.ids]
    report = await here.promptuary.naming.name(
        ids, collection=asked.collection, again=asked.again, most_calls=asked.calls
    )
    return answer(request, NamingReportOut.of(report), exact=report)


async def settle_doubts(request: Request, here: Here) -> Response:
    """Ask the chat model about families that may be one. Those that it says are become one, unless
    people parted them; it is a correction by `model:NAME`, which can be undone."""
    asked = await read(request, DoubtsIn)
    settle = here.promptuary.naming.settle_doubts
    report = await settle(collection=asked.collection, most_calls=asked.calls)
    return answer(request, DoubtReportOut.of(report), exact=report)


async def list_doubts(
    request: Request,
    here: Here,
    collection: InCollection = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Pairs of families that may be one and that nobody decided about, the likeliest first. To
    decide, correct: `merge` the two, or say that two of their clusters are `apart`."""
    look = here.promptuary.naming.doubts
    page = await look(collection or "default", cursor=cursor, limit=limit)
    shown = [DoubtfulPairOut.model_validate(each) for each in page.items]
    return listed(request, DoubtList, page, doubts=shown)


async def list_namings(
    request: Request,
    here: Here,
    collection: InCollection = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """What models called things, refused words too, the last made first."""
    page = await here.promptuary.naming.list(collection, cursor=cursor, limit=limit)
    shown = [NamingOut.of(each) for each in page.items]
    return listed(request, NamingList, page, namings=shown)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/namings",
        call=name_things,
        method="POST",
        needs="prompts:write",
        takes=NamingIn,
        answers=NamingReportOut,
        problems=(404, 413, 415, 422),
        tag="corrections",
    ),
    Operation(
        path=f"{PREFIX}/doubts",
        call=settle_doubts,
        method="POST",
        needs="prompts:write",
        takes=DoubtsIn,
        answers=DoubtReportOut,
        problems=(404, 413, 415, 422),
        tag="corrections",
    ),
    Operation(
        path=f"{PREFIX}/doubts",
        call=list_doubts,
        needs="prompts:read",
        answers=DoubtList,
        problems=(404, 422),
        tag="corrections",
    ),
    Operation(
        path=f"{PREFIX}/namings",
        call=list_namings,
        needs="prompts:read",
        answers=NamingList,
        problems=(422,),
        tag="corrections",
    ),
)
