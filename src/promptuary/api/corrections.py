"""Corrections: what people say about families, names and texts, and taking it back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer, listed
from promptuary.api.gate import caller_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.corrections import CorrectionIn, CorrectionList, CorrectionOut
from promptuary.api.serving import Cursor, Here, InCollection, Limit, known_form
from promptuary.canon.correcting import Correcting
from promptuary.domain.corrections import Correction
from promptuary.domain.errors import InvalidInput

TWO = 2


async def add_correction(request: Request, here: Here) -> Response:
    """Correct what was found. It holds at once and through all that comes, until it is undone."""
    asked = await read(request, CorrectionIn)
    made = await _made(here.promptuary.corrections, asked, caller_of(request).id)
    return answer(request, CorrectionOut.of(made), exact=made, status=201)


async def _made(corrections: Correcting, asked: CorrectionIn, by: str) -> Correction:
    what = "family" if asked.kind == "merge" else "cluster"
    ids = [known_form(what, each) for each in asked.ids]
    match asked.kind, ids:
        case "merge", _:
            return await corrections.merge(ids, by=by)
        case "split", _:
            return await corrections.split(ids, by=by)
        case "join", _:
            return await corrections.join(ids, by=by)
        case "move", [one] if asked.family_id:
            return await corrections.move(one, known_form("family", asked.family_id), by=by)
        case "apart", [one, other]:
            return await corrections.apart(one, other, by=by)
        case "place", [prompt, cluster]:
            return await corrections.place(prompt, cluster, by=by)
        case "rename", [one]:
            return await corrections.rename(one, asked.name, by=by)
        case "lock", [one]:
            return await corrections.lock(one, by=by)
    said = "`move` takes one cluster and `family_id`, `apart` two clusters, `place` a prompt and a "
    said += "cluster, and the rest one id"
    raise InvalidInput(said, fields={"ids": said})


async def list_corrections(
    request: Request,
    here: Here,
    collection: InCollection = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Corrections with who made and who undid them, the last made first."""
    page = await here.promptuary.corrections.list(collection, cursor=cursor, limit=limit)
    shown = [CorrectionOut.of(each) for each in page.items]
    return listed(request, CorrectionList, page, corrections=shown)


async def undo_correction(request: Request, here: Here, correction_id: str) -> Response:
    """Take a correction back. It stays in the list, with who undid it."""
    own = known_form("correction", correction_id)
    undone = await here.promptuary.corrections.undo(own, by=caller_of(request).id)
    return answer(request, CorrectionOut.of(undone), exact=undone)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/corrections",
        call=add_correction,
        method="POST",
        status=201,
        needs="prompts:write",
        takes=CorrectionIn,
        answers=CorrectionOut,
        problems=(404, 409, 413, 415, 422),
        tag="corrections",
    ),
    Operation(
        path=f"{PREFIX}/corrections",
        call=list_corrections,
        needs="prompts:read",
        answers=CorrectionList,
        problems=(422,),
        tag="corrections",
    ),
    Operation(
        path=f"{PREFIX}/corrections/{{correction_id}}",
        call=undo_correction,
        method="DELETE",
        needs="prompts:write",
        answers=CorrectionOut,
        problems=(404, 409),
        tag="corrections",
    ),
)
