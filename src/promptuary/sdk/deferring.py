"""What the clients do with a server's deferred work; `AsyncRemoteClient` has these functions as
methods."""

from __future__ import annotations

from typing import Protocol

from promptuary.domain.jobs import Job, JobState
from promptuary.domain.pages import Page
from promptuary.sdk.line import PREFIX, Line, Sent
from promptuary.sdk.sending import known


class Connected(Protocol):
    """What these methods need of the client that they belong to."""

    @property
    def _line(self) -> Line: ...


async def jobs(
    self: Connected,
    *,
    state: JobState | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Job]:
    """Newest first."""
    query = {"state": state, "cursor": cursor, "limit": limit}
    return await self._line.ask(Page[Job], Sent("GET", f"{PREFIX}/jobs", query))


async def job(self: Connected, job_id: str) -> Job:
    """Raises NotFound."""
    return await self._line.ask(Job, Sent("GET", f"{PREFIX}/jobs/{known('job', job_id)}", {}))


async def retry_job(self: Connected, job_id: str) -> Job:
    """Have a job that was given up for good tried again. Raises NotFound, Conflict."""
    path = f"{PREFIX}/jobs/{known('job', job_id)}/retry"
    return await self._line.ask(Job, Sent("POST", path, {}))
