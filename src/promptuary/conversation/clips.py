"""Links to recordings: looked for, signed where the store does not, checked when they come back."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import anyio

from promptuary.domain.clips import (
    LONGEST_LIFETIME,
    USUAL_LIFETIME,
    ClipLink,
    ClipPart,
    Footage,
    Recording,
)
from promptuary.domain.errors import Forbidden, InvalidInput, Misconfigured, TimedOut, Unavailable
from promptuary.domain.events import Event
from promptuary.ports.clip_store import ClipStore
from promptuary.ports.clock import Clock

PATH = "/api/v1/clips"
_PARTS: dict[str, ClipPart] = {"clip": "clip", "thumbnail": "thumbnail"}
IN_AN_ANSWER = 2.0
"""Seconds that an answer waits for its clips; then it comes without them."""


@dataclass(frozen=True, slots=True)
class Clips:
    """The recordings of events. A link is only made for a recording that was found, opens nothing
    but that one, and works until it expires, for whoever has it: whether somebody may have it is
    looked at when it is made.

    `base` stands before the paths of our own links; empty, they are paths of this server;
    `pictures` before those of thumbnails, else `base`. `seconds` is how long the store may take.
    `key` signs; who knows it can make links.
    """

    store: ClipStore
    source: str
    clock: Clock
    key: bytes = field(repr=False)
    base: str = ""
    usual: timedelta = USUAL_LIFETIME
    longest: timedelta = LONGEST_LIFETIME
    seconds: float = 10.0
    pictures: str = ""

    async def links(
        self,
        events: Sequence[Event],
        lifetime: timedelta | None = None,
        *,
        thumbnails: bool = False,
        seconds: float | None = None,
    ) -> list[ClipLink]:
        """One for each event, in order; what has no recording is not `available`. Raises
        InvalidInput for a lifetime that is not allowed, Unavailable where the store is away."""
        lasting = self._checked(lifetime)
        expires_at = self.clock.now().replace(microsecond=0) + lasting
        patience = self.seconds if seconds is None else min(seconds, self.seconds)
        with anyio.move_on_after(patience) as waited:
            found = await self.store.find(events, lasting, thumbnails=thumbnails)
        if waited.cancelled_caught:
            raise TimedOut(f"the store of clips did not answer within {patience:g} s")
        pairs = zip(events, found, strict=True)
        return [self._link(event, each, expires_at) for event, each in pairs]

    async def of_answer(self, events: Sequence[Event]) -> tuple[ClipLink, ...]:
        """The same for the evidence of an answer, which does not wait for long: without the store
        nothing is available."""
        try:
            return tuple(await self.links(events, thumbnails=True, seconds=IN_AN_ANSWER))
        except (Unavailable, Misconfigured):
            never = self.clock.now()
            return tuple(self._link(each, None, never) for each in events)

    def read(
        self, event: Event, part: ClipPart, *, first: int = 0, last: int | None = None
    ) -> AbstractAsyncContextManager[Footage]:
        """What a link of ours leads to; see the port."""
        return self.store.read(event, part, first=first, last=last)

    def check(self, event_id: str, part: ClipPart, expires: int, signature: str) -> None:
        """Raises Forbidden for a link that we did not make, or that has expired."""
        own = self._signature(event_id, part, expires)
        if not hmac.compare_digest(own.encode(), signature.encode("utf-8", "replace")):
            raise Forbidden("this link was not signed here; ask for a new one")
        if expires < self.clock.now().timestamp():
            raise Forbidden("this link has expired; ask for a new one")

    def _checked(self, lifetime: timedelta | None) -> timedelta:
        lasting = min(self.usual, self.longest) if lifetime is None else lifetime
        if not timedelta(0) < lasting <= self.longest:
            hours = self.longest.total_seconds() / 3_600
            raise InvalidInput(
                f"a link lasts longer than no time and at most {hours:g} hours",
                fields={"expiry_minutes": "out of range"},
            )
        return lasting

    def _link(self, event: Event, found: Recording | None, expires_at: datetime) -> ClipLink:
        known = ClipLink(
            event_id=event.id,
            url="",
            camera=event.camera,
            at=event.start,
            expires_at=None,
            available=False,
            description=event.description or event.label,
            confidence=event.confidence,
            seconds=event.seconds,
            source=self.source,
        )
        if found is None:
            return known
        picture = found.thumbnail_url
        if found.thumbnail and not picture:
            picture = self._address(event.id, "thumbnail", expires_at)
        return ClipLink(
            event_id=event.id,
            url=found.url or self._address(event.id, "clip", expires_at),
            camera=event.camera,
            at=event.start,
            expires_at=expires_at.astimezone(UTC),
            available=True,
            description=known.description,
            confidence=event.confidence,
            thumbnail_url=picture,
            seconds=event.seconds,
            bytes=found.bytes,
            kind=found.kind,
            source=self.source,
        )

    def _address(self, event_id: str, part: ClipPart, expires_at: datetime) -> str:
        expires = int(expires_at.timestamp())
        told = {"expires": expires, "signature": self._signature(event_id, part, expires)}
        told |= {} if part == "clip" else {"part": part}
        base = (part == "thumbnail" and self.pictures) or self.base
        return f"{base}{PATH}/{quote(event_id, safe='')}/file?{urlencode(told)}"

    def _signature(self, event_id: str, part: ClipPart, expires: int) -> str:
        signed = f"{part}\n{expires}\n{event_id}".encode()
        return hmac.new(self.key, signed, sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Address:
    """What a link of ours says."""

    event_id: str
    part: ClipPart
    expires: int
    signature: str

    @classmethod
    def read(cls, link: str) -> Address:
        """Raises Forbidden for what is no link of ours; the signature is not looked at here."""
        try:
            parts = urlsplit(link)
            told = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            _, _, rest = parts.path.partition(f"{PATH}/")
            event_id, _, file = rest.partition("/")
            part = _PARTS[told.get("part", "clip")]
            if file == "file":
                return cls(unquote(event_id), part, int(told["expires"]), told["signature"])
        except (KeyError, ValueError):
            pass
        raise Forbidden("this is no link to a recording that was made here")
