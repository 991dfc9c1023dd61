"""How the service is, under the paths that older clients ask."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import Response

from promptuary import __version__
from promptuary.api.health import UNWELL, now, provider_states, status_of
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.older import Alive, ChecksOut, DatabaseOut, OldHealth, VersionOut
from promptuary.api.schemas.operation import Pulse
from promptuary.api.serving import Here
from promptuary.domain.documents import Holdings
from promptuary.domain.errors import PromptuaryError


async def old_health(here: Here) -> Response:
    """The whole in one word, the chat models that were asked, and how much there is to be found."""
    found = await here.promptuary.health()
    held, collections = Holdings(), 0
    try:
        held = await here.promptuary.holdings()
        collections = (await here.promptuary.collections(limit=1)).total
        connected = True
    except PromptuaryError:
        connected = False
    shown = OldHealth.model_validate(
        {
            "status": found.status,
            "timestamp": datetime.now(UTC),
            "version": found.version,
            "providers": provider_states(here),
            "database": DatabaseOut(
                connected=connected, total_chunks=held.passages, collections=collections
            ),
        }
    )
    return now(shown, status_of(found))


async def old_ping() -> Response:
    """The process answers."""
    return now(Pulse(status="ok"))


async def readiness(here: Here) -> Response:
    """Whether requests should come here, part by part."""
    found = await here.promptuary.health()
    checks = {part.name: part.state == "ok" for part in found.parts}
    ready = found.status != "unhealthy" and not here.draining()
    return now(ChecksOut(ready=ready, checks=checks), 200 if ready else 503)


async def liveness() -> Response:
    """The process answers."""
    return now(Alive(alive=True))


async def version(here: Here) -> Response:
    """What runs here."""
    name = here.settings.service_name
    return now(VersionOut(name=name, version=__version__, api_version=PREFIX.rpartition("/")[2]))


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/health",
        call=old_health,
        needs="prompts:read",
        answers=OldHealth,
        also=UNWELL,
        tag="service",
    ),
    Operation(path=f"{PREFIX}/ping", call=old_ping, needs="open", answers=Pulse, tag="service"),
    Operation(
        path=f"{PREFIX}/readiness",
        call=readiness,
        needs="open",
        answers=ChecksOut,
        also=UNWELL,
        tag="service",
    ),
    Operation(path=f"{PREFIX}/liveness", call=liveness, needs="open", answers=Alive, tag="service"),
    Operation(path="/version", call=version, needs="open", answers=VersionOut, tag="service"),
)
