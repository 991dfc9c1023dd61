"""Heartbeats: cameras say that they are alive."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.conversation.access import cameras_of
from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.basics import Name, Wire
from promptuary.api.serving import Here


class HeartbeatIn(Wire):
    """Cameras that are alive, and within how many seconds they will say so again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"camera_ids": ["gate"], "every_seconds": 60}]}
    )

    camera_ids: Annotated[list[Name], Field(min_length=1, max_length=1000)]
    every_seconds: float = Field(default=60.0, ge=1, le=86_400, allow_inf_nan=False)


class HeartbeatOut(Wire):
    """How many cameras were heard."""

    heard: int


async def heartbeat(request: Request, here: Here) -> Response:
    """Say that cameras are alive. One that stays away three times and sees nothing either is told
    as silent. For cameras that the caller may not see it is a 403."""
    asked = await read(request, HeartbeatIn)
    await here.promptuary.conversation.heartbeat(
        asked.camera_ids,
        every=timedelta(seconds=asked.every_seconds),
        cameras=cameras_of(request, here.settings),
    )
    return answer(request, HeartbeatOut(heard=len(set(asked.camera_ids))), status=202)


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{PREFIX}/cameras/heartbeats",
        call=heartbeat,
        needs="events:write",
        takes=HeartbeatIn,
        answers=HeartbeatOut,
        status=202,
        problems=(413, 415, 422),
        tag="conversation",
    ),
)
