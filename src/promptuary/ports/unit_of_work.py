"""The record: the truth, written in transactions together with its outbox and jobs.

What holds for every part: ids of things are UUIDs in lower case with hyphens (an API key's id is
its own). Writing another raises InvalidInput, asking for another finds nothing. Times carry a zone
and come back in UTC. Any Python text comes back as it was, NUL, lone surrogates and a megabyte
included; names hold at most 255 characters. Values that JSON lacks (NaN, infinities) raise
InvalidInput. Within a transaction the order of writes does not matter: whatever points at
something that is not there when it commits raises Conflict. Each listing pages by the keys of its
last row: `cursor` is the `next_cursor` of the page before, pages neither repeat nor skip what was
there while others write, and a cursor that was changed or belongs to another listing raises
InvalidInput, as does a `limit` below 1.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol

from promptuary.domain.pages import Page
from promptuary.domain.prompts import (
    Collection,
    ModerationStatus,
    NewPrompt,
    Occurrence,
    Prompt,
    Saved,
)
from promptuary.domain.templates import EvolutionEvent, Family, Lineage, Placement, Template
from promptuary.ports._conversations import Conversations, Events
from promptuary.ports._corrections import Corrections
from promptuary.ports._documents import Documents
from promptuary.ports._evolution import Evolution
from promptuary.ports._intents import Intents
from promptuary.ports._judgements import Judgements
from promptuary.ports._leases import Leases
from promptuary.ports._ledgers import ApiKeys, Replies
from promptuary.ports._library import Library
from promptuary.ports._moves import Moves
from promptuary.ports._namings import Namings
from promptuary.ports._noticing import Noticed
from promptuary.ports._originals import Originals
from promptuary.ports._outbox import Outbox
from promptuary.ports._outbox import OutboxKind as OutboxKind  # noqa: PLC0414  # known from here
from promptuary.ports._outbox import OutboxRow as OutboxRow  # noqa: PLC0414  # known from here
from promptuary.ports._reviews import Reviews
from promptuary.ports.job_queue import JobQueue


class Collections(Protocol):
    """Sets of prompts that are mined together."""

    async def ensure(self, name: str) -> Collection:
        """The collection of that name, made if there was none. Its id is `collection_id(name)`."""
        ...

    async def get(self, name: str) -> Collection:
        """Raises NotFound."""
        ...

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[Collection]:
        """By name."""
        ...

    async def mark_placed(self, collection_id: str, seq: int, *, expected: int) -> None:
        """Move `placed_seq` from `expected` to `seq`; raises Conflict when it stands elsewhere,
        NotFound when there is no such collection."""
        ...


class Prompts(Protocol):
    """Distinct texts and their occurrences."""

    async def add(self, collection_id: str, prompts: Sequence[NewPrompt]) -> list[Saved]:
        """One answer per prompt, in order. A new text gets the collection's next seq; a new
        occurrence key raises the text's count; a known key changes nothing.

        A prompt keeps the source, metadata and `created_at` of its first occurrence; `updated_at`
        is the latest `created_at` of all of them. Raises Conflict when a key is known with another
        text, NotFound for an unknown collection; then nothing of the call is written. Writers of
        one collection take turns until commit, so seqs have no gaps and become visible in order.
        """
        ...

    async def get(self, ids: Sequence[str]) -> list[Prompt]:
        """The prompts that exist, in the order asked; one asked twice comes twice."""
        ...

    async def after(
        self, collection_id: str, seq: int, *, limit: int, until: int | None = None
    ) -> list[Prompt]:
        """Prompts (rejected ones too) with seq above `seq` and up to `until`, ascending."""
        ...

    async def alone(self, collection_id: str, *, until: int, limit: int) -> list[Prompt]:
        """The newest `limit` safe prompts with seq up to `until` that have no placement, by seq."""
        ...

    async def under(self, lineage_ids: Sequence[str], *, until: int) -> Sequence[Prompt]:
        """The prompts with seq up to `until` that are placed under one of these lineages, by seq,
        then id."""
        ...

    async def tally(self, collection_id: str, *, after: int) -> tuple[int, int]:
        """Of the safe prompts with seq above `after`: how many are placed, how many are not."""
        ...

    async def list(
        self,
        collection_id: str | None = None,
        *,
        status: ModerationStatus | None = None,
        lineage_id: str | None = None,
        family_id: str | None = None,
        intent_id: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Prompt]:
        """Newest (highest seq) first within a collection; collections in an order of their own.

        Masked prompts are among the safe ones. `family_id` asks for prompts that belong to the
        family by themselves, `intent_id` for those of an intent.
        """
        ...

    def occurrences(self, collection_id: str) -> AsyncIterator[Occurrence]:
        """All occurrences in order of arrival, streamed."""
        ...


class Templates(Protocol):
    """Lineages, their versions, and the placements that point at them."""

    async def lineages(self, collection_id: str) -> list[Lineage]:
        """Every living lineage (not merged away) of a collection, by `first_seq`, then id."""
        ...

    async def lineage(self, lineage_id: str) -> Lineage:
        """Raises NotFound. A merged lineage is returned as it stands, with `merged_into`."""
        ...

    async def some(self, lineage_ids: Sequence[str]) -> Sequence[Lineage]:
        """The lineages that exist, merged ones too, in the order asked."""
        ...

    async def leading_texts(
        self, family_ids: Sequence[str], *, limit: int
    ) -> Mapping[str, Sequence[str]]:
        """The current texts of each family's `limit` largest living lineages, in the order of
        `list`; a family without any is left out."""
        ...

    async def save_lineages(self, lineages: Sequence[Lineage]) -> None:
        """Write or overwrite by id, with its current template as a version (see `publish`)."""
        ...

    async def publish(self, templates: Sequence[Template]) -> None:
        """Add versions; an id that exists is left as it is (versions never change).

        Raises InvalidInput for a version that is not numbers with dots between.
        """
        ...

    async def get(self, template_id: str) -> Template:
        """Any version. Raises NotFound."""
        ...

    async def history(self, lineage_id: str) -> list[Template]:
        """All versions, ascending by number (1.10.0 after 1.9.0). Raises NotFound for an unknown
        lineage."""
        ...

    async def list(
        self,
        collection_id: str | None = None,
        *,
        family_id: str | None = None,
        sort: Literal["size", "created"] = "size",
        cursor: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Lineage]:
        """Living lineages, largest (or newest) first; ties by id. `offset` skips so many more."""
        ...

    async def place(self, placements: Sequence[Placement]) -> None:
        """Write or overwrite a prompt's placement (one a prompt)."""
        ...

    async def displace(self, prompt_ids: Sequence[str]) -> None:
        """Remove their placements: they stand alone again. Unknown ones are ignored."""
        ...

    async def placements(self, prompt_ids: Sequence[str]) -> Sequence[Placement]:
        """The placements that exist, in the order asked."""
        ...

    async def tally(self) -> tuple[int, int, int]:
        """Over all collections: living lineages, lineages ever founded, versions ever published."""
        ...

    async def homes(self, prompt_ids: Sequence[str]) -> Mapping[str, str]:
        """The lineage that each of these prompts is placed under; others are left out."""
        ...

    async def placed_count(self, template_id: str) -> int:
        """How many distinct prompts stand under that version."""
        ...

    async def record_events(self, events: Sequence[EvolutionEvent]) -> None:
        """Append; an event id that exists is left as it is."""
        ...

    async def events(self, lineage_id: str) -> Sequence[EvolutionEvent]:
        """What happened to a lineage, oldest first; of one time, in the order recorded."""
        ...


class Families(Protocol):
    """Groups of lineages, and of prompts that belong by themselves."""

    async def some(self, ids: Sequence[str]) -> Sequence[Family]:
        """The families that exist, in the order asked."""
        ...

    async def save(self, families: Sequence[Family]) -> None:
        """Write or overwrite by id. Which lineages belong stands in the lineages."""
        ...

    async def remove(self, ids: Sequence[str]) -> None:
        """Forget families; lineages, prompts and families that still name one of them name none
        afterwards. Unknown ones are ignored."""
        ...

    async def adopt(self, homes: Mapping[str, str | None]) -> None:
        """Say to which family each of these prompts, by id, belongs by itself; None for none."""
        ...

    async def homes(self, prompt_ids: Sequence[str]) -> Mapping[str, str]:
        """The family of each of these prompts that belongs to one by itself."""
        ...

    async def get(self, family_id: str) -> Family:
        """Raises NotFound."""
        ...

    async def list(
        self,
        collection_id: str | None = None,
        *,
        sort: Literal["size", "created", "name"] = "size",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Family]:
        """Largest (newest) first, or by name in order of code points; ties by id."""
        ...


class Transaction(Protocol):
    """Everything done through one transaction becomes visible at once, or not at all.

    It sees its own writes. It belongs to the task that began it, and is used by one at a time.
    """

    @property
    def collections(self) -> Collections:
        """Sets of prompts."""

    @property
    def prompts(self) -> Prompts:
        """Texts and occurrences."""

    @property
    def templates(self) -> Templates:
        """Lineages, versions, placements."""

    @property
    def families(self) -> Families:
        """Groups of lineages."""

    @property
    def intents(self) -> Intents:
        """Prompts that people keep together."""

    @property
    def corrections(self) -> Corrections:
        """What people corrected."""

    @property
    def reviews(self) -> Reviews:
        """What people decided about refused prompts."""

    @property
    def namings(self) -> Namings:
        """What models called things."""

    @property
    def evolution(self) -> Evolution:
        """What happened to templates."""

    @property
    def documents(self) -> Documents:
        """Sources, documents, passages."""

    @property
    def originals(self) -> Originals:
        """Which blob is the original of which source."""

    @property
    def judgements(self) -> Judgements:
        """Calibrations, ratings of answers."""

    @property
    def seen(self) -> Events:
        """What cameras saw."""

    @property
    def conversations(self) -> Conversations:
        """Questions and answers about it."""

    @property
    def noticed(self) -> Noticed:
        """Insights and what people make of them."""

    @property
    def library(self) -> Library:
        """Kept prompts."""

    @property
    def moves(self) -> Moves:
        """Moves between stores."""

    @property
    def outbox(self) -> Outbox:
        """What changed."""

    @property
    def jobs(self) -> JobQueue:
        """Deferred work, in this transaction."""

    @property
    def leases(self) -> Leases:
        """What one may do at a time."""

    @property
    def replies(self) -> Replies:
        """Answers under idempotency keys."""

    @property
    def keys(self) -> ApiKeys:
        """API keys."""


class UnitOfWork(Protocol):
    """A record database, for the tasks of one event loop; many may begin and read at once."""

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that writes: commits durably on a clean exit, rolls back on any exception
        and when its task is cancelled.

        A commit that was acknowledged survives a kill of this process. Where the database takes one
        writer at a time, writers wait for each other. Raises Unavailable (database away), Busy
        (locked for too long, or two transactions waited for each other) or StorageFull, and at the
        end Conflict when something points at what is not there. A Conflict, NotFound or LeaseLost
        inside leaves the transaction usable.
        """
        ...

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction for reading only: a consistent snapshot that holds nobody up, and that
        nobody holds up. Writing in it raises Unsupported."""
        ...

    async def ping(self) -> None:
        """Raises Unavailable when the database does not answer."""
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
