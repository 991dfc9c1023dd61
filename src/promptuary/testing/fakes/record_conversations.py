"""The fake record's events and conversations: the reference that SQL is tested against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from promptuary.domain.conversations import Conversation, Message
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.events import Camera, Event, EventFilter, Intake, Site, updated
from promptuary.domain.pages import Page
from promptuary.ports._conversations import QUARTER, By, EventOrder
from promptuary.testing.fakes.record_state import State, checked, paged

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MemoryEvents:
    """The port `Events`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, events: Sequence[Event]) -> Intake:
        """As `updated` says."""
        done = Intake()
        for event in events:
            done += self._take(event)
        return done

    def _take(self, event: Event) -> Intake:
        checked(times=[event.start, event.end])
        known = self._state.write().seen
        if event.id not in known:
            known[event.id] = event
        elif (before := known[event.id]) is None:
            return Intake(gone=1)
        elif (after := updated(before, event)) == before:
            return Intake(same=1)
        else:
            known[event.id] = event = after
            self._shown(event)
            return Intake(changed=1)
        self._shown(event)
        return Intake(new=1)

    def _shown(self, event: Event) -> None:
        values = [("label", event.label), ("person", event.sub_label)]
        values += [("zone", zone) for zone in event.zones]
        self._state.facets.update({(event.camera, k, v): None for k, v in values if v})

    async def remove(self, ids: Sequence[str]) -> int:
        """Only their ids stay."""
        known = self._state.write().seen
        there = {each for each in ids if known.get(each) is not None}
        known.update(dict.fromkeys(there))
        return len(there)

    async def get(self, ids: Sequence[str]) -> list[Event]:
        """In the order asked."""
        found = (self._state.seen.get(each) for each in ids)
        return [each for each in found if each is not None]

    def _all(self, where: EventFilter) -> list[Event]:
        there = (each for each in self._state.seen.values() if each is not None)
        return sorted((e for e in there if where.admits(e)), key=lambda e: (e.start, e.id))

    async def count(self, where: EventFilter) -> int:
        """How many."""
        return len(self._all(where))

    async def count_by(self, where: EventFilter, by: By) -> Mapping[str, int]:
        """How many for each."""
        return Counter(value for each in self._all(where) for value in _values(each, by))

    async def quarters(self, where: EventFilter) -> Mapping[int, int]:
        """How many began in each."""
        seconds = ((e.start - _EPOCH) // timedelta(seconds=QUARTER) for e in self._all(where))
        return Counter(each * QUARTER for each in seconds)

    async def find(
        self, where: EventFilter, *, order: EventOrder = "first", limit: int = 50, skip: int = 0
    ) -> list[Event]:
        """In that order."""
        found = self._all(where)
        if order == "last":
            found.reverse()
        elif order != "first":
            sign = -1 if order == "longest" else 1
            ended = [each for each in found if each.seconds is not None]
            found = sorted(ended, key=lambda e: (sign * (e.seconds or 0), e.id))
        return found[skip : skip + limit]

    async def page(
        self, where: EventFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Event]:
        """The newest first."""
        scope = f"camera events {where!r}"
        return paged(
            self._all(where),
            lambda e: (e.start.isoformat(), e.id),
            scope=scope,
            cursor=cursor,
            limit=limit,
            reverse=True,
        )

    async def describe(self, cameras: Sequence[Camera]) -> None:
        """In place of what was."""
        self._state.write().cameras.update({each.id: each for each in cameras})

    async def described(self) -> Sequence[Camera]:
        """By id."""
        return [self._state.cameras[each] for each in sorted(self._state.cameras)]

    async def site(self, cameras: Sequence[str] | None = None) -> Site:
        """By id."""
        known = dict(self._state.cameras)
        for id_, kind, value in sorted(self._state.facets):
            camera = known.get(id_, Camera(id_))
            name = {"label": "labels", "person": "people", "zone": "zones"}[kind]
            seen = getattr(camera, name)
            more: dict[str, Any] = {name: (*seen, value)}
            known[id_] = camera if value in seen else replace(camera, **more)
        shown = sorted(known if cameras is None else known.keys() & set(cameras))
        there = self._all(EventFilter(None if cameras is None else tuple(shown)))
        return Site(
            tuple(known[each] for each in shown),
            there[0].start if there else None,
            there[-1].start if there else None,
        )


def _values(event: Event, by: By) -> Iterable[str]:
    if by == "zone":
        return event.zones
    value = {"camera": event.camera, "label": event.label, "person": event.sub_label}[by]
    return () if value is None else (value,)


class MemoryConversations:
    """The port `Conversations`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def get(self, conversation_id: str) -> Conversation:
        """Raises NotFound."""
        try:
            return self._state.conversations[conversation_id]
        except KeyError:
            raise NotFound("conversation", conversation_id) from None

    async def keep(self, conversation: Conversation, messages: Sequence[Message]) -> None:
        """Write a conversation and what was said since."""
        known = self._state.write().conversations
        checked(ids=[each.id for each in messages])
        before = known.get(conversation.id)
        if before is not None:
            if before.owner != conversation.owner or before.turns >= conversation.turns:
                raise Conflict(f"conversation {conversation.id} went on, or is not yours")
            conversation = replace(conversation, created_at=before.created_at)
        known[conversation.id] = conversation
        said = self._state.messages
        said[conversation.id] = (*said.get(conversation.id, ()), *messages)

    async def reword(self, message_id: str, text: str) -> None:
        """Put another text in the place of what it says."""
        self._state.write()
        for thread, said in self._state.messages.items():
            if any(each.id == message_id for each in said):
                self._state.messages[thread] = tuple(
                    replace(each, text=text) if each.id == message_id else each for each in said
                )

    async def messages(
        self, conversation_id: str, *, limit: int = 50, skip: int = 0
    ) -> Sequence[Message]:
        """The latest of them."""
        said = self._state.messages.get(conversation_id, ())
        end = len(said) - skip
        return list(said[max(0, end - limit) : max(0, end)])

    async def count(self, conversation_id: str) -> int:
        """How many."""
        return len(self._state.messages.get(conversation_id, ()))

    async def list(
        self, owner: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Conversation]:
        """The latest activity first."""
        known = self._state.conversations.values()
        return paged(
            [each for each in known if owner in {None, each.owner}],
            lambda e: (e.last_activity.isoformat(), e.id),
            scope=f"conversations {owner}",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )

    async def delete(self, conversation_id: str) -> None:
        """With all that was said."""
        if self._state.write().conversations.pop(conversation_id, None) is None:
            raise NotFound("conversation", conversation_id)
        self._state.messages.pop(conversation_id, None)

    async def expire(self, before: datetime) -> int:
        """Whole threads."""
        known = self._state.write().conversations
        old = [each.id for each in known.values() if each.last_activity < before]
        for each in old:
            await self.delete(each)
        return len(old)
