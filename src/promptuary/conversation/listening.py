"""The path: messages of a source in, events written, and only then acknowledged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

import anyio

from promptuary.domain.errors import Unavailable, Unsupported
from promptuary.domain.events import Event, Intake, Received, Refused
from promptuary.domain.incoming import Batch, Heard, Row
from promptuary.ports.event_source import EventSource

Take: TypeAlias = Callable[[Sequence[Event | Row]], Awaitable[Received]]
Known: TypeAlias = Callable[[Sequence[str]], Awaitable[list[Event]]]
Tell: TypeAlias = Callable[[Heard], None]
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds before a source or a record that is away is asked again: twice as many each time."""
_SAYS = {"description": "description", "face": "name", "lpr": "name"}
"""Messages of Frigate about an event that is known, and the member that says something new."""


def silently(_: Heard) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Listening:
    """How events are written (`take`) and looked up (`known`), and whom progress is told."""

    take: Take
    known: Known
    told: Tell

    async def listen(self, source: EventSource, heard: Heard) -> None:
        """Take whatever comes until cancelled, and count on from `heard`. While the source or the
        record is away it waits and goes on; nothing is acknowledged that is not durable. Raises
        Misconfigured."""
        wait = FIRST_WAIT
        while True:
            try:
                async with aclosing(source.live()) as batches:
                    async for batch in batches:
                        heard = await self._patiently(batch, heard)
                        wait = FIRST_WAIT
            except Unavailable as error:
                self.told(replace(heard, away=str(error)))
                await anyio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    async def catch_up(self, source: EventSource, since: datetime) -> Heard:
        """What a source kept since then, if it keeps anything and is there."""
        try:
            return await self.backfill(source, since, None)
        except Unsupported:
            return Heard()
        except Unavailable as error:
            self.told(Heard(away=str(error)))
            return Heard()

    async def backfill(
        self, source: EventSource, since: datetime | None, until: datetime | None
    ) -> Heard:
        """Take everything that a source keeps of that time. Raises what the source raises; run
        again it goes on, as what is known changes nothing."""
        heard = Heard()
        async with aclosing(source.past(since=since, until=until)) as batches:
            async for batch in batches:
                heard = await self._taken(batch, heard)
        return heard

    async def _patiently(self, batch: Batch, heard: Heard) -> Heard:
        """A record that is away is waited for: some senders say everything only once."""
        wait = FIRST_WAIT
        while True:
            try:
                return await self._taken(batch, heard)
            except Unavailable as error:
                self.told(replace(heard, away=str(error)))
                await anyio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    async def _taken(self, batch: Batch, heard: Heard) -> Heard:
        received = await self.take([row for row in batch.rows if not _is_about(row)])
        if about := [row for row in batch.rows if _is_about(row)]:
            received += await self._amended(about)
        await batch.taken()
        heard = _counted(heard, batch, received)
        self.told(heard)
        return heard

    async def _amended(self, about: Sequence[Row]) -> Received:
        """What Frigate found out of an event later: a description, a face, a plate's owner, or
        the review item that it belongs to."""
        ids = [each for row in about for each in _named(row)]
        known = {each.id: each for each in await self.known(list(dict.fromkeys(ids)))}
        changed: dict[str, Event] = {}
        refused: list[Refused] = []
        for position, row in enumerate(about, 1):
            if review := _review(row):
                known |= changed
                there = [known[each] for each in _named(row) if each in known]
                changed |= {event.id: _reviewed(event, review) for event in there}
                if not there:
                    refused.append(Refused(position, str(review["id"]), "none of its events came"))
                continue
            event = changed.get(str(row["id"])) or known.get(str(row["id"]))
            said = row.get(_SAYS[str(row["type"])])
            if event is None:
                refused.append(Refused(position, str(row["id"]), "no event of that id came yet"))
            elif isinstance(said, str) and said.strip():
                described = row["type"] == "description"
                changed[event.id] = replace(
                    event,
                    description=said if described else event.description,
                    sub_label=event.sub_label if described else said,
                )
        return await self.take(list(changed.values())) + Received(Intake(), tuple(refused))


def _review(row: Row) -> Row | None:
    """A review item of Frigate, from its HTTP API or its topic `frigate/reviews`."""
    inner = row["after"] if isinstance(row.get("after"), Mapping) else row
    data = inner.get("data")
    items = isinstance(data, Mapping) and isinstance(data.get("detections"), list)
    return inner if items and "id" in inner and isinstance(inner.get("severity"), str) else None


def _named(row: Row) -> list[str]:
    """The ids of the events that a message is about."""
    review = _review(row)
    if review is None:
        return [str(row["id"])]
    return [each for each in review["data"]["detections"] if isinstance(each, str)]


def _reviewed(event: Event, review: Row) -> Event:
    """With how severe Frigate holds it to be, and whether somebody has looked at it."""
    seen = review.get("has_been_reviewed")
    told = {"review_id": str(review["id"]), "severity": review["severity"]}
    told |= {"reviewed": seen} if isinstance(seen, bool) else {}
    return replace(event, metadata={**event.metadata, **told})


def _is_about(row: Row) -> bool:
    if _review(row):
        return True
    return row.get("type") in _SAYS and "id" in row and "after" not in row and "label" not in row


def _counted(heard: Heard, batch: Batch, received: Received) -> Heard:
    wrong = [*batch.unread, *(f"{each.id}: {each.reason}" for each in received.refused)]
    intake = received.intake
    return Heard(
        messages=heard.messages + len(batch.rows) + len(batch.unread),
        new=heard.new + intake.new,
        changed=heard.changed + intake.changed,
        same=heard.same + intake.same,
        refused=heard.refused + len(wrong) + intake.gone,
        reason=wrong[-1] if wrong else heard.reason,
    )
