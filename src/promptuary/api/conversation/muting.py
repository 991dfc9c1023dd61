"""What people make of insights: muted for a time, called useful or a false alarm."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.conversation.access import cameras_of
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.muting import (
    FeedbackList,
    InsightFeedbackIn,
    InsightFeedbackOut,
    MuteIn,
    MuteList,
    MuteOut,
)
from promptuary.api.serving import Cursor, Here, Limit
from promptuary.conversation.noticing import About


async def mute_insights(request: Request, here: Here) -> Response:
    """Do not tell insights of a camera, a label, a type or all three for a time, from now on.

    It holds for everybody. Who may see only some cameras names one of them, else it is a 403.
    """
    asked = await read(request, MuteIn)
    mute = await here.promptuary.conversation.mute_insights(
        About(asked.camera_id, asked.label, asked.type or ""),
        timedelta(minutes=asked.minutes),
        reason=asked.reason,
        user=caller_of(request).id,
        cameras=cameras_of(request, here.settings),
    )
    return answer(request, MuteOut.of(mute), status=201)


async def list_insight_mutes(
    request: Request,
    here: Here,
    ended: Annotated[bool, Query(description="Those that ended or were undone too.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """What is muted, the latest first; of cameras that the caller may see."""
    page = await here.promptuary.conversation.insight_mutes(
        ended=ended, cameras=cameras_of(request, here.settings), cursor=cursor, limit=limit
    )
    shown = [MuteOut.of(each) for each in page.items]
    return answer(request, MuteList(mutes=shown, total=page.total, next_cursor=page.next_cursor))


async def unmute_insights(request: Request, here: Here, mute_id: str) -> Response:
    """Tell such insights again, those of the meantime too. The mute stays in the list as undone."""
    mute = await here.promptuary.conversation.unmute_insights(
        mute_id, user=caller_of(request).id, cameras=cameras_of(request, here.settings)
    )
    return answer(request, MuteOut.of(mute))


async def judge_insight(request: Request, here: Here, insight_id: str) -> Response:
    """Say what an insight was worth: its type on its camera is then told less or more easily.

    `before` and `after` say by how many powers of ten less likely than usual it must be, between
    -1 and 3.
    """
    asked = await read(request, InsightFeedbackIn)
    given = await here.promptuary.conversation.judge_insight(
        insight_id,
        asked.verdict,
        comment=asked.comment,
        user=caller_of(request).id,
        cameras=cameras_of(request, here.settings),
    )
    return answer(request, InsightFeedbackOut.of(given), status=201)


async def list_insight_feedback(
    request: Request, here: Here, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Who said what of which insight and what it changed, the latest first."""
    page = await here.promptuary.conversation.insight_feedback(
        cameras=cameras_of(request, here.settings), cursor=cursor, limit=limit
    )
    shown = [InsightFeedbackOut.of(each) for each in page.items]
    return answer(
        request, FeedbackList(feedback=shown, total=page.total, next_cursor=page.next_cursor)
    )


INSIGHTS = f"{PREFIX}/proactive-insights"

OPERATIONS = (
    Operation(
        method="POST",
        path=f"{INSIGHTS}/mutes",
        call=mute_insights,
        needs="conversation:write",
        takes=MuteIn,
        answers=MuteOut,
        status=201,
        problems=(413, 415, 422),
        tag="conversation",
    ),
    Operation(
        path=f"{INSIGHTS}/mutes",
        call=list_insight_mutes,
        needs="conversation:read",
        answers=MuteList,
        problems=(422,),
        tag="conversation",
    ),
    Operation(
        method="DELETE",
        path=f"{INSIGHTS}/mutes/{{mute_id}}",
        call=unmute_insights,
        needs="conversation:write",
        answers=MuteOut,
        problems=(404,),
        tag="conversation",
    ),
    Operation(
        path=f"{INSIGHTS}/feedback",
        call=list_insight_feedback,
        needs="conversation:read",
        answers=FeedbackList,
        problems=(422,),
        tag="conversation",
    ),
    Operation(
        method="POST",
        path=f"{INSIGHTS}/{{insight_id}}/feedback",
        call=judge_insight,
        needs="conversation:write",
        takes=InsightFeedbackIn,
        answers=InsightFeedbackOut,
        status=201,
        problems=(404, 413, 415, 422),
        tag="conversation",
    ),
)
