"""Recordings by the ids of their events, for whoever may see the cameras."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio

from promptuary.conversation.clips import Clips
from promptuary.domain.clips import ClipLink, ClipPart, Footage
from promptuary.domain.errors import InvalidInput, NotFound, Unavailable
from promptuary.domain.events import Event
from promptuary.ports.unit_of_work import UnitOfWork

MOST = 1_000
"""Events whose clips are looked for in one call."""


class Recordings:
    """The clips of a record's events. Without a store (None) there is none of any."""

    def __init__(self, record: UnitOfWork, clips: Clips | None) -> None:
        self._record = record
        self._clips = clips

    async def links(
        self,
        ids: Sequence[str],
        cameras: Sequence[str] | None,
        lifetime: timedelta | None,
        *,
        thumbnails: bool,
    ) -> list[ClipLink]:
        """Those of the events that exist and may be seen, in the order asked, each once."""
        if len(ids) > MOST:
            raise InvalidInput(f"at most {MOST:,} clips at once", fields={"event_ids": "too many"})
        events = [each for each in await self._events(ids) if _seen(each, cameras)]
        if self._clips is None:
            return [_none(each) for each in events]
        return await self._clips.links(events, lifetime, thumbnails=thumbnails)

    async def of_answer(self, events: Sequence[Event]) -> tuple[ClipLink, ...]:
        """Those of an answer's evidence; none at all without a store."""
        return () if self._clips is None or not events else await self._clips.of_answer(events)

    @asynccontextmanager
    async def under(
        self,
        event_id: str,
        part: ClipPart,
        expires: int,
        signature: str,
        *,
        first: int = 0,
        last: int | None = None,
    ) -> AsyncIterator[Footage]:
        """What a link of ours leads to. Raises Forbidden for one that is not, NotFound where the
        event or its recording is gone."""
        if self._clips is None:
            raise NotFound(part, event_id)
        self._clips.check(event_id, part, expires, signature)
        event = await self._one(event_id, None)
        async with self._clips.read(event, part, first=first, last=last) as footage:
            yield footage

    async def save(
        self, event_id: str, target: Path, cameras: Sequence[str] | None, part: ClipPart
    ) -> int:
        """Write a recording to a file, which is there when the whole of it is; how many bytes."""
        event = await self._one(event_id, cameras)
        if self._clips is None:
            raise NotFound(part, event_id)
        draft, written = target.with_name(f".{target.name}.draft"), 0
        try:
            async with (
                self._clips.read(event, part) as footage,
                await anyio.open_file(draft, "wb") as file,
            ):
                async for piece in footage.chunks:
                    written += await file.write(piece)
            await anyio.Path(draft).replace(target)
        except OSError as error:
            raise Unavailable(f"{target} cannot be written: {error.strerror or error}") from error
        finally:
            await anyio.Path(draft).unlink(missing_ok=True)
        return written

    async def _one(self, event_id: str, cameras: Sequence[str] | None) -> Event:
        found = await self._events([event_id])
        if not found or not _seen(found[0], cameras):
            raise NotFound("event", event_id)
        return found[0]

    async def _events(self, ids: Sequence[str]) -> list[Event]:
        async with self._record.read() as tx:
            return await tx.seen.get(list(dict.fromkeys(ids)))


def _seen(event: Event, cameras: Sequence[str] | None) -> bool:
    return cameras is None or event.camera in cameras


def _none(event: Event) -> ClipLink:
    said = event.description or event.label
    return ClipLink(event.id, "", event.camera, event.start, None, False, said, event.confidence)
