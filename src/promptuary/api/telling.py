"""The server's voice: insights to the sinks that the settings name."""

from __future__ import annotations

import asyncio
from functools import partial
from hashlib import sha256

from structlog.typing import FilteringBoundLogger

from promptuary.app import Promptuary
from promptuary.conversation.sending import Sending
from promptuary.domain.errors import PromptuaryError
from promptuary.domain.insights import RANGES
from promptuary.plugins import open_insight_sink
from promptuary.settings import Settings

AGAIN_SECONDS = 60.0


async def tell(
    promptuary: Promptuary, settings: Settings, url: str, log: FilteringBoundLogger
) -> None:
    """Tell one sink until cancelled; whatever happens to it, the server and the others go on."""
    scheme = url.partition(":")[0]
    name = f"{scheme}-{sha256(url.encode()).hexdigest()[:12]}"
    folder = settings.home.expanduser() / "insights-out"
    look = partial(promptuary.conversation.insights, RANGES["24h"], severity=settings.insight_least)

    def failed(reason: str) -> None:
        log.warning("insights_not_sent", sink=scheme, reason=reason)

    while True:
        try:
            sink = await open_insight_sink(url)
            try:
                await Sending(name, sink, folder, settings.service_name).run(look, failed)
            finally:
                await sink.aclose()
        except (PromptuaryError, OSError) as error:
            failed(str(error))
        await asyncio.sleep(AGAIN_SECONDS)
