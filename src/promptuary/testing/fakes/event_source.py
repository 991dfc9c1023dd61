"""A fake: a queue of rows, which can be told to be away."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any

import anyio

from promptuary.domain.errors import Unavailable
from promptuary.domain.incoming import Batch


class FakeEventSource:
    """Keeps what was not taken, and everything for its past. While `away` it raises Unavailable, as
    a lost broker would."""

    def __init__(self) -> None:
        self.waiting: deque[Mapping[str, Any]] = deque()
        self.kept: dict[str, Mapping[str, Any]] = {}
        self.away = False
        self.begun = 0
        self._news = anyio.Event()

    async def send(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Make rows known."""
        self.waiting += rows
        self.kept |= {str(row.get("id")): row for row in rows}
        self._news.set()

    def lose(self) -> None:
        """Go away; whoever listens learns it at once."""
        self.away = True
        self._news.set()

    async def past(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> AsyncGenerator[Batch, None]:
        """As the port says."""
        self._reached()
        first = since.timestamp() if since else float("-inf")
        last = until.timestamp() if until else float("inf")
        yield Batch(tuple(r for r in self.kept.values() if first <= r["start_time"] < last))

    async def live(self) -> AsyncGenerator[Batch, None]:
        """As the port says."""
        self.begun += 1
        while True:
            self._reached()
            if some := tuple(self.waiting):
                yield Batch(some, taken=_Taken(self, len(some)))
            else:
                self._news = anyio.Event()
                await self._news.wait()

    async def aclose(self) -> None:
        """Nothing is held."""

    def _reached(self) -> None:
        if self.away:
            raise Unavailable("the fake source was told to be away")


class _Taken:
    def __init__(self, source: FakeEventSource, count: int) -> None:
        self._source, self._count = source, count

    async def __call__(self) -> None:
        for _ in range(self._count):
            self._source.waiting.popleft()
