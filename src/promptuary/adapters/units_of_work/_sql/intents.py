"""Prompts that people keep together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping, delete, select

from promptuary.adapters.units_of_work._sql.collections import collection_name
from promptuary.adapters.units_of_work._sql.schema_intents import intent_prompts, intents
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among, same
from promptuary.domain.prompts import collection_id as id_of
from promptuary.domain.templates import Intent

_own = intents.c
_members = intent_prompts.c
_INTENTS = select(intents, collection_name(_own.collection_id))
_OVERWRITTEN = ("family_id", "name", "size", "merged_into", "created_at", "updated_at")


class SqlIntents:
    """The port `Intents`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def of(self, collection_id: str) -> list[Intent]:
        """By `created_at`, then id."""
        here = _INTENTS.where(same(_own.collection_id, collection_id), _own.merged_into.is_(None))
        return [
            _intent(row) for row in await self._db.rows(here.order_by(_own.created_at, _own.id))
        ]

    async def some(self, ids: Sequence[str]) -> Sequence[Intent]:
        """In the order asked."""
        found: dict[str, Intent] = {}
        for some in chunks(list(dict.fromkeys(ids))):
            rows = await self._db.rows(_INTENTS.where(among(_own.id, some)))
            found.update({row["id"]: _intent(row) for row in rows})
        return [found[each] for each in ids if each in found]

    async def save(self, kept: Sequence[Intent]) -> None:
        """Write or overwrite by id."""
        saved = self._db.upsert(intents, "id", "collection_id", *_OVERWRITTEN)
        await self._db.many(saved, [_row(each) for each in kept])

    async def forget(self, ids: Sequence[str]) -> None:
        """Their prompts are of none afterwards."""
        for some in chunks(ids):
            await self._db.run(delete(intents).where(among(_own.id, some)))

    async def hold(self, homes: Mapping[str, str | None]) -> None:
        """What each prompt was of before is forgotten."""
        for some in chunks(list(homes)):
            await self._db.run(delete(intent_prompts).where(among(_members.prompt_id, some)))
        rows = [
            {"prompt_id": prompt, "intent_id": intent}
            for prompt, intent in homes.items()
            if intent is not None
        ]
        await self._db.many(intent_prompts.insert(), rows)

    async def homes(self, prompt_ids: Sequence[str]) -> Mapping[str, str]:
        """Prompts that are of none are left out."""
        found: dict[str, str] = {}
        for some in chunks(list(dict.fromkeys(prompt_ids))):
            wanted = select(intent_prompts).where(among(_members.prompt_id, some))
            found.update(
                {row["prompt_id"]: row["intent_id"] for row in await self._db.rows(wanted)}
            )
        return found


def _row(intent: Intent) -> dict[str, object]:
    return {
        "id": intent.id,
        "collection_id": id_of(intent.collection),
        "family_id": intent.family_id,
        "name": intent.name,
        "size": intent.size,
        "merged_into": intent.merged_into,
        "created_at": intent.created_at,
        "updated_at": intent.updated_at,
    }


def _intent(row: RowMapping) -> Intent:
    return Intent(
        id=row["id"],
        collection=row["collection"],
        family_id=row["family_id"],
        name=row["name"],
        size=row["size"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        merged_into=row["merged_into"],
    )
