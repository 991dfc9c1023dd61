"""Experiments over HTTP: what begins one, and how it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.library import Label, Shown
from promptuary.domain.experiments import Experiment, Interval, State, Tally, Verdict


class ExperimentIn(Wire):
    """A version to be tried beside the one that the label points at, by that share of all keys."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"candidate": "2", "share": 0.2}]})

    candidate: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    label: Label = "production"
    share: float = Field(default=0.5, gt=0, lt=1)


class IntervalOut(Shown):
    """A share, and between what it lies."""

    share: float
    low: float
    high: float


class ArmOut(Wire):
    """One of the two versions: its ratings, the good ones among them (4 or 5 stars), and their
    share with its confidence sequence."""

    version_id: str
    ratings: int
    good: int
    share: IntervalOut

    @classmethod
    def of(cls, version_id: str, tally: Tally, share: Interval) -> ArmOut:
        """From what the library counted."""
        shown = IntervalOut.model_validate(share)
        return cls(version_id=version_id, ratings=tally.trials, good=tally.good, share=shown)


class ExperimentOut(Wire):
    """How an experiment stands. The intervals hold at every moment at once, so looking is free."""

    slug: Text
    label: str
    share: float
    state: State
    started_at: datetime
    control: ArmOut
    candidate: ArmOut
    difference: IntervalOut
    reason: str

    @classmethod
    def of(cls, verdict: Verdict) -> ExperimentOut:
        """From the library's verdict."""
        known: Experiment = verdict.experiment
        return cls(
            slug=known.slug,
            label=known.label,
            share=known.share,
            state=known.state,
            started_at=known.started_at,
            control=ArmOut.of(known.control, verdict.control, verdict.old),
            candidate=ArmOut.of(known.candidate, verdict.candidate, verdict.new),
            difference=IntervalOut.model_validate(verdict.difference),
            reason=verdict.reason,
        )
