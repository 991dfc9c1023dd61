"""Jobs and the state of the service."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from promptuary.api.schemas.basics import ScalarOut, Text, Wire
from promptuary.domain.chats import BudgetUse
from promptuary.domain.jobs import Job, JobState
from promptuary.domain.reports import PartHealth


class JobOut(Wire):
    """Deferred work, and how far it is."""

    id: str
    name: str
    state: JobState
    attempt: int
    payload: dict[Text, ScalarOut]
    checkpoint: dict[Text, ScalarOut]
    error: Text | None
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> JobOut:
        """From the record."""
        return cls(
            id=job.id,
            name=job.name,
            state=job.state,
            attempt=job.attempt,
            payload=dict(job.payload),
            checkpoint=dict(job.checkpoint),
            error=job.error,
            created_at=job.created_at,
            updated_at=job.updated_at,
        )


class JobList(Wire):
    """A page of jobs."""

    jobs: list[JobOut]
    total: int
    next_cursor: str | None


class Pulse(Wire):
    """One word on how it is."""

    status: str = Field(examples=["ok"])


class Readiness(Wire):
    """Whether requests should come here; `degraded` names the parts that work with less."""

    status: Literal["ready", "not_ready"]
    degraded: list[str]
    down: list[str]


class OldReadiness(Wire):
    """Readiness as older clients read it."""

    status: Literal["ready", "not_ready"]
    timestamp: datetime
    service: str
    database: Literal["connected", "disconnected"]
    environment: str


class HealthOut(Wire):
    """The whole in one word."""

    status: Literal["healthy", "degraded", "unhealthy"]
    timestamp: datetime
    service: str
    version: str


class PartOut(Wire):
    """One dependency, and what to do about it."""

    state: str
    detail: str
    took_ms: float

    @classmethod
    def of(cls, part: PartHealth) -> PartOut:
        """From the facade's answer."""
        return cls(state=part.state, detail=part.detail, took_ms=round(part.took_ms, 3))


class ProviderOut(Wire):
    """A chat model, as `provider/model`, since the server began; cost in US dollars."""

    up: bool
    calls: int
    failures: int
    cost_usd: float


class StoreOut(Wire):
    """A store as older clients read it: `details`, or an `error` where it is not well."""

    status: Literal["healthy", "unhealthy"]
    details: dict[str, float]
    error: str | None

    @classmethod
    def of(cls, part: PartHealth) -> StoreOut:
        """From the facade's answer."""
        well = part.state == "ok"
        return cls(
            status="healthy" if well else "unhealthy",
            details={"took_ms": round(part.took_ms, 3)},
            error=None if well else part.detail,
        )


class BudgetOut(Wire):
    """Which share of a tenant's budget is used; `near`: over the share that is warned of."""

    tenant: str
    span: str
    kind: str
    share: float
    near: bool

    @classmethod
    def of(cls, use: BudgetUse) -> BudgetOut:
        """From the facade's answer."""
        return cls(tenant=use.tenant, span=use.span, kind=use.kind, share=use.share, near=use.near)


class HealthDetail(HealthOut):
    """Every part, the models that were asked, memory in bytes and uptime in seconds.

    Each store stands under the scheme of its URL too, such as `sqlite`, with its `status`.
    """

    model_config = ConfigDict(extra="allow")

    api: str
    memory_usage: int
    uptime: float
    parts: dict[str, PartOut]
    providers: dict[str, ProviderOut]
    budgets: list[BudgetOut]
    memory_bytes: int
    uptime_seconds: float
    environment: str


class Welcome(Wire):
    """Where to go from here."""

    service: str
    version: str
    docs: str
    openapi: str
    health: str
