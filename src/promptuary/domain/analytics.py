"""What is known of how kept prompts are used and liked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from promptuary.domain.experiments import Interval
from promptuary.domain.library import SearchMiss

GroupBy: TypeAlias = Literal["prompt", "version", "topic", "user", "domain"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One group. `effective` is the share of its ratings that are good (4 or 5 stars), with
    Wilson's interval, and `average` of all of them; both None until somebody rated.

    Of a `user` only ratings are known: who asked for a prompt is not kept.
    """

    key: str
    uses: int
    ratings: int
    average: float | None
    effective: Interval | None


@dataclass(frozen=True, slots=True)
class TopicDay:
    """How often prompts about a topic were asked for on a day (UTC, `2030-01-31`)."""

    day: str
    topic: str
    uses: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """The groups, most used first, and what else the library tells of itself.

    `unused` are slugs without a use in the time asked for; `duplicates` are groups of slugs whose
    latest versions say nearly the same. `prompts` were looked at; `partial` when there are more.
    """

    since: str
    until: str
    group_by: GroupBy
    prompts: int
    groups: tuple[Standing, ...]
    topics: tuple[TopicDay, ...]
    unused: tuple[str, ...]
    misses: tuple[SearchMiss, ...]
    duplicates: tuple[tuple[str, ...], ...]
    partial: bool
