"""What people decided about refused prompts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping, func, select, update

from promptuary.adapters.units_of_work._sql.collections import collection_name
from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.prompts import NEWEST, SHOWN, has, prompt_of
from promptuary.adapters.units_of_work._sql.schema import collections, prompts
from promptuary.adapters.units_of_work._sql.schema_reviews import reviews
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among, same
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import Prompt
from promptuary.domain.reviews import Review

_own = reviews.c
_LAST_FIRST = Order((_own.position,), (True,))


class SqlReviews:
    """The port `Reviews`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def decide(self, review: Review) -> None:
        """A decision, and with a release the prompt's status. Raises NotFound, Conflict."""
        asked = same(prompts.c.id, review.prompt_id)
        name = collection_name(prompts.c.collection_id).label("home")
        held = select(prompts.c.moderation_status, prompts.c.collection_id, name).where(asked)
        row = await self._db.row(held.with_for_update(of=prompts))
        if row is None or row["home"] != review.collection:
            raise NotFound("prompt", review.prompt_id)
        if row["moderation_status"] != "rejected":
            raise Conflict("that prompt is not kept aside: there is nothing to decide")
        insert = self._db.insert_missing(reviews).values(
            id=review.id,
            collection=review.collection,
            prompt_id=review.prompt_id,
            decision=review.decision,
            made_by=review.by,
            reason=review.reason,
            verdict=review.verdict,
            created_at=review.created_at,
        )
        if not (await self._db.run(insert)).rowcount:
            raise Conflict(f"a review with the id {review.id!r} exists")
        if review.decision == "release":
            await self._db.run(update(prompts).where(asked).values(moderation_status="safe"))
            fewer = update(collections).where(collections.c.id == row["collection_id"])
            await self._db.run(fewer.values(rejected=collections.c.rejected - 1))

    async def released(self, prompt_ids: Sequence[str]) -> set[str]:
        """Those of them that somebody released."""
        found: set[str] = set()
        for some in chunks(list(dict.fromkeys(prompt_ids))):
            wanted = select(_own.prompt_id).where(among(_own.prompt_id, some))
            rows = await self._db.rows(wanted.where(_own.decision == "release"))
            found.update(row["prompt_id"] for row in rows)
        return found

    async def open(
        self, collection_id: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Prompt]:
        """Newest first within a collection."""
        decided = select(_own.prompt_id).where(_own.prompt_id == prompts.c.id).exists()
        wanted = [has("rejected"), ~decided]
        if collection_id is not None:
            wanted.append(same(prompts.c.collection_id, collection_id))
        listing = Listing(f"open reviews {collection_id}", NEWEST, cursor, limit)
        total = select(func.count()).select_from(prompts).where(*wanted)
        return await listing.page(self._db, select(*SHOWN).where(*wanted), total, prompt_of)

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Review]:
        """The last made first."""
        wanted, total = select(reviews), select(func.count()).select_from(reviews)
        if collection is not None:
            wanted = wanted.where(_own.collection == collection)
            total = total.where(_own.collection == collection)
        listing = Listing(f"reviews {collection}", _LAST_FIRST, cursor, limit)
        return await listing.page(self._db, wanted, total, _review)


def _review(row: RowMapping) -> Review:
    return Review(
        id=row["id"],
        collection=row["collection"],
        prompt_id=row["prompt_id"],
        decision=row["decision"],
        by=row["made_by"],
        created_at=row["created_at"],
        reason=row["reason"],
        verdict=row["verdict"],
    )
