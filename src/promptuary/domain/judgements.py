"""What people's judgements make of answers: a collection's own calibration, and ratings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Rating: TypeAlias = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class CollectionCalibration:
    """What labels made of a collection's confidence: `slope` and `shift` of its logit."""

    collection: str
    slope: float
    shift: float


@dataclass(frozen=True, slots=True)
class AnswerRating:
    """What somebody thinks of the answer of that id; `collection` is the one that was asked, or
    empty for all."""

    answer_id: str
    collection: str
    rating: Rating
    comment: str
    rated_at: datetime


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How many answers were rated `up` and `down`."""

    up: int = 0
    down: int = 0

    @property
    def share(self) -> float | None:
        """Of the rated answers those that were rated up; None where none was."""
        rated = self.up + self.down
        return self.up / rated if rated else None
