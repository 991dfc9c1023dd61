"""The fake record's judgements about answers."""

from __future__ import annotations

from promptuary.domain.judgements import AnswerRating, CollectionCalibration, Satisfaction
from promptuary.testing.fakes.record_state import State, checked


class MemoryJudgements:
    """The port `Judgements`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def calibrate(self, calibration: CollectionCalibration) -> None:
        """In place of what the collection had."""
        checked(name=calibration.collection)
        self._state.write().calibrations[calibration.collection] = calibration

    async def calibration(self, collection: str) -> CollectionCalibration | None:
        """That of the collection."""
        return self._state.calibrations.get(collection)

    async def rate(self, rating: AnswerRating) -> None:
        """In place of an earlier one of the same answer."""
        checked(ids=[rating.answer_id], times=[rating.rated_at], name=rating.collection)
        self._state.write().ratings[rating.answer_id] = rating

    async def rated(self, answer_id: str) -> AnswerRating | None:
        """The rating of that answer."""
        return self._state.ratings.get(answer_id)

    async def satisfaction(self, collection: str | None = None) -> Satisfaction:
        """How many answers were rated."""
        among = [
            each.rating
            for each in self._state.ratings.values()
            if collection is None or each.collection == collection
        ]
        return Satisfaction(among.count("up"), among.count("down"))
