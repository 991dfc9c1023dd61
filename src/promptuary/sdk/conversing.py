"""Events and conversations of a server: `client.conversation`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from promptuary.domain.clips import ClipLink
from promptuary.domain.conversations import Conversation, Exported, Turn
from promptuary.domain.errors import Unsupported
from promptuary.domain.events import Event, Intake, Received
from promptuary.domain.insights import RANGES, Notice, Severity
from promptuary.domain.pages import Page
from promptuary.sdk import sending
from promptuary.sdk.line import PREFIX, Line, Sent

T = TypeVar("T")
AT_ONCE = 1_000
"""Events in one request."""


class RemoteConversing:
    """Events and conversations of a server: methods as `promptuary.conversation` has them, those
    that a server offers. Whose conversations they are and which cameras may be seen, the key says;
    the clock is the server's."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def add_events(
        self,
        events: Iterable[Event | Mapping[str, Any]],
        *,
        first: int = 1,
        cameras: Sequence[str] | None = None,
    ) -> Received:
        """Take events in; the same again changes nothing, so what broke off is simply sent again.
        Bad ones are named and stop nobody."""
        _of_the_key(cameras)
        done, batch, place = Received(Intake()), list[Mapping[str, Any]](), first
        for each in events:
            batch.append(_members(each) if isinstance(each, Event) else each)
            if len(batch) == AT_ONCE:
                done += await self._take(batch, place)
                place += len(batch)
                batch = []
        return done + await self._take(batch, place) if batch else done

    async def _take(self, batch: Sequence[Mapping[str, Any]], first: int) -> Received:
        body = sending.posted("events", {"events": list(batch)})
        taken = await self._line.ask(Received, body)
        moved = (replace(e, position=e.position + first - 1) for e in taken.refused)
        return replace(taken, refused=tuple(moved))

    async def converse(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        user: str = "local",
        cameras: Sequence[str] | None = None,
        timezone: str | None = None,
        now: datetime | None = None,
        limit: int = 5,
        tenant: str = "",
    ) -> Turn:
        """Answer a question about events, exactly, with its evidence; or say why it cannot be. A
        turn happens once, however often it is sent."""
        asked = _turn(question, conversation_id, timezone, limit)
        _of_the_key(cameras, user, now, tenant)
        key = sending.new_key()
        return await self._line.ask(Turn, sending.posted("conversation", asked, key=key))

    async def insights(
        self,
        over: timedelta = timedelta(days=1),
        *,
        now: datetime | None = None,
        severity: Severity = "low",
        cameras: Sequence[str] | None = None,
        muted: bool = False,
    ) -> list[Notice]:
        """What was unusual in the last hour, day, 7 or 30 days. Raises Unsupported for another
        time."""
        named = next((name for name, time in RANGES.items() if time == over), None)
        if named is None:
            raise Unsupported("a server looks back 1 hour, 1 day, 7 days or 30 days")
        _of_the_key(cameras, "local", now)
        asked = {"time_range": named, "severity_threshold": severity, "include_muted": muted}
        asked |= {"include_predictions": False}
        return await self._line.ask(
            list[Notice], Sent("GET", f"{PREFIX}/proactive-insights", asked)
        )

    async def clips(
        self,
        ids: Sequence[str],
        *,
        cameras: Sequence[str] | None = None,
        lifetime: timedelta | None = None,
        thumbnails: bool = False,
    ) -> list[ClipLink]:
        """Links to the recordings of events, all in one call."""
        _of_the_key(cameras)
        minutes = None if lifetime is None else lifetime.total_seconds() / 60
        asked = {"event_ids": list(ids), "expiry_minutes": minutes, "thumbnails": thumbnails}
        return await self._line.ask(list[ClipLink], sending.posted("clips/batch", asked))

    async def conversations(
        self, *, user: str = "local", cursor: str | None = None, limit: int = 50
    ) -> Page[Conversation]:
        """Those of the key, the latest activity first."""
        _of_the_key(None, user)
        asked = {"cursor": cursor, "limit": limit}
        return await self._line.ask(
            Page[Conversation], Sent("GET", f"{PREFIX}/conversations", asked)
        )

    async def history(
        self,
        conversation_id: str,
        *,
        user: str = "local",
        cameras: Sequence[str] | None = None,
        limit: int = 50,
        skip: int = 0,
    ) -> Exported:
        """A conversation and the latest of what was said, oldest first. Raises NotFound."""
        _of_the_key(cameras, user)
        asked = {"limit": limit, "skip": skip}
        return await self._line.ask(Exported, Sent("GET", f"{_of(conversation_id)}/history", asked))

    async def export(
        self,
        conversation_id: str,
        *,
        user: str = "local",
        cameras: Sequence[str] | None = None,
    ) -> Exported:
        """A conversation with everything that was said. Raises NotFound."""
        _of_the_key(cameras, user)
        return await self._line.ask(Exported, Sent("GET", f"{_of(conversation_id)}/export"))

    async def delete(self, conversation_id: str, *, user: str = "local") -> None:
        """Delete a conversation and all that was said in it, at once. Raises NotFound."""
        _of_the_key(None, user)
        await self._line.raw(Sent("DELETE", _of(conversation_id)))


def _turn(
    question: str, conversation_id: str | None, timezone: str | None, limit: int
) -> dict[str, object]:
    told = {"query": question, "conversation_id": conversation_id, "limit": limit}
    return {**told, "user_context": {"timezone": timezone} if timezone else None}


def _of(conversation_id: str) -> str:
    return f"{PREFIX}/conversation/{quote(conversation_id, safe='')}"


def _of_the_key(
    cameras: Sequence[str] | None,
    user: str = "local",
    now: datetime | None = None,
    tenant: str = "",
) -> None:
    if cameras is not None or user != "local" or tenant:
        raise Unsupported("the API key says who asks and which cameras they may see")
    if now is not None:
        raise Unsupported("a server answers as of its own clock")


def _members(event: Event) -> Mapping[str, Any]:
    """An event as the server takes it."""
    told: dict[str, Any] = json.loads(json.dumps(_named(event), default=str))
    return {name: value for name, value in told.items() if value not in (None, [], {})}


def _named(event: Event) -> Mapping[str, Any]:
    return {
        "event_id": event.id,
        "camera_id": event.camera,
        "label": event.label,
        "timestamp": event.start.isoformat(),
        "end_timestamp": event.end.isoformat() if event.end else None,
        "sub_label": event.sub_label,
        "zones": list(event.zones),
        "description": event.description,
        "confidence": event.confidence,
        "bbox": list(event.box) if event.box else None,
        "track_id": event.track,
        "clip": event.clip,
        "metadata": dict(event.metadata),
    }
