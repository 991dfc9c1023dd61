"""What people decide about prompts that moderation refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Decision: TypeAlias = Literal["release", "reject"]


@dataclass(frozen=True, slots=True)
class Review:
    """One decision about a prompt that is kept aside, and who took it when and why.

    `release`: it is a prompt like any other from then on. `reject`: it stays aside and is looked at
    no more, until somebody releases it after all. `verdict` is why moderation refused it.
    """

    id: str
    collection: str
    prompt_id: str
    decision: Decision
    by: str
    created_at: datetime
    reason: str = ""
    verdict: str = ""
