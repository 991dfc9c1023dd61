"""Which cameras a caller may see, as the settings and their token say."""

from __future__ import annotations

from starlette.requests import Request

from promptuary.access.cameras import cameras_seen
from promptuary.api.gate import caller_of
from promptuary.settings import Settings


def cameras_of(request: Request, settings: Settings) -> tuple[str, ...] | None:
    """The ids of the cameras that the caller may see; None: all."""
    caller = caller_of(request)
    return cameras_seen(settings.camera_access, caller.id, caller.cameras)
