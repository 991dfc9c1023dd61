"""What a question to documents finds: passages in order, each with what the rankers said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from promptuary.domain.documents import Passage

KIND = "passage"
"""The kind of an entry of the index that is a passage."""

BOOSTS: Mapping[str, float] = {"title": 1.0, "headings": 1.0}
"""How much the words ranker weighs the fields of a passage that are not its text: the same."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was found. `score` orders passages of one question; a higher one is better.

    `features` are the figures behind it by name, those of `retrieval/features.py` and each ranker's
    own score; 0 stands for "nothing found". `reasons` say the same for a person to read.
    """

    passage: Passage
    score: float
    features: Mapping[str, float]
    reasons: tuple[str, ...]
