"""The clock of the machine."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """A Clock that reads the machine's own."""

    def now(self) -> datetime:
        """The current time in UTC; jumps when somebody sets the machine's clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since the machine started, or near it."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run for at least that long."""
        await asyncio.sleep(seconds)
