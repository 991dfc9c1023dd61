"""`frigate:http://HOST:5000` events from Frigate's HTTP API: what it keeps, and what comes, with
the review items that they belong to.

`FRIGATE_TOKEN` is sent as a bearer token, where its port asks for one. Extra: `remote`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anyio

from promptuary.adapters._remote.host import Host, base_of
from promptuary.adapters._remote.keys import variable
from promptuary.domain.clips import in_address
from promptuary.domain.errors import BadReply
from promptuary.domain.incoming import Batch, Row

PAGE = 500
AT_ONCE = 50
SECONDS = 20.0
EVERY = 0.5
"""Seconds between two looks."""
BACK = 300.0
"""Seconds that a look reaches back: Frigate writes an event down a while after it began."""
REVIEWED_EVERY = 5.0
"""Seconds between two looks at review items."""
SLICE = 86_400.0
"""Seconds of which the review items are asked for at once: they come without pages."""
NEXT = 0.001
"""`after` leaves its own moment out, and several events may have begun then."""


def connect(url: str) -> FrigateEventSource:
    """Asks nobody yet. Raises Misconfigured without an address."""
    token = variable("FRIGATE_TOKEN")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return FrigateEventSource(Host(base_of(url, "frigate"), SECONDS, headers))


@dataclass(slots=True)  # changes: it remembers what it told, so that only news is told
class FrigateEventSource:
    """The port `EventSource`: pages by start; live it looks again and again, also at what had not
    ended."""

    host: Host
    every: float = EVERY
    _told: dict[str, Row] = field(default_factory=dict, repr=False)
    _open: set[str] = field(default_factory=set, repr=False)
    _upto: float | None = None
    _reviews: dict[str, Row] = field(default_factory=dict, repr=False)
    _looked: float = 0.0

    async def past(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> AsyncGenerator[Batch, None]:
        """As the port says, page by page; then the review items, day by day."""
        first: float | None = None
        after = since.timestamp() - NEXT if since else 0.0
        before = until.timestamp() if until else None
        async for rows in self._pages(after, before):
            first = first or float(rows[0]["start_time"])
            yield Batch(tuple(rows))
        seen: set[str] = set()
        start = (after if since else first or 0.0) - BACK
        end = before or datetime.now(UTC).timestamp()
        while first is not None and start < end:
            found = await self._reviewed(start, min(start + SLICE, end) + BACK)
            if new := [row for row in found if row["id"] not in seen]:
                yield Batch(tuple(new))
            seen |= {row["id"] for row in found}
            start += SLICE

    async def live(self) -> AsyncGenerator[Batch, None]:
        """As the port says. What was told and not taken is told again."""
        if self._upto is None:
            self._upto = datetime.now(UTC).timestamp()
        while True:
            rows = [row for row in await self._recent() if self._told.get(str(row["id"])) != row]
            if rows:
                yield Batch(tuple(rows), taken=_Taken(self, rows))
            reviews = await self._news_of_reviews()
            if reviews:
                yield Batch(tuple(reviews), taken=_Looked(self, reviews))
            await anyio.sleep(self.every)

    async def aclose(self) -> None:
        """As the port says."""
        await self.host.wire.aclose()

    def remember(self, rows: Sequence[Row]) -> None:
        """These are durable: they come again only when they have changed."""
        starts = [float(row["start_time"]) for row in rows]
        self._upto = max(self._upto or 0.0, *starts)
        for row in rows:
            self._told[row["id"]] = row
            (self._open.discard if row.get("end_time") else self._open.add)(row["id"])
        oldest = self._upto - 2 * BACK
        late = [
            k for k, r in self._told.items() if r["start_time"] < oldest and k not in self._open
        ]
        for key in late:
            del self._told[key]

    def remember_reviews(self, rows: Sequence[Row]) -> None:
        """These were taken: they come again only when they have changed."""
        oldest = (self._upto or 0.0) - 2 * BACK
        there = {**self._reviews, **{row["id"]: row for row in rows}}
        self._reviews = {
            key: row for key, row in there.items()
            if row["start_time"] >= oldest or not row.get("end_time")
        }  # fmt: skip

    async def _news_of_reviews(self) -> list[Row]:
        """Review items that began lately or go on, if it is time to look and they have changed."""
        now = anyio.current_time()
        if now - self._looked < REVIEWED_EVERY:
            return []
        self._looked = now
        found = await self._reviewed((self._upto or 0.0) - BACK, None)
        return [row for row in found if self._reviews.get(row["id"]) != row]

    async def _reviewed(self, after: float, before: float | None) -> list[Row]:
        """Review items, oldest first; none from a Frigate that is too old to have any."""
        until = "" if before is None else f"&before={before:.6f}"
        told = await self.host.told(f"/api/review?after={after:.6f}{until}&reviewed=1")
        if told is not None and not isinstance(told, list):
            raise BadReply(f"{self.host.base} gave no list of review items")
        found = [row for row in told or () if _is_event(row) and _is_review(row)]
        return sorted(found, key=lambda row: float(row["start_time"]))

    async def _recent(self) -> list[Row]:
        """Events that began lately, and those that had not ended, with what Frigate says now."""
        after = (self._upto or 0.0) - BACK
        found = [row async for rows in self._pages(after, None) for row in rows]
        seen = {row["id"] for row in found}
        going = sorted(self._open - seen)
        for at in range(0, len(going), AT_ONCE):
            some = going[at : at + AT_ONCE]
            now = await self._rows(f"/api/event_ids?ids={','.join(some)}")
            found += now
            self._open -= set(some) - {row["id"] for row in now}  # Frigate has forgotten them
        return found

    async def _pages(self, after: float, before: float | None) -> AsyncGenerator[list[Row], None]:
        until = "" if before is None else f"&before={before:.6f}"
        seen: set[str] = set()
        while True:
            asked = f"after={after:.6f}{until}&limit={PAGE}&sort=date_asc&include_thumbnails=0"
            rows = await self._rows(f"/api/events?{asked}")
            new = [row for row in rows if row["id"] not in seen]
            if new:
                yield new
            if len(rows) < PAGE:
                return
            last = max(float(row["start_time"]) for row in rows)
            after = last - NEXT if new else last
            seen = {row["id"] for row in rows}

    async def _rows(self, path: str) -> list[Row]:
        """Rows with an id that can be asked for again, and a start."""
        told = await self.host.told(path)
        if not isinstance(told, list):
            raise BadReply(f"{self.host.base} gave no list of events")
        return [row for row in told if _is_event(row)]


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is called when rows are durable."""

    source: FrigateEventSource
    rows: Sequence[Row]

    async def __call__(self) -> None:
        self.source.remember(self.rows)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What is called when review items are durable."""

    source: FrigateEventSource
    rows: Sequence[Row]

    async def __call__(self) -> None:
        self.source.remember_reviews(self.rows)


def _is_review(row: Mapping[str, Any]) -> bool:
    data = row.get("data")
    events = data.get("detections") if isinstance(data, dict) else None
    return isinstance(row.get("severity"), str) and isinstance(events, list)


def _is_event(row: Mapping[str, Any] | object) -> bool:
    if not isinstance(row, dict):
        return False
    start = row.get("start_time")
    named = isinstance(row.get("id"), str) and in_address(row["id"]) is not None
    return named and isinstance(start, int | float) and not isinstance(start, bool)
