"""Moderation as it goes over the wire: OpenAI's form of a verdict, and decisions of people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import uuid4

from pydantic import ConfigDict, Field, StringConstraints

from promptuary.api.schemas.basics import Short, Text, Wire
from promptuary.api.schemas.prompts import PromptOut
from promptuary.domain.prompts import Verdict
from promptuary.domain.reviews import Review

CATEGORIES: Final = (
    "hate", "hate/threatening", "harassment", "harassment/threatening", "illicit",
    "illicit/violent", "self-harm", "self-harm/intent", "self-harm/instructions", "sexual",
    "sexual/minors", "violence", "violence/graphic", "secret", "pii", "policy",
)  # fmt: skip
"""What OpenAI's moderations name, and what the rules of our own do."""
MOST_INPUTS: Final = 100


class ModerationIn(Wire):
    """One text, or several."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"input": "Is this all right?"}]})

    input: (
        Annotated[str, StringConstraints(max_length=1_000_000)]
        | Annotated[list[str], Field(min_length=1, max_length=MOST_INPUTS)]
    )
    model: Short | None = Field(default=None, description="Taken and not looked at.")

    @property
    def texts(self) -> list[str]:
        """As a list."""
        return [self.input] if isinstance(self.input, str) else self.input


class ModerationResult(Wire):
    """What moderation says of one text. `flagged`: it would be kept aside; `reason` says why.

    With the status `masked` it would be kept as `masked_text`, `masked` counting the placeholders.
    """

    flagged: bool
    status: str
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[str]]
    reason: Text | None
    masked_text: Text | None = None
    masked: dict[str, int] = Field(default_factory=dict)

    @classmethod
    def of(cls, verdict: Verdict) -> ModerationResult:
        """From the moderator's answer; a category that it does not look for has the score 0."""
        scores = dict.fromkeys(CATEGORIES, 0.0) | dict(verdict.scores)
        return cls(
            flagged=not verdict.allowed,
            status=verdict.status,
            categories={name: not verdict.allowed and score > 0 for name, score in scores.items()},
            category_scores=scores,
            category_applied_input_types={name: ["text"] for name in scores},
            reason=verdict.reason,
            masked_text=verdict.text,
            masked=dict(verdict.masked),
        )


class ModerationOut(Wire):
    """A result for each text, in order."""

    id: str
    model: str
    results: list[ModerationResult]

    @classmethod
    def of(cls, judge: str, verdicts: list[Verdict]) -> ModerationOut:
        """From the moderator's answers."""
        results = [ModerationResult.of(verdict) for verdict in verdicts]
        return cls(id=f"modr-{uuid4().hex}", model=judge, results=results)


class DecisionIn(Wire):
    """Why it is decided so."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "a test card"}]})

    reason: Short = ""


class ReviewOut(Wire):
    """A decision about a prompt that was refused."""

    id: str
    collection: str
    prompt_id: str
    decision: str = Field(examples=["release"])
    by: Text
    reason: Text
    verdict: Text = Field(description="Why moderation had refused it.")
    created_at: datetime

    @classmethod
    def of(cls, review: Review) -> ReviewOut:
        """From the record."""
        return cls(
            id=review.id,
            collection=review.collection,
            prompt_id=review.prompt_id,
            decision=review.decision,
            by=review.by,
            reason=review.reason,
            verdict=review.verdict,
            created_at=review.created_at,
        )


class ReviewList(Wire):
    """A page of decisions."""

    reviews: list[ReviewOut]
    total: int
    next_cursor: str | None


class AsideList(Wire):
    """A page of prompts that are kept aside."""

    prompts: list[PromptOut]
    total: int
    next_cursor: str | None
