"""Which cameras a caller may see, as the settings say."""

from __future__ import annotations

from starlette.requests import Request

from promptuary.api.gate import caller_of
from promptuary.settings import Settings


def cameras_of(request: Request, settings: Settings) -> tuple[str, ...] | None:
    """The ids of the cameras that the caller may see; None: all. Whoever is named several times
    may see what each of them says."""
    own = caller_of(request).id
    given = [
        cameras
        for key, _, cameras in (each.partition("=") for each in settings.camera_access)
        if key.strip() == own
    ]
    if not given:
        return None
    return tuple(c.strip() for cameras in given for c in cameras.split("|") if c.strip())
