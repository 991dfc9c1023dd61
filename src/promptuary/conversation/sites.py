"""The site as it was a moment ago: every turn asks for it, and it changes seldom."""

from __future__ import annotations

from collections.abc import Sequence

import anyio

from promptuary.domain.events import Site
from promptuary.ports.unit_of_work import Transaction

FRESH_SECONDS = 0.5
"""What another process wrote is known after that: an event can be asked for within a second."""
MOST = 1_000


class Sites:
    """Sites by the cameras that may be seen. What this process writes is known at once, as it calls
    `forget`."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...] | None, tuple[float, Site]] = {}
        self._written = 0

    def forget(self) -> None:
        """Something was written."""
        self._known.clear()
        self._written += 1

    async def of(self, tx: Transaction, cameras: Sequence[str] | None) -> Site:
        """The site for who sees these cameras (None: all)."""
        key = None if cameras is None else tuple(cameras)
        now, known = anyio.current_time(), self._known.get(key)
        if known is not None and now - known[0] < FRESH_SECONDS:
            return known[1]
        before = self._written
        site = await tx.seen.site(cameras)
        if before == self._written:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = now, site
        return site
