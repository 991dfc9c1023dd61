"""Moves between stores: what `promptuary migrate` does, for administrators of a server."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.moves import MoveList, MoveOut, MovePlanIn, MoveStepIn
from promptuary.api.serving import Cursor, Here, Limit, known_form
from promptuary.domain.errors import Forbidden, InvalidInput
from promptuary.domain.moves import Move
from promptuary.domain.relevance import JudgedQuery
from promptuary.moving.face import Moves
from promptuary.moving.report import report


async def plan_move(request: Request, here: Here) -> Response:
    """Plan a move of what the server's settings name; nothing is changed yet."""
    asked = await read(request, MovePlanIn)
    own = caller_of(request).tenant
    if own and asked.tenant not in {None, own}:
        raise Forbidden(f"this key is of the tenant {own}, whose prompts alone it may have moved")
    moves = here.promptuary.moves
    of_prompts = asked.kind == "prompts" or (asked.kind is None and moves.index is None)
    tenant = own if own and of_prompts else asked.tenant
    move = await moves.plan(asked.kind, tenant=tenant)
    return answer(request, MoveOut.of(move), exact=move, status=201)


async def list_moves(
    request: Request, here: Here, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """All moves, the newest first."""
    page = await here.promptuary.moves.list(cursor=cursor, limit=limit)
    shown = MoveList(
        moves=[MoveOut.of(each) for each in page.items],
        total=page.total,
        next_cursor=page.next_cursor,
    )
    return answer(request, shown, exact=page)


async def get_move(request: Request, here: Here, move_id: str) -> Response:
    """How a move stands; `current` is the newest one."""
    move = await here.promptuary.moves.get(_named(move_id))
    return answer(request, MoveOut.of(move), exact=move)


async def report_move(here: Here, move_id: str) -> Response:
    """The same as a page that somebody who did not drive it can read, in Markdown."""
    move = await here.promptuary.moves.get(_named(move_id))
    return Response(report(move), media_type="text/markdown; charset=utf-8")


async def drive_move(request: Request, here: Here, move_id: str, step: str) -> Response:
    """Take a step. `start` goes on in the background: how the move stands says how far it is, and
    that it is paused says what stopped it. The others answer when they are done."""
    asked = await read(request, MoveStepIn)
    move = await _driven(here.promptuary.moves, step, _named(move_id), asked)
    return answer(request, MoveOut.of(move), exact=move)


async def _driven(moves: Moves, step: str, move_id: str | None, asked: MoveStepIn) -> Move:
    if step == "finalize" and not asked.sure:
        raise InvalidInput("there is no way back from here", fields={"sure": "must be true"})
    judged = [JudgedQuery(each.text, each.grades) for each in asked.judged]
    steps: Mapping[str, Callable[[], Coroutine[Any, Any, Move]]] = {
        "start": lambda: moves.start_behind(move_id),
        "verify": lambda: moves.verify(move_id),
        "repair": lambda: moves.repair(move_id),
        "judge": lambda: moves.judge(judged, move_id),
        "ramp": lambda: moves.ramp(asked.percent, move_id),
        "cutover": lambda: moves.cutover(move_id),
        "rollback": lambda: moves.rollback(move_id, reason=asked.reason),
        "pause": lambda: moves.pause(move_id, reason=asked.reason),
        "resume": lambda: moves.resume(move_id),
        "finalize": lambda: moves.finalize(move_id),
    }
    if step not in steps:
        raise InvalidInput(f"steps are {', '.join(steps)}", fields={"step": "is none of them"})
    return await steps[step]()


def _named(move_id: str) -> str | None:
    return None if move_id == "current" else known_form("move", move_id)


_ONE: Final = f"{PREFIX}/moves/{{move_id}}"
OPERATIONS = (
    Operation(
        path=f"{PREFIX}/moves",
        call=plan_move,
        method="POST",
        status=201,
        needs="admin",
        takes=MovePlanIn,
        answers=MoveOut,
        problems=(403, 409, 413, 415, 422),
        tag="moves",
    ),
    Operation(
        path=f"{PREFIX}/moves",
        call=list_moves,
        needs="admin",
        answers=MoveList,
        problems=(422,),
        tag="moves",
    ),
    Operation(
        path=_ONE, call=get_move, needs="admin", answers=MoveOut, problems=(404,), tag="moves"
    ),
    Operation(
        path=f"{_ONE}/report",
        call=report_move,
        needs="admin",
        answers=None,
        media_type="text/markdown",
        problems=(404,),
        tag="moves",
    ),
    Operation(
        path=f"{_ONE}/{{step}}",
        call=drive_move,
        method="POST",
        needs="admin",
        takes=MoveStepIn,
        answers=MoveOut,
        problems=(404, 409, 413, 415, 422),
        tag="moves",
    ),
)
