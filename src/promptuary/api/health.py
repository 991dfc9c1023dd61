"""How the service is: alive, ready, healthy, and in numbers."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
from starlette.requests import Request
from starlette.responses import Response

from promptuary import __version__
from promptuary.api.etags import encode, wants_exact
from promptuary.api.metering import MEDIA_TYPE
from promptuary.api.operations import Operation
from promptuary.api.schemas.basics import Wire
from promptuary.api.schemas.operation import (
    BudgetOut,
    HealthDetail,
    HealthOut,
    OldReadiness,
    PartOut,
    ProviderOut,
    Pulse,
    Readiness,
    StoreOut,
    Welcome,
)
from promptuary.api.serving import Here, Serving
from promptuary.domain import plain
from promptuary.domain.errors import PromptuaryError
from promptuary.domain.reports import Health

SCRAPE_SECONDS = 1.0


def version_of(here: Serving) -> str:
    """That of the service, as it is set; else the package's."""
    return here.settings.service_version or __version__


async def root(here: Here) -> Response:
    """Where to go from here."""
    return now(
        Welcome(
            service=here.settings.service_name,
            version=version_of(here),
            docs="/docs",
            openapi="/openapi.json",
            health="/health",
        )
    )


async def livez() -> Response:
    """The process answers. Restart it when this fails."""
    return now(Pulse(status="alive"))


async def healthz() -> Response:
    """The process answers, in the words that older probes expect."""
    return now(Pulse(status="ok"))


async def readyz(here: Here) -> Response:
    """Whether requests should come here: 503 without its record, and while it is draining."""
    health = await here.promptuary.health()
    ready = _ready(here, health)
    return now(
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
    return now(
        OldReadiness(
            status="ready" if ready else "not_ready",
            timestamp=datetime.now(UTC),
            service=here.settings.service_name,
            database="disconnected" if down else "connected",
            environment=here.settings.env,
        ),
        200 if ready else 503,
    )


async def health(request: Request, here: Here) -> Response:
    """The whole in one word; 503 when it is unhealthy."""
    found = await here.promptuary.health()
    if wants_exact(request):
        return _exactly(replace(found, parts=()))
    shown = HealthOut.model_validate(_summary(here, found))
    return now(shown, status_of(found))


async def health_detailed(request: Request, here: Here) -> Response:
    """Every part with what to do about it, memory and uptime."""
    found = await here.promptuary.health()
    if wants_exact(request):
        return _exactly(found)
    return now(detail_of(here, found), status_of(found))


def detail_of(here: Serving, found: Health) -> HealthDetail:
    """Everything that can be said; each store under the scheme of its URL too."""
    uptime, memory = round(time.monotonic() - here.began, 3), resident_bytes()
    more: dict[str, object] = {
        "api": "healthy",
        "parts": {part.name: PartOut.of(part) for part in found.parts},
        "providers": provider_states(here),
        "budgets": [BudgetOut.of(each) for each in here.promptuary.chats.budgets.used],
        "memory_bytes": memory,
        "memory_usage": memory,
        "uptime_seconds": uptime,
        "uptime": uptime,
        "environment": here.settings.env,
    }
    return HealthDetail.model_validate({**_stores(here, found), **_summary(here, found), **more})


def _stores(here: Serving, found: Health) -> dict[str, object]:
    """`sqlite`, `edge` and so on. Of two of one scheme, the one that is not well is shown."""
    urls = here.settings.urls()
    where = {"record": urls.record, "index": urls.index, "cache": urls.cache}
    parts = sorted(found.parts, key=lambda part: part.state != "ok")
    return {
        where[part.name].partition(":")[0]: StoreOut.of(part)
        for part in parts
        if part.name in where
    }


def provider_states(here: Serving) -> dict[str, ProviderOut]:
    """Each chat model that was asked, as `provider/model`."""
    return {
        f"{each.provider}/{each.model}": ProviderOut(
            up=each.up, calls=each.calls, failures=each.failures, cost_usd=each.cost
        )
        for each in here.promptuary.chats.totals
    }


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
        "version": here.settings.service_version or found.version,
    }


def _ready(here: Serving, health: Health) -> bool:
    return health.status != "unhealthy" and not here.draining()


def status_of(health: Health) -> int:
    """Of an answer that says so."""
    return 503 if health.status == "unhealthy" else 200


def _exactly(found: Health) -> Response:
    """As the library says it: to its clients even bad news is an answer."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    return Response(plain.encode(found), headers=headers, media_type=plain.MEDIA_TYPE)


def now(body: Wire, status: int = 200) -> Response:
    """An answer about this moment: not to be kept."""
    headers = {"Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = "2"
    return Response(encode(body), status, headers, "application/json")


UNWELL = ((503, "The service cannot work; the body says why."),)
OPERATIONS = (
    Operation(path="/", call=root, needs="open", answers=Welcome, tag="service"),
    Operation(path="/livez", call=livez, needs="open", answers=Pulse, tag="service"),
    Operation(path="/healthz", call=healthz, needs="open", answers=Pulse, tag="service"),
    Operation(
        path="/readyz", call=readyz, needs="open", answers=Readiness, also=UNWELL, tag="service"
    ),
    Operation(
        path="/health", call=health, needs="open", answers=HealthOut, also=UNWELL, tag="service"
    ),
    Operation(
        path="/health/ready",
        call=health_ready,
        needs="open",
        answers=OldReadiness,
        also=UNWELL,
        tag="service",
    ),
    Operation(
        path="/health/detailed",
        call=health_detailed,
        needs="admin",
        answers=HealthDetail,
        also=UNWELL,
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
