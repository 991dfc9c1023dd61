"""The server's ears: events of the sources that the settings name, as they come."""

from __future__ import annotations

import asyncio

from structlog.typing import FilteringBoundLogger

from promptuary.api.logs import frames_of
from promptuary.app import Promptuary
from promptuary.domain.errors import PromptuaryError
from promptuary.domain.incoming import Heard

AGAIN_SECONDS = 60.0
"""When a source that could not be listened to at all is tried again."""


async def listen(promptuary: Promptuary, url: str, log: FilteringBoundLogger) -> None:
    """Listen until cancelled; whatever happens to one source, the server and the others go on."""
    source = url.partition(":")[0]
    before = Heard()

    def told(heard: Heard) -> None:
        nonlocal before
        if heard.away and heard.away != before.away:
            log.warning("source_away", source=source, reason=heard.away)
        if before.away and not heard.away:
            log.info("source_back", source=source)
        if heard.refused > before.refused:
            log.warning("events_refused", source=source, reason=heard.reason)
        before = heard

    while True:
        try:
            await promptuary.conversation.listen(url, told=told)
        except PromptuaryError as error:
            log.error("source_failed", source=source, code=error.code, reason=str(error))
        except Exception as error:  # noqa: BLE001 - the server goes on without it for a while
            kind = type(error).__name__
            log.error("source_failed", source=source, error=kind, frames=frames_of(error))
        await asyncio.sleep(AGAIN_SECONDS)
