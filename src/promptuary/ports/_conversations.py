"""The part of the record that holds events and conversations; what `ports/unit_of_work.py` says
holds here too, but for ids: an event and a camera bring their own, of at most 255 characters, and
so does a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeAlias

from promptuary.domain.conversations import Conversation, Message
from promptuary.domain.events import Camera, Event, EventFilter, Intake, Site
from promptuary.domain.pages import Page

By: TypeAlias = Literal["camera", "label", "person", "zone"]
EventOrder: TypeAlias = Literal["first", "last", "longest", "shortest"]
Moment: TypeAlias = tuple[str, datetime]
"""A camera, and when."""
QUARTER = 900
"""Seconds in a quarter of an hour: every time zone is so many of them from UTC."""


class Events(Protocol):
    """What cameras saw. Every question is answered from all events, never from the best few."""

    async def add(self, events: Sequence[Event]) -> Intake:
        """Write events. One that is known is brought up to date as `domain.events.updated` says,
        so the same again, and an earlier message that comes late, change nothing; one that was
        deleted stays so. Times are kept to the microsecond."""
        ...

    async def remove(self, ids: Sequence[str]) -> int:
        """Delete events with all they say, and remember only their ids; how many there were.
        Unknown ones are ignored."""
        ...

    async def get(self, ids: Sequence[str]) -> list[Event]:
        """The events that exist, in the order asked; one asked twice comes twice."""
        ...

    async def exists(self, where: EventFilter) -> bool:
        """Whether there is any, which is known sooner than how many."""
        ...

    async def count(self, where: EventFilter) -> int:
        """How many there are."""
        ...

    async def count_by(self, where: EventFilter, by: By) -> Mapping[str, int]:
        """How many for each; what has none is left out, and so is what lacks such a value. An
        event in several zones counts for each."""
        ...

    async def quarters(self, where: EventFilter) -> Mapping[int, int]:
        """How many began in each quarter of an hour, by its first second since 1970 in UTC."""
        ...

    async def crowd(self, where: EventFilter) -> tuple[int, datetime] | None:
        """The most that went on at one moment, and the first such moment; None where there are
        none. An event goes on until just before its end; without one, only when it begins."""
        ...

    async def find(
        self, where: EventFilter, *, order: EventOrder = "first", limit: int = 50, skip: int = 0
    ) -> list[Event]:
        """Events in that order, ties by id. `longest` and `shortest` leave out what has no end."""
        ...

    async def frequencies(
        self, words: Sequence[str], where: EventFilter, *, most: int
    ) -> Mapping[str, int]:
        """In how many descriptions each word, or a form of it, stands; counted up to `most`."""
        ...

    async def search(
        self, words: Sequence[str], where: EventFilter, *, limit: int = 50
    ) -> list[Event]:
        """Events whose description holds any of the words (runs of letters and digits, folded) or
        an English form of one; roughly the best first, those that hold more words before others
        that are as long. No words find nothing."""
        ...

    async def beside(
        self, moments: Sequence[Moment], apart: timedelta, *, limit: int = 1_000
    ) -> list[Event]:
        """What the camera of any of these moments saw begin at most so long before or after it,
        each event once; the first so many, by when they began, ties by id."""
        ...

    async def page(
        self, where: EventFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Event]:
        """The newest first."""
        ...

    async def describe(self, cameras: Sequence[Camera]) -> None:
        """Write what is known of cameras, in place of what was; events add to it what they show."""
        ...

    async def described(self) -> Sequence[Camera]:
        """What was written of cameras, by id, without what events show of them."""
        ...

    async def site(self, cameras: Sequence[str] | None = None) -> Site:
        """The cameras (of these ids; None: all), by id, each with what it was said to see, and
        then what it saw, in order of the alphabet; and when their first and last event began."""
        ...


class Conversations(Protocol):
    """Threads of questions and answers, each with one owner."""

    async def get(self, conversation_id: str) -> Conversation:
        """Raises NotFound."""
        ...

    async def keep(self, conversation: Conversation, messages: Sequence[Message]) -> None:
        """Write a conversation and what was said since; writers of one take turns until commit.
        Raises Conflict when it belongs to somebody else, or when it has had as many turns or more
        already."""
        ...

    async def reword(self, message_id: str, text: str) -> None:
        """Put another text in the place of what a message says; one that is gone stays so."""
        ...

    async def messages(
        self, conversation_id: str, *, limit: int = 50, skip: int = 0
    ) -> Sequence[Message]:
        """The latest of them, oldest first; `skip` leaves out so many of the latest."""
        ...

    async def count(self, conversation_id: str) -> int:
        """How many messages it has."""
        ...

    async def list(
        self, owner: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Conversation]:
        """Those of an owner (None: all), the latest activity first."""
        ...

    async def delete(self, conversation_id: str) -> None:
        """With all that was said. Raises NotFound."""
        ...

    async def expire(self, before: datetime) -> int:
        """Delete whole conversations without activity since then; how many."""
        ...

    async def forget(self, before: datetime) -> int:
        """Delete what was said before then, also in conversations that go on; how many messages.
        What is said later comes after what was said earlier as ever."""
        ...
