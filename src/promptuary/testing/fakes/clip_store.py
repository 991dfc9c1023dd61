"""A fake: a dictionary of recordings, which can be told to be away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from promptuary.domain.clips import ClipPart, Footage, Recording
from promptuary.domain.errors import NotFound, Unavailable
from promptuary.domain.events import Event


class FakeClipStore:
    """Recordings and pictures by the id of their event. While `away` it raises Unavailable, as a
    lost server would."""

    def __init__(
        self, clips: Mapping[str, bytes], pictures: Mapping[str, bytes] | None = None
    ) -> None:
        self.clips = dict(clips)
        self.pictures = dict(pictures or {})
        self.away = False
        self.asked = 0

    async def find(
        self,
        events: Sequence[Event],
        lifetime: timedelta,  # noqa: ARG002 - the port asks for it
        *,
        thumbnails: bool = False,  # noqa: ARG002 - the port asks for it
    ) -> list[Recording | None]:
        """As the port says."""
        self._reached()
        return [
            Recording(each.id, thumbnail=each.id in self.pictures, bytes=len(self.clips[each.id]))
            if each.id in self.clips
            else None
            for each in events
        ]

    @asynccontextmanager
    async def read(
        self, event: Event, part: ClipPart = "clip", *, first: int = 0, last: int | None = None
    ) -> AsyncIterator[Footage]:
        """As the port says."""
        self._reached()
        kept = self.clips if part == "clip" else self.pictures
        if event.id not in kept:
            raise NotFound(part, event.id)
        body = kept[event.id]
        end = len(body) - 1 if last is None else min(last, len(body) - 1)
        kind = "video/mp4" if part == "clip" else "image/jpeg"
        yield Footage(kind, _one(body[first : end + 1]), len(body), first, end)

    async def aclose(self) -> None:
        """Nothing is held."""

    def _reached(self) -> None:
        self.asked += 1
        if self.away:
            raise Unavailable("the fake store was told to be away")


async def _one(body: bytes) -> AsyncIterator[bytes]:
    yield body
