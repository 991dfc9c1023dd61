"""What only an administrator may see and do."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.health import UNWELL, detail_of, now, provider_states, resident_bytes, status_of
from promptuary.api.indexing import forget_all
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.problems import ProblemRaised, invalid
from promptuary.api.schemas.documents import Deleted
from promptuary.api.schemas.older import AdminMetrics, ProviderState, ProviderStates, ResetIn
from promptuary.api.schemas.operation import HealthDetail
from promptuary.api.serving import Here
from promptuary.api.tracing import trace_of


async def admin_metrics(here: Here) -> Response:
    """What there is and what was done, in numbers."""
    figures = await here.promptuary.figures()
    rated = await here.promptuary.satisfaction()
    held = await here.promptuary.holdings()
    return now(
        AdminMetrics(
            timestamp=datetime.now(UTC),
            uptime=round(time.monotonic() - here.began, 3),
            memory_usage=resident_bytes(),
            total_chunks=held.passages,
            total_documents=held.documents,
            total_sources=held.read + held.failed + held.empty,
            clusters=figures.clusters,
            waiting_jobs=figures.waiting_jobs,
            index_lag_seconds=figures.index_lag_seconds,
            cache_hits=figures.cache_hits,
            cache_misses=figures.cache_misses,
            rated_up=rated.up,
            rated_down=rated.down,
            satisfaction=rated.share,
            cost_usd=sum(each.cost for each in figures.chats),
            providers=provider_states(here),
        )
    )


async def admin_status(here: Here) -> Response:
    """Every part with what to do about it, memory and uptime."""
    found = await here.promptuary.health()
    return now(detail_of(here, found), status_of(found))


async def admin_providers(here: Here) -> Response:
    """Ask every provider of chat models for next to nothing: is it there, does it take our key?"""
    asked = await here.promptuary.ping_providers()
    shown = [ProviderState.of(each) for each in asked]
    return now(ProviderStates(providers=shown, timestamp=datetime.now(UTC)))


async def admin_reset(request: Request, here: Here) -> Response:
    """Delete every document (of a collection), and all that was read from it, everywhere.

    Nothing happens without `confirm`; who did it stands in the log as an `audit` line.
    """
    asked = await read(request, ResetIn)
    if not asked.confirm:
        raise ProblemRaised(invalid({"confirm": "every document would be deleted: say true"}))
    gone = await forget_all(here, asked.collection)
    here.log.warning(
        "audit",
        action="reset",
        caller=caller_of(request).id,
        collection=asked.collection,
        passages=gone,
        request_id=trace_of(request.scope).request_id,
    )
    said, at = f"{gone} passages deleted", datetime.now(UTC)
    return answer(request, Deleted(success=True, message=said, passages=gone, timestamp=at))


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/admin/metrics",
        call=admin_metrics,
        needs="admin",
        answers=AdminMetrics,
        tag="service",
    ),
    Operation(
        path=f"{PREFIX}/admin/status",
        call=admin_status,
        needs="admin",
        answers=HealthDetail,
        also=UNWELL,
        tag="service",
    ),
    Operation(
        path=f"{PREFIX}/admin/providers",
        call=admin_providers,
        needs="admin",
        answers=ProviderStates,
        tag="service",
    ),
    Operation(
        method="POST",
        path=f"{PREFIX}/admin/reset",
        call=admin_reset,
        needs="admin",
        takes=ResetIn,
        answers=Deleted,
        problems=(413, 415, 422),
        tag="service",
    ),
)
