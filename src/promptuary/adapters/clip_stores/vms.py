"""`vms:http://HOST:8001` a video management system that signs links: `GET /clips/{id}/url`.

`VMS_SERVICE_API_KEY` is sent as `X-API-Key`. Extra: `remote`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from math import ceil
from typing import Any
from urllib.parse import quote, urljoin

from promptuary.adapters._remote.host import Host, base_of
from promptuary.adapters._remote.keys import variable
from promptuary.adapters._remote.together import each_of
from promptuary.domain.clips import ClipPart, Footage, Recording, for_browsers, in_address
from promptuary.domain.errors import BadReply, PromptuaryError, Unsupported
from promptuary.domain.events import Event

SECONDS = 10.0


def connect(url: str) -> VmsClipStore:
    """Asks nobody yet. Raises Misconfigured without an address."""
    key = variable("VMS_SERVICE_API_KEY")
    return VmsClipStore(Host(base_of(url, "vms"), SECONDS, {"x-api-key": key} if key else {}))


@dataclass(frozen=True, slots=True)
class VmsClipStore:
    """The port `ClipStore`. Which of several there are is asked at once, where the system offers
    that; then each is asked for its link."""

    host: Host

    async def find(
        self, events: Sequence[Event], lifetime: timedelta, *, thumbnails: bool = False
    ) -> list[Recording | None]:
        """As the port says. A picture that cannot be had is no reason to do without the clip."""
        unique = list(dict.fromkeys(known for each in events if (known := in_address(each.id))))
        there = await self._available(unique) if len(unique) > 1 else unique
        minutes = max(1, ceil(lifetime.total_seconds() / 60))
        look = partial(self._recording, minutes=minutes, thumbnails=thumbnails)
        found = dict(zip(there, await each_of(look, there), strict=True))
        return [found.get(each.id) for each in events]

    async def _available(self, ids: Sequence[str]) -> list[str]:
        """Those that the system does not deny."""
        body = {"event_ids": list(ids)}
        told = await self.host.told("/clips/batch/check", body=body)
        listed = told.get("availability") if isinstance(told, dict) else None
        if not isinstance(listed, Mapping):
            return list(ids)
        return [each for each in ids if listed.get(each) is not False]

    async def _recording(self, id: str, *, minutes: int, thumbnails: bool) -> Recording | None:
        path = f"/clips/{quote(id, safe='')}"
        told = await self.host.told(f"{path}/url?expiry_minutes={minutes}")
        if told is None:
            return None
        link = self._link(told, "clip_url")
        if not link:
            raise BadReply(f"{self.host.base} gave no link to the clip {id}")
        picture = await self._picture(path) if thumbnails else ""
        return Recording(id, link, bool(picture), picture)

    async def _picture(self, path: str) -> str:
        try:
            return self._link(await self.host.told(f"{path}/thumbnail"), "thumbnail_url")
        except PromptuaryError:
            return ""

    def _link(self, told: object, name: str) -> str:
        """The link, which may be a path of that system; empty where it is none for a browser."""
        given: Any = told.get(name) if isinstance(told, dict) else None
        return for_browsers(urljoin(f"{self.host.base}/", given)) if given else ""

    def read(
        self,
        event: Event,  # noqa: ARG002 - the port asks for it
        part: ClipPart = "clip",  # noqa: ARG002 - the port asks for it
        *,
        first: int = 0,  # noqa: ARG002 - the port asks for it
        last: int | None = None,  # noqa: ARG002 - the port asks for it
    ) -> AbstractAsyncContextManager[Footage]:
        """Its links lead straight there."""
        raise Unsupported("recordings of that system are watched under the links that it signed")

    async def aclose(self) -> None:
        """As the port says."""
        await self.host.wire.aclose()
