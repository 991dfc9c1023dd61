"""How the service is: alive, ready, healthy, and in numbers."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import anyio
from starlette.responses import Response

from promptuary import __version__
from promptuary.api.etags import encode
from promptuary.api.metering import MEDIA_TYPE
from promptuary.api.operations import Operation
from promptuary.api.schemas.basics import Wire
from promptuary.api.schemas.operation import (
    HealthDetail,
    HealthOut,
    OldReadiness,
    PartOut,
    ProviderOut,
    Pulse,
    Readiness,
    Welcome,
)
from promptuary.api.serving import Here, Serving
from promptuary.domain.errors import PromptuaryError
from promptuary.domain.reports import Health

SCRAPE_SECONDS = 1.0


async def root(here: Here) -> Response:
    """Where to go from here."""
    return _now(
        Welcome(
            service=here.settings.service_name,
            version=__version__,
            docs="/docs",
            openapi="/openapi.json",
            health="/health",
        )
    )


async def livez() -> Response:
    """The process answers. Restart it when this fails."""
    return _now(Pulse(status="alive"))


async def healthz() -> Response:
    """The process answers, in the words that older probes expect."""
    return _now(Pulse(status="ok"))


async def readyz(here: Here) -> Response:
    """Whether requests should come here: 503 without its record, and while it is draining."""
    health = await here.promptuary.health()
    ready = _ready(here, health)
    return _now(
        Readiness(
            status="ready" if ready else "not_ready",
            degraded=[part.name for part in health.parts if part.state == "degraded"],
            down=[part.name for part in health.parts if part.state == "down"]
            + (["draining"] if here.draining() else []),
        ),
        200 if ready else 503,
    )


async def health_ready(here: Here) -> Response:
    """The same as `/readyz`, as older clients read it."""
    health = await here.promptuary.health()
    ready = _ready(here, health)
    down = health.status == "unhealthy"
    return _now(
        OldReadiness(
            status="ready" if ready else "not_ready",
            timestamp=datetime.now(UTC),
            service=here.settings.service_name,
            database="disconnected" if down else "connected",
            environment=here.settings.env,
        ),
        200 if ready else 503,
    )


async def health(here: Here) -> Response:
    """The whole in one word; 503 when it is unhealthy."""
    found = await here.promptuary.health()
    shown = HealthOut.model_validate(_summary(here, found))
    return _now(shown, _status(found))


async def health_detailed(here: Here) -> Response:
    """Every part with what to do about it, memory and uptime."""
    found = await here.promptuary.health()
    more = {
        "parts": {part.name: PartOut.of(part) for part in found.parts},
        "providers": {
            f"{each.provider}/{each.model}": ProviderOut(
                up=each.up, calls=each.calls, failures=each.failures, cost_usd=each.cost
            )
            for each in here.promptuary.chats.totals
        },
        "memory_bytes": resident_bytes(),
        "uptime_seconds": round(time.monotonic() - here.began, 3),
        "environment": here.settings.env,
    }
    return _now(HealthDetail.model_validate({**_summary(here, found), **more}), _status(found))


async def metrics(here: Here) -> Response:
    """Prometheus metrics."""
    try:
        with anyio.fail_after(SCRAPE_SECONDS):
            here.meters.figures(await here.promptuary.figures())
    except (PromptuaryError, TimeoutError):
        here.meters.figures(None)
    return Response(here.meters.exposition(), headers={"Content-Type": MEDIA_TYPE})


def resident_bytes() -> int:
    """The memory of this process; 0 where the system does not say."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _summary(here: Serving, found: Health) -> dict[str, object]:
    return {
        "status": found.status,
        "timestamp": datetime.now(UTC),
        "service": here.settings.service_name,
        "version": found.version,
    }


def _ready(here: Serving, health: Health) -> bool:
    return health.status != "unhealthy" and not here.draining()


def _status(health: Health) -> int:
    return 503 if health.status == "unhealthy" else 200


def _now(body: Wire, status: int = 200) -> Response:
    """An answer about this moment: not to be kept."""
    headers = {"Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = "2"
    return Response(encode(body), status, headers, "application/json")


_UNWELL = ((503, "The service cannot work; the body says why."),)
OPERATIONS = (
    Operation(path="/", call=root, needs="open", answers=Welcome, tag="service"),
    Operation(path="/livez", call=livez, needs="open", answers=Pulse, tag="service"),
    Operation(path="/healthz", call=healthz, needs="open", answers=Pulse, tag="service"),
    Operation(
        path="/readyz", call=readyz, needs="open", answers=Readiness, also=_UNWELL, tag="service"
    ),
    Operation(
        path="/health", call=health, needs="open", answers=HealthOut, also=_UNWELL, tag="service"
    ),
    Operation(
        path="/health/ready",
        call=health_ready,
        needs="open",
        answers=OldReadiness,
        also=_UNWELL,
        tag="service",
    ),
    Operation(
        path="/health/detailed",
        call=health_detailed,
        needs="admin",
        answers=HealthDetail,
        also=_UNWELL,
        tag="service",
    ),
)
METRICS = Operation(
    path="/metrics",
    call=metrics,
    needs="open",
    answers=None,
    media_type="text/plain",
    tag="service",
)
