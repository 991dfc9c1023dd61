"""A fake Clock that ticks by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

START = datetime(2030, 1, 1, tzinfo=UTC)


class HandClock:
    """Time stands still until `advance` is called; sleepers wake in the order of their alarms."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._alarms: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> datetime:
        """The start plus what has been advanced."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """What has been advanced, in seconds."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait until `advance` has passed the alarm."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._alarms, (self._elapsed + seconds, next(self._order), alarm))
        await alarm

    async def advance(self, seconds: float) -> None:
        """Move on; everybody whose alarm has gone off runs before this returns."""
        goal = self._elapsed + seconds
        while self._alarms and self._alarms[0][0] <= goal:
            self._elapsed, _, alarm = heappop(self._alarms)
            if not alarm.done():
                alarm.set_result(None)
                await asyncio.sleep(0)
        self._elapsed = goal
        await asyncio.sleep(0)
