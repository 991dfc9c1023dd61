"""Asking every part how it is, each within a time limit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio

from promptuary import __version__
from promptuary.domain.errors import PromptuaryError
from promptuary.domain.reports import Health, PartHealth
from promptuary.ports.clock import Clock

LIMIT_SECONDS = 1.0
VITAL = frozenset({"record"})
"""Without these nothing works; without the others there is less (no search, no shared limits)."""

Ask = Callable[[], Awaitable[Any]]


async def checkup(clock: Clock, parts: Mapping[str, Ask]) -> Health:
    """The health of each part and of the whole; never raises."""
    asked = [await _ask(clock, name, ask) for name, ask in parts.items()]
    states = {part.state for part in asked}
    status = "unhealthy" if "down" in states else "degraded" if "degraded" in states else "healthy"
    return Health(status, __version__, tuple(asked))


async def _ask(clock: Clock, name: str, ask: Ask) -> PartHealth:
    started = clock.monotonic()
    trouble = await _trouble(ask)
    took = (clock.monotonic() - started) * 1_000
    if trouble is None:
        return PartHealth(name, "ok", "", took)
    return PartHealth(name, "down" if name in VITAL else "degraded", trouble, took)


async def _trouble(ask: Ask) -> str | None:
    try:
        with anyio.fail_after(LIMIT_SECONDS):
            await ask()
    except TimeoutError:
        return f"no answer within {LIMIT_SECONDS:g} s"
    except PromptuaryError as error:
        return f"{error.code}: {error}"
    return None
