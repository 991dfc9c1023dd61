"""The part of the record that holds judgements about answers; what `ports/unit_of_work.py` says
holds here too."""

from __future__ import annotations

from typing import Protocol

from promptuary.domain.judgements import AnswerRating, CollectionCalibration, Satisfaction


class Judgements(Protocol):
    """Calibrations of collections, and ratings of answers."""

    async def calibrate(self, calibration: CollectionCalibration) -> None:
        """Keep it in place of what the collection had."""
        ...

    async def calibration(self, collection: str) -> CollectionCalibration | None:
        """That of the collection of that name, if it has one."""
        ...

    async def rate(self, rating: AnswerRating) -> None:
        """Keep it in place of an earlier rating of the same answer."""
        ...

    async def rated(self, answer_id: str) -> AnswerRating | None:
        """The rating of that answer, if it has one."""
        ...

    async def satisfaction(self, collection: str | None = None) -> Satisfaction:
        """How many answers were rated, of all collections unless one is named."""
        ...
