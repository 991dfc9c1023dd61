"""How well each side of a move answers queries that somebody has judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query, and the grade of each entry that answers it (0 and what is not named: not at all).

    An entry is named by its id, a kept prompt also by its slug; where prompts move out of an older
    store, by their ids there, and the text is topics between commas.
    """

    text: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Answered:
    """What one store did with the judged queries.

    `ndcg10` is the mean normalised discounted cumulative gain of the first ten (Jarvelin and
    Kekalainen 2002), `p95_ms` the 95th percentile of the times of those that were answered,
    `failed` and `empty` count queries that got no answer, and none but an empty one. `delay_ms` is
    the median time from a commit of the record until the store says that it has taken it in; None
    where it was not measured.
    """

    ndcg10: float
    p95_ms: float
    failed: int
    empty: int
    delay_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Relevance:
    """Both stores asked the same judged queries, one after the other. `unknown` of the judged
    entries are in neither store: they count as not found, in both."""

    queries: int
    unknown: int
    old: Answered
    new: Answered
    at: datetime | None = None
