"""Prompts: distinct texts and their occurrences."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any, Literal

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    column,
    func,
    literal,
    select,
    true,
    update,
)

from promptuary.adapters.units_of_work._sql.collections import collection_name
from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.saving import Saving
from promptuary.adapters.units_of_work._sql.schema import (
    collections,
    family_prompt_mappings,
    occurrences,
    prompts,
)
from promptuary.adapters.units_of_work._sql.schema_intents import intent_prompts
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import Words, among, same
from promptuary.domain.errors import NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import (
    ModerationStatus,
    NewPrompt,
    Occurrence,
    Prompt,
    Saved,
    Verdict,
)

_members = family_prompt_mappings.c
NEWEST = Order((prompts.c.collection_id, prompts.c.seq), (True, True))
SHOWN = (
    prompts.c.id,
    prompts.c.collection_id,
    collection_name(prompts.c.collection_id),
    prompts.c.seq,
    prompts.c.content,
    prompts.c.moderation_status,
    prompts.c.verdict,
    prompts.c.count,
    prompts.c.created_at,
    prompts.c.updated_at,
    prompts.c.source,
    prompts.c.metadata,
    select(_members.family_id)
    .where(_members.prompt_id == prompts.c.id)
    .scalar_subquery()
    .label("family_id"),
)
_STREAMED = 5000
"""Occurrences fetched at a time."""


class SqlPrompts:
    """The port `Prompts`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(self, collection_id: str, prompts: Sequence[NewPrompt]) -> list[Saved]:
        """One answer per prompt, in order; seqs without gaps. Raises NotFound, Conflict."""
        held = select(collections).where(same(collections.c.id, collection_id)).with_for_update()
        row = await self._db.row(held)
        if row is None:
            raise NotFound("collection", collection_id)
        saving = Saving(collection_id, row["last_seq"], row["arrivals"], row["rejected"])
        await self._recall(saving, collection_id, prompts)
        answers = [saving.take(prompt) for prompt in prompts]
        if saving.changed:
            await self._store(saving, collection_id)
        return answers

    async def _recall(self, saving: Saving, collection_id: str, given: Sequence[NewPrompt]) -> None:
        keys = list(dict.fromkeys(prompt.key for prompt in given))
        ids = list(dict.fromkeys(prompt.id for prompt in given))
        owners = _owners_by_lookup if self._db.postgresql else _owners
        for some in chunks(keys):
            rows = await self._db.rows(owners(collection_id, some))
            saving.owners.update({row["key"]: row["prompt_id"] for row in rows})
        for some in chunks(ids):
            found = await self._db.rows(select(prompts.c.id).where(among(prompts.c.id, some)))
            saving.known.update(row["id"] for row in found)

    async def _store(self, saving: Saving, collection_id: str) -> None:
        await self._db.many(prompts.insert(), list(saving.fresh.values()))
        await self._db.many(_SEEN_AGAIN, saving.seen_again())
        await self._db.many(occurrences.insert(), saving.arrived)
        counted = update(collections).where(collections.c.id == collection_id)
        await self._db.run(
            counted.values(
                last_seq=saving.last_seq, arrivals=saving.arrivals, rejected=saving.rejected
            )
        )

    async def get(self, ids: Sequence[str]) -> list[Prompt]:
        """The prompts that exist, in the order asked."""
        found: dict[str, Prompt] = {}
        for some in chunks(list(dict.fromkeys(ids))):
            rows = await self._db.rows(select(*SHOWN).where(among(prompts.c.id, some)))
            found.update({row["id"]: prompt_of(row) for row in rows})
        return [found[each] for each in ids if each in found]

    async def after(
        self, collection_id: str, seq: int, *, limit: int, until: int | None = None
    ) -> list[Prompt]:
        """Prompts with seq above `seq` and up to `until`, ascending."""
        wanted = select(*SHOWN).where(
            same(prompts.c.collection_id, collection_id), prompts.c.seq > seq
        )
        if until is not None:
            wanted = wanted.where(prompts.c.seq <= until)
        rows = await self._db.rows(wanted.order_by(prompts.c.seq).limit(limit))
        return [prompt_of(row) for row in rows]

    async def alone(self, collection_id: str, *, until: int, limit: int) -> list[Prompt]:
        """The newest `limit` safe prompts with seq up to `until` without placement, by seq."""
        wanted = select(*SHOWN).where(
            same(prompts.c.collection_id, collection_id),
            prompts.c.seq <= until,
            prompts.c.cluster_id.is_(None),
            has("safe"),
        )
        rows = await self._db.rows(wanted.order_by(prompts.c.seq.desc()).limit(limit))
        return [prompt_of(row) for row in reversed(rows)]

    async def under(self, lineage_ids: Sequence[str], *, until: int) -> list[Prompt]:
        """The prompts of these lineages with seq up to `until`, by seq."""
        found: list[Prompt] = []
        for some in chunks(list(dict.fromkeys(lineage_ids))):
            wanted = select(*SHOWN).where(among(prompts.c.cluster_id, some))
            rows = await self._db.rows(wanted.where(prompts.c.seq <= until))
            found += [prompt_of(row) for row in rows]
        return sorted(found, key=lambda prompt: (prompt.seq, prompt.id))

    async def tally(self, collection_id: str, *, after: int) -> tuple[int, int]:
        """Of the safe prompts with seq above `after`: how many are placed, how many are not."""
        beyond = (same(prompts.c.collection_id, collection_id), prompts.c.seq > after)
        counted = select(func.count()).select_from(prompts).where(*beyond)
        # Each is a range of one index, however many prompts there are.
        total = await self._db.number(counted)
        rejected = await self._db.number(counted.where(has("rejected")))
        alone = counted.where(prompts.c.cluster_id.is_(None), has("safe"))
        left = await self._db.number(alone)
        return total - rejected - left, left

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
        """Newest (highest seq) first within a collection."""
        wanted: list[ColumnElement[bool]] = []
        if collection_id is not None:
            wanted.append(same(prompts.c.collection_id, collection_id))
        if status is not None:
            wanted.append(has(status))
        if lineage_id is not None:
            wanted.append(same(prompts.c.cluster_id, lineage_id))
        if family_id is not None:
            own = select(_members.prompt_id).where(same(_members.family_id, family_id))
            wanted.append(prompts.c.id.in_(own))
        if intent_id is not None:
            its = select(intent_prompts.c.prompt_id)
            wanted.append(prompts.c.id.in_(its.where(same(intent_prompts.c.intent_id, intent_id))))
        name = f"prompts {collection_id} {status} {lineage_id} {family_id}"
        name += f" {intent_id}" if intent_id else ""
        listing = Listing(name, NEWEST, cursor, limit)
        counted: Select[Any] = select(func.count()).select_from(prompts).where(*wanted)
        everything = lineage_id is None and family_id is None and intent_id is None
        if everything and status != "masked":
            counted = _kept_count(collection_id, status)
        return await listing.page(self._db, select(*SHOWN).where(*wanted), counted, prompt_of)

    async def occurrences(self, collection_id: str) -> AsyncIterator[Occurrence]:
        """All occurrences in order of arrival, streamed."""
        here = same(occurrences.c.collection_id, collection_id)
        seen = 0
        while True:
            wanted = select(occurrences).where(here, occurrences.c.position > seen)
            rows = await self._db.rows(wanted.order_by(occurrences.c.position).limit(_STREAMED))
            for row in rows:
                yield Occurrence(row["key"], row["prompt_id"], row["created_at"])
            if len(rows) < _STREAMED:
                return
            seen = rows[-1]["position"]


_LATER = bindparam("latest", type_=prompts.c.updated_at.type)
_SEEN_AGAIN = (
    update(prompts)
    .where(prompts.c.id == bindparam("prompt"))
    .values(
        count=prompts.c.count + bindparam("more"),
        updated_at=case((prompts.c.updated_at < _LATER, _LATER), else_=prompts.c.updated_at),
    )
)


def _owners(collection_id: str, keys: Sequence[str]) -> Select[Any]:
    known = select(occurrences.c.key, occurrences.c.prompt_id)
    return known.where(occurrences.c.collection_id == collection_id, occurrences.c.key.in_(keys))


def _owners_by_lookup(collection_id: str, keys: Sequence[str]) -> Select[Any]:
    """The same, one look-up a key: before PostgreSQL has statistics it takes a collection for small
    and would compare every occurrence in it with every key."""
    given = bindparam("keys", list(keys), ARRAY(Words()))
    asked = func.unnest(given).table_valued(column("key", Words())).render_derived(name="asked")
    known = (
        select(occurrences.c.prompt_id)
        .where(occurrences.c.collection_id == collection_id, occurrences.c.key == asked.c.key)
        .limit(1)
        .lateral("known")
    )
    return select(asked.c.key, known.c.prompt_id).select_from(asked.join(known, true()))


def has(status: ModerationStatus) -> ColumnElement[bool]:
    """Prompts of that status. One that was masked is safe in its column, and says so in its
    verdict: whatever holds of safe prompts holds of it."""
    if status == "masked":
        return and_(has("safe"), prompts.c.verdict["masked"].as_string().is_not(None))
    # Written into the statement: a partial index serves only a condition it can see.
    return prompts.c.moderation_status == literal(status, literal_execute=True)


def _kept_count(
    collection_id: str | None, status: Literal["safe", "rejected"] | None
) -> Select[Any]:
    """Nothing is ever deleted, so the collections' own counters say how many there are."""
    kept = {
        None: collections.c.last_seq,
        "safe": collections.c.last_seq - collections.c.rejected,
        "rejected": collections.c.rejected,
    }
    total: Select[Any] = select(func.sum(kept[status]))
    return total if collection_id is None else total.where(same(collections.c.id, collection_id))


def prompt_of(row: RowMapping) -> Prompt:
    """From a row of `SHOWN`."""
    verdict = _verdict(row["verdict"])
    aside = row["moderation_status"] == "rejected"  # else somebody may have released it
    return Prompt(
        id=row["id"],
        collection=row["collection"],
        seq=row["seq"],
        text=row["content"],
        status=verdict.status if aside else replace(verdict, allowed=True).status,
        verdict=verdict,
        count=row["count"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        source=row["source"],
        metadata=row["metadata"],
        family_id=row["family_id"],
    )


def _verdict(stored: dict[str, Any]) -> Verdict:
    allowed = stored.get("allowed", True)
    return Verdict(
        allowed,
        stored.get("scores", {}),
        stored.get("reason"),
        masked=stored.get("masked", {}),
        unasked=tuple(stored.get("unasked", ())),
    )
