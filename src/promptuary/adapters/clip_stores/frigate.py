"""`frigate:http://HOST:5000` recordings that Frigate keeps, read through us: it signs no links.

`FRIGATE_TOKEN` is sent as a bearer token, where its port asks for one. Extra: `remote`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from promptuary.adapters._remote.host import Host, base_of, is_missing
from promptuary.adapters._remote.keys import variable
from promptuary.domain.clips import ClipPart, Footage, Recording, in_address
from promptuary.domain.errors import BadReply, Misconfigured, NotFound
from promptuary.domain.events import Event

AT_ONCE = 50
SECONDS = 10.0
_PATHS = {"clip": ("clip.mp4", "video/"), "thumbnail": ("snapshot.jpg", "image/")}


def connect(url: str) -> FrigateClipStore:
    """Asks nobody yet. Raises Misconfigured without an address."""
    token = variable("FRIGATE_TOKEN")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return FrigateClipStore(Host(base_of(url, "frigate"), SECONDS, headers))


@dataclass(frozen=True, slots=True)
class FrigateClipStore:
    """The port `ClipStore`: Frigate says of each event whether it has a clip and a snapshot."""

    host: Host

    async def find(
        self,
        events: Sequence[Event],
        lifetime: timedelta,  # noqa: ARG002 - the port asks for it
        *,
        thumbnails: bool = False,  # noqa: ARG002 - the port asks for it
    ) -> list[Recording | None]:
        """As the port says, fifty in a request; `lifetime` is that of our own links."""
        asked = [known for each in events if (known := in_address(each.id))]
        kept: dict[str, Recording] = {}
        unique = list(dict.fromkeys(asked))
        for at in range(0, len(unique), AT_ONCE):
            for row in await self._rows(unique[at : at + AT_ONCE]):
                name = row.get("id")
                if isinstance(name, str) and row.get("has_clip") is True:
                    kept[name] = Recording(name, thumbnail=row.get("has_snapshot") is True)
        return [kept.get(each.id) for each in events]

    async def _rows(self, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        found = await self.host.told(f"/api/event_ids?ids={','.join(ids)}")
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise BadReply(f"{self.host.base} gave no list of events")
        return found

    @asynccontextmanager
    async def read(
        self,
        event: Event,
        part: ClipPart = "clip",
        *,
        first: int = 0,  # noqa: ARG002 - the port asks for it
        last: int | None = None,  # noqa: ARG002 - the port asks for it
    ) -> AsyncIterator[Footage]:
        """As the port says; always the whole, as Frigate cuts it while it sends."""
        name, kinds = _PATHS[part]
        if in_address(event.id) is None:
            raise NotFound(part, event.id)
        try:
            async with self.host.file(f"/api/events/{event.id}/{name}", kinds) as reply:
                length = reply.headers.get("content-length", "")
                kind = reply.headers["content-type"].partition(";")[0]
                total = int(length) if length.isdigit() else None
                yield Footage(kind, reply.aiter_bytes(), total)
        except Misconfigured as error:
            if is_missing(error):
                raise NotFound(part, event.id) from error
            raise

    async def aclose(self) -> None:
        """As the port says."""
        await self.host.wire.aclose()
