"""Deferred work with a lease, and leases by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from promptuary.domain.filters import Scalar

JobState: TypeAlias = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """`fence` grows with each claim: a write that carries an older one is refused (LeaseLost)."""

    id: str
    name: str
    state: JobState
    payload: Mapping[str, Scalar]
    attempt: int
    fence: int
    checkpoint: Mapping[str, Scalar] = field(default_factory=dict)
    error: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do what only one may do at a time; `fence` grows whenever it is handed out."""

    name: str
    holder: str
    fence: int
