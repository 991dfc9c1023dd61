"""What the fake record database holds, and how it pages through it."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

from promptuary.domain.conversations import Conversation, Message
from promptuary.domain.corrections import Correction
from promptuary.domain.documents import Document, Original, Passage, Source
from promptuary.domain.errors import InvalidInput, Unsupported
from promptuary.domain.events import Camera, Event
from promptuary.domain.insights import Insight
from promptuary.domain.jobs import Job, Lease
from promptuary.domain.judgements import AnswerRating, CollectionCalibration
from promptuary.domain.keys import ApiKey
from promptuary.domain.library import (
    AuditEntry,
    Carried,
    Label,
    LibraryPrompt,
    PromptVersion,
    Rating,
    SearchMiss,
)
from promptuary.domain.moves import Move
from promptuary.domain.namings import Naming
from promptuary.domain.pages import Page
from promptuary.domain.prompts import Collection, Occurrence, Prompt
from promptuary.domain.reviews import Review
from promptuary.domain.templates import (
    EvolutionEvent,
    Family,
    Intent,
    Lineage,
    Placement,
    Template,
)
from promptuary.domain.watching import Feedback, Mute, Prediction, Pulse, Watched
from promptuary.ports._ledgers import StoredReply
from promptuary.ports._outbox import OutboxRow

T = TypeVar("T")
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Deferred:
    """A job with what its queue alone knows."""

    job: Job
    position: int
    dedupe: str | None
    lane: str
    turn: int
    due_at: datetime
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """An original, whose it is, and until when it may be nobody's."""

    original: Original
    until: datetime
    source_id: str | None = None


class State:
    """Everything, in dictionaries of immutable values; a copy shares the values only."""

    def __init__(self) -> None:
        self.writable = True
        self.position = 0
        self.collections: dict[str, Collection] = {}
        self.prompts: dict[str, Prompt] = {}
        self.occurrences: dict[tuple[str, str], Occurrence] = {}
        self.lineages: dict[str, Lineage] = {}
        self.templates: dict[str, Template] = {}
        self.placements: dict[str, Placement] = {}
        self.families: dict[str, Family] = {}
        self.intents: dict[str, Intent] = {}
        self.intent_of: dict[str, str] = {}
        self.events: dict[str, EvolutionEvent] = {}
        self.looked_through: dict[str, int] = {}
        self.sources: dict[str, Source] = {}
        self.documents: dict[str, tuple[Document, str]] = {}
        self.passages: dict[str, Passage] = {}
        self.originals: dict[str, Noted] = {}
        self.corrections: dict[str, Correction] = {}
        self.reviews: dict[str, Review] = {}
        self.namings: dict[str, Naming] = {}
        self.calibrations: dict[str, CollectionCalibration] = {}
        self.ratings: dict[str, AnswerRating] = {}
        self.library: dict[str, LibraryPrompt] = {}
        self.library_versions: dict[tuple[str, str], PromptVersion] = {}
        self.library_labels: dict[tuple[str, str], Label] = {}
        self.library_branches: dict[tuple[str, str], str] = {}
        self.library_ratings: dict[int, tuple[str, Rating]] = {}
        self.library_usage: dict[tuple[str, str, str, str], int] = {}
        self.library_carried: dict[tuple[str, str], Carried] = {}
        self.library_audit: dict[int, tuple[str, AuditEntry]] = {}
        self.library_misses: dict[tuple[str, str], SearchMiss] = {}
        self.cameras: dict[str, Camera] = {}
        self.seen: dict[str, Event | None] = {}
        self.facets: dict[tuple[str, str, str], None] = {}
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, tuple[Message, ...]] = {}
        self.watched: Watched | None = None
        self.insights: dict[str, Insight] = {}
        self.mutes: dict[str, Mute] = {}
        self.feedback: dict[str, Feedback] = {}
        self.predictions: dict[str, Prediction] = {}
        self.pulses: dict[tuple[str, float], Pulse] = {}
        self.moves: dict[str, Move] = {}
        self.outbox: dict[int, OutboxRow] = {}
        self.jobs: dict[str, Deferred] = {}
        self.leases: dict[str, tuple[Lease, datetime | None]] = {}
        self.replies: dict[str, StoredReply] = {}
        self.keys: dict[str, ApiKey] = {}

    def copied(self, *, writable: bool = True) -> State:
        """A state of its own with the same content."""
        other = State()
        for name, value in vars(self).items():
            setattr(other, name, copy(value))
        other.writable = writable
        return other

    def write(self) -> State:
        """The state, for writing; raises Unsupported in a transaction that only reads."""
        if not self.writable:
            raise Unsupported("this transaction only reads")
        return self

    def next_position(self) -> int:
        """A number that no row had before."""
        self.write().position += 1
        return self.position

    def collection(self, collection_id: str) -> Collection | None:
        """The collection of that id."""
        return next((c for c in self.collections.values() if c.id == collection_id), None)


def checked(
    *, ids: Iterable[str | None] = (), times: Iterable[datetime | None] = (), name: str = ""
) -> None:
    """Raise InvalidInput for what no record takes."""
    for id_ in ids:
        if id_ is not None and not _UUID.fullmatch(id_):
            raise InvalidInput(f"an id must be a UUID, not {id_!r}")
    for time in times:
        if time is not None and time.tzinfo is None:
            raise InvalidInput(f"a time needs its zone: {time}")
    if len(name) > 255:
        raise InvalidInput(f"at most 255 characters: {name[:40]!r}")


def paged(
    items: Iterable[T],
    key: Callable[[T], tuple[Any, ...]],
    *,
    scope: str,
    cursor: str | None,
    limit: int,
    offset: int = 0,
    reverse: bool = False,
) -> Page[T]:
    """The page after the cursor, in the order of the keys."""
    if limit < 1 or offset < 0:
        raise InvalidInput("a page holds at least one item", fields={"limit": "at least 1"})
    ordered = sorted(items, key=key, reverse=reverse)
    rest = ordered
    if cursor is not None:
        last = _read(scope, cursor)
        rest = [item for item in ordered if (key(item) < last if reverse else key(item) > last)]
    kept = rest[offset : offset + limit]
    more = len(rest) > offset + limit
    return Page(tuple(kept), _written(scope, key(kept[-1])) if more else None, len(ordered))


def _written(scope: str, keys: Sequence[Any]) -> str:
    body = json.dumps(keys).encode()
    return urlsafe_b64encode(_digest(scope, body) + body).decode().rstrip("=")


def _read(scope: str, cursor: str) -> tuple[Any, ...]:
    try:
        raw = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    if not raw or _digest(scope, raw[8:]) != raw[:8]:
        raise InvalidInput("not a cursor of this listing", fields={"cursor": "not of this listing"})
    return tuple(json.loads(raw[8:]))


def _digest(scope: str, body: bytes) -> bytes:
    return sha256(scope.encode() + b"\0" + body).digest()[:8]
