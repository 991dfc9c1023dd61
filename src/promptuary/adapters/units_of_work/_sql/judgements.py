"""Calibrations of collections, and ratings of answers."""

from __future__ import annotations

from sqlalchemy import func, select

from promptuary.adapters.units_of_work._sql.schema_judgements import answer_ratings, calibrations
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.adapters.units_of_work._sql.types import same
from promptuary.domain.judgements import AnswerRating, CollectionCalibration, Satisfaction

_calibration = calibrations.c
_rating = answer_ratings.c


class SqlJudgements:
    """The port `Judgements`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def calibrate(self, calibration: CollectionCalibration) -> None:
        """In place of what the collection had."""
        write = self._db.upsert(calibrations, "collection", "slope", "shift", "updated_at")
        await self._db.run(
            write.values(
                collection=calibration.collection,
                slope=calibration.slope,
                shift=calibration.shift,
                updated_at=await self._db.now(),
            )
        )

    async def calibration(self, collection: str) -> CollectionCalibration | None:
        """That of the collection."""
        row = await self._db.row(select(calibrations).where(_calibration.collection == collection))
        return CollectionCalibration(collection, row["slope"], row["shift"]) if row else None

    async def rate(self, rating: AnswerRating) -> None:
        """In place of an earlier one of the same answer."""
        write = self._db.upsert(answer_ratings, "id", "rating", "comment", "rated_at")
        await self._db.run(
            write.values(
                id=rating.answer_id,
                collection=rating.collection,
                rating=rating.rating,
                comment=rating.comment,
                rated_at=rating.rated_at,
            )
        )

    async def rated(self, answer_id: str) -> AnswerRating | None:
        """The rating of that answer."""
        row = await self._db.row(select(answer_ratings).where(same(_rating.id, answer_id)))
        if row is None:
            return None
        return AnswerRating(
            answer_id=row["id"],
            collection=row["collection"],
            rating=row["rating"],
            comment=row["comment"],
            rated_at=row["rated_at"],
        )

    async def satisfaction(self, collection: str | None = None) -> Satisfaction:
        """How many answers were rated."""
        counted = select(_rating.rating, func.count().label("n")).group_by(_rating.rating)
        if collection is not None:
            counted = counted.where(_rating.collection == collection)
        found = {row["rating"]: row["n"] for row in await self._db.rows(counted)}
        return Satisfaction(found.get("up", 0), found.get("down", 0))
