"""The fake record's events and conversations: the reference that SQL is tested against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from promptuary.domain.conversations import Conversation, Message
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.events import Camera, Event, EventFilter, Intake, Site, searchable, updated
from promptuary.domain.pages import Page
from promptuary.ports._conversations import QUARTER, By, EventOrder, Moment
from promptuary.retrieval.stems import stem
from promptuary.testing.fakes.record_state import State, checked, paged

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


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

    async def exists(self, where: EventFilter) -> bool:
        """Whether there is any."""
        return bool(self._all(where))

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

    async def crowd(self, where: EventFilter) -> tuple[int, datetime] | None:
        """By looking at each beginning."""
        spans = [(e.start, max(e.end or e.start, e.start + _MICRO)) for e in self._all(where)]
        going = {at: sum(start <= at < end for start, end in spans) for at, _ in spans}
        most = max(going.values(), default=0)
        return next(((most, at) for at in sorted(going) if going[at] == most), None)

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

    async def frequencies(
        self, words: Sequence[str], where: EventFilter, *, most: int
    ) -> Mapping[str, int]:
        """By stems."""
        said = [_stems(each) for each in self._all(where)]
        return {word: min(most, sum(stem(word) in each for each in said)) for word in words}

    async def search(
        self, words: Sequence[str], where: EventFilter, *, limit: int = 50
    ) -> list[Event]:
        """By stems, the most of them first."""
        asked = {stem(word) for word in words}
        held = [(len(asked & _stems(each)), each) for each in self._all(where)]
        best = sorted((e for e in held if e[0]), key=lambda e: (-e[0], e[1].id))
        return [each for _, each in best[:limit]]

    async def beside(
        self, moments: Sequence[Moment], apart: timedelta, *, limit: int = 1_000
    ) -> list[Event]:
        """By looking at all."""
        checked(times=[at for _, at in moments])
        near = (
            each
            for each in self._all(EventFilter())
            if any(each.camera == c and abs(each.start - at) <= apart for c, at in moments)
        )
        return list(near)[:limit]

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


def _stems(event: Event) -> set[str]:
    return {stem(word) for word in searchable(event.description).split()}


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

    async def forget(self, before: datetime) -> int:
        """What was said before."""
        self._state.write()
        gone = 0
        for thread, said in self._state.messages.items():
            kept = tuple(each for each in said if each.at >= before)
            gone += len(said) - len(kept)
            self._state.messages[thread] = kept
        return gone
