"""The face's methods that reach outside: sources of events, recordings, older services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from promptuary.conversation.clips import Address
from promptuary.conversation.listening import Listening, Tell, silently
from promptuary.conversation.outside import Outside
from promptuary.conversation.planning.windows import zone_of
from promptuary.conversation.recordings import Recordings
from promptuary.conversation.related import RELATIONS, Related, Relation, related
from promptuary.conversation.searching import FoundEvent, Looking, search
from promptuary.conversation.taking_over import TakingOver
from promptuary.domain.clips import ClipLink, ClipPart
from promptuary.domain.events import Event, EventFilter, Received
from promptuary.domain.incoming import Heard
from promptuary.domain.threads import TakenOver
from promptuary.ports.clock import Clock
from promptuary.ports.event_source import EventSource
from promptuary.ports.unit_of_work import UnitOfWork

GOES_ON = timedelta(hours=1)
"""How far before the last event that is known a source is asked again: ends come late."""


class Reaching(Protocol):
    """What these methods need of the face that they belong to."""

    recordings: Recordings

    @property
    def _record(self) -> UnitOfWork: ...
    @property
    def _clock(self) -> Clock: ...
    @property
    def _timezone(self) -> str: ...
    @property
    def _lifetime(self) -> timedelta: ...
    @property
    def _outside(self) -> Outside: ...

    async def add_events(self, events: Any) -> Received:  # noqa: ANN401 - as the face says
        """As the face says."""
        ...

    async def events_of(self, ids: Sequence[str]) -> list[Event]:
        """As the face says."""
        ...


async def listen(self: Reaching, url: str, *, told: Tell = silently) -> None:
    """Take events from a source such as `mqtt://HOST` until cancelled: first what it kept since the
    last event that is known, where it keeps any. A source or a record that is away is waited for;
    `told` hears of all that comes. Raises Misconfigured."""
    listening = Listening(self.add_events, self.events_of, told)
    async with _source(self, url) as source:
        async with self._record.read() as tx:
            last, heard = (await tx.seen.site()).last, Heard()
        if last is not None:
            heard = await listening.catch_up(source, last - GOES_ON)
        await listening.listen(source, heard)


async def import_from(
    self: Reaching,
    url: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    told: Tell = silently,
) -> Heard:
    """Take everything that a source such as `frigate:http://HOST:5000` keeps of that time; again it
    changes nothing. Raises Unsupported where it keeps nothing, Unavailable, Misconfigured."""
    listening = Listening(self.add_events, self.events_of, told)
    async with _source(self, url) as source:
        return await listening.backfill(source, since, until)


@asynccontextmanager
async def _source(self: Reaching, url: str) -> AsyncIterator[EventSource]:
    source = await self._outside.source(url)
    try:
        yield source
    finally:
        await source.aclose()


async def import_conversations(self: Reaching, url: str) -> TakenOver:
    """Take over the conversations of an older service from where it keeps them, such as
    `redis://HOST:6379/0`; nothing is changed there. Again it takes only what came since. Raises
    Unavailable, Misconfigured."""
    archive = await self._outside.archive(url)
    now = self._clock.now()
    try:
        return await TakingOver(self._record, now - self._lifetime, now).all_of(archive)
    finally:
        await archive.aclose()


async def clips(
    self: Reaching,
    ids: Sequence[str],
    *,
    cameras: Sequence[str] | None = None,
    lifetime: timedelta | None = None,
    thumbnails: bool = False,
) -> list[ClipLink]:
    """Links to the recordings of events, all in one call: of those that exist and may be seen, in
    the order asked. What has no recording is not `available` and has no URL. Raises InvalidInput
    for a lifetime over the longest, Unavailable where the store is away."""
    return await self.recordings.links(ids, cameras, lifetime, thumbnails=thumbnails)


async def save_clip(
    self: Reaching,
    event_id: str,
    target: str | Path,
    *,
    cameras: Sequence[str] | None = None,
    part: ClipPart = "clip",
) -> int:
    """Write a recording, or a picture of it, to a file; how many bytes. Raises NotFound, and
    Unsupported where links lead straight to the store."""
    return await self.recordings.save(event_id, Path(target), cameras, part)


async def open_link(self: Reaching, link: str) -> bytes:
    """The whole of what a link of ours leads to, for whoever has the link. Raises Forbidden for one
    that was changed, has expired or is none of ours, NotFound where the recording is gone."""
    told = Address.read(link)
    opening = self.recordings.under(told.event_id, told.part, told.expires, told.signature)
    async with opening as footage:
        return b"".join([piece async for piece in footage.chunks])


async def related_events(
    self: Reaching,
    event_id: str,
    *,
    relations: Sequence[Relation] = RELATIONS,
    cameras: Sequence[str] | None = None,
    limit: int = 10,
) -> list[Related]:
    """The events that belong to one: near it in time, at the same place, or like it in words; the
    strongest first. Raises NotFound, also for an event of a camera that may not be seen."""
    used = self._outside.embedder
    async with self._record.read() as tx:
        find = related(tx.seen, event_id, cameras, relations, limit=limit, embedder=used)
        return await find


async def search_events(
    self: Reaching,
    text: str,
    *,
    where: EventFilter | None = None,
    cameras: Sequence[str] | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
    limit: int = 10,
) -> list[FoundEvent]:
    """The events that a text describes, by words and meaning, best first. Cameras and times that
    it names, and labels beside them, are conditions; `where` are more. Raises InvalidInput."""
    zone, used = zone_of(timezone or self._timezone), self._outside.embedder
    async with self._record.read() as tx:
        site = await tx.seen.site(cameras)
        allowed = tuple(each.id for each in site.cameras)
        wanted = allowed if where is None or where.cameras is None else where.cameras
        only = replace(
            where or EventFilter(), cameras=tuple(each for each in wanted if each in allowed)
        )
        within = EventFilter(None if cameras is None else allowed)
        looking = Looking(site, zone, now or self._clock.now(), used, within)
        return await search(tx.seen, text, only, looking, limit=limit)
