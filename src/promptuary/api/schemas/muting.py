"""Mutes and feedback as they go over the wire."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from promptuary.api.schemas.basics import CLEAN, Text, Wire
from promptuary.domain.insights import InsightType
from promptuary.domain.watching import Feedback, Mute, Verdict

Named = Annotated[str, StringConstraints(max_length=255, pattern=f"^$|{CLEAN}")]
Comment = Annotated[str, StringConstraints(max_length=1_000, pattern=r"^[^\x00]*$")]


class MuteIn(Wire):
    """What not to tell, and for how long; what is left out means any."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"camera_id": "gate", "type": "burst", "minutes": 480}]}
    )

    camera_id: Named = ""
    label: Named = ""
    type: InsightType | None = None
    minutes: float = Field(gt=0, le=366 * 1440, allow_inf_nan=False)
    reason: Comment = ""


class MuteOut(Wire):
    """A mute; `ended_at` is when it was undone."""

    id: str
    camera_id: Text
    label: Text
    type: str
    since: datetime
    until: datetime
    reason: Text
    made_by: Text
    ended_at: datetime | None
    ended_by: Text

    @classmethod
    def of(cls, mute: Mute) -> MuteOut:
        """As it is kept."""
        return cls(**asdict(mute))


class MuteList(Wire):
    """A page of mutes."""

    mutes: list[MuteOut]
    total: int
    next_cursor: str | None


class InsightFeedbackIn(Wire):
    """What an insight was worth; `withdrawn` takes it back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"verdict": "false_alarm"}]})

    verdict: Verdict
    comment: Comment = ""


class InsightFeedbackOut(Wire):
    """A verdict and what it changed: `before` and `after` are powers of ten."""

    id: str
    insight_id: str
    type: str
    camera_id: Text
    verdict: Verdict
    comment: Text
    made_by: Text
    at: datetime
    before: float
    after: float

    @classmethod
    def of(cls, feedback: Feedback) -> InsightFeedbackOut:
        """As it is kept."""
        return cls(**asdict(feedback))


class FeedbackList(Wire):
    """A page of verdicts."""

    feedback: list[InsightFeedbackOut]
    total: int
    next_cursor: str | None
