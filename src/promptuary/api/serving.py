"""What the routes work with, put into the application's state once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import Depends, Query
from pydantic import StringConstraints
from starlette.requests import Request
from structlog.typing import FilteringBoundLogger

from promptuary.api.idempotency import Idempotency
from promptuary.api.metering import Meters
from promptuary.api.schemas.basics import CLEAN
from promptuary.app import Promptuary
from promptuary.domain.errors import NotFound
from promptuary.settings import Settings

MOST_VERSIONS = 10_000


class Versions:
    """Version numbers by template id. A version never changes, so each is asked for once."""

    def __init__(self, promptuary: Promptuary) -> None:
        self._promptuary = promptuary
        self._known: dict[str, str] = {}

    async def of(self, template_id: str) -> str:
        """The version of that template. Raises NotFound."""
        if template_id not in self._known:
            if len(self._known) >= MOST_VERSIONS:
                self._known.clear()
            self._known[template_id] = (await self._promptuary.template(template_id)).version
        return self._known[template_id]


@dataclass(frozen=True, slots=True)
class Serving:
    """The facade, the settings, and what the floor itself keeps. `draining` says that the server
    has been told to stop: it still answers, and nothing new should be sent to it."""

    promptuary: Promptuary
    settings: Settings
    replies: Idempotency
    versions: Versions
    meters: Meters
    draining: Callable[[], bool]
    log: FilteringBoundLogger
    began: float = field(default_factory=time.monotonic)


async def serving(request: Request) -> Serving:  # async: no thread is needed
    """What this application works with."""
    found: Serving = request.app.state.serving
    return found


Here: TypeAlias = Annotated[Serving, Depends(serving)]
Clean: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=CLEAN)]
Cursor: TypeAlias = Annotated[
    Annotated[str, StringConstraints(max_length=2048, pattern=CLEAN)] | None,
    Query(description="`next_cursor` of the page before."),
]
Limit: TypeAlias = Annotated[int, Query(ge=1, le=100, description="Most items of a page.")]
InCollection: TypeAlias = Annotated[
    Clean | None, Query(description="Only of the collection of that name.")
]
PageNumber: TypeAlias = Annotated[int, Query(ge=1, le=1_000_000, description="From 1.")]


def known_form(what: str, id: str) -> str:
    """The id in its usual form; an id that is no UUID cannot exist: raises NotFound at once."""
    try:
        return str(UUID(id))
    except ValueError:
        raise NotFound(what, id[:64]) from None
