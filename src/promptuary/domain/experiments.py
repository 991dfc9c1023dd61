"""Experiments with kept prompts: two versions beside each other, and which of them does better."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

State: TypeAlias = Literal["running", "won", "lost", "stopped"]
"""`won`: the candidate is better; `lost`: it is worse and no longer given to anybody."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `trials` ratings so many were good (4 or 5 stars)."""

    trials: int = 0
    good: int = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """What a share most likely is, and between what it surely lies at the level asked for."""

    share: float
    low: float
    high: float


UNKNOWN = Interval(0.5, 0.0, 1.0)
"""A share of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """A version on trial beside the one that `label` points at. `share` of all keys get it, always
    the same ones. Ratings since `started_at` count; `judged` of them were looked at."""

    slug: str
    label: str
    control: str
    candidate: str
    share: float
    started_at: datetime
    state: State = "running"
    judged: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an experiment stands. `difference` is the candidate's share of good ratings less the
    control's; `old` and `new` are the shares of the control and the candidate. Their intervals hold
    at every moment at once, so they may be looked at any time."""

    experiment: Experiment
    control: Tally
    candidate: Tally
    difference: Interval
    reason: str
    old: Interval = UNKNOWN
    new: Interval = UNKNOWN
