"""Jobs: deferred work, and how far it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.operation import JobList, JobOut
from promptuary.api.serving import Cursor, Here, Limit, known_form
from promptuary.domain.jobs import JobState


async def list_jobs(
    request: Request,
    here: Here,
    state: Annotated[JobState | None, Query(description="Only in that state.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Jobs, newest first."""
    page = await here.promptuary.jobs(state=state, cursor=cursor, limit=limit)
    shown = [JobOut.of(job) for job in page.items]
    listed = JobList(jobs=shown, total=page.total, next_cursor=page.next_cursor)
    return answer(request, listed, exact=page)


async def get_job(request: Request, here: Here, job_id: str) -> Response:
    """One job: waiting, running, done, or failed and why."""
    job = await here.promptuary.job(known_form("job", job_id))
    return answer(request, JobOut.of(job), exact=job)


async def retry_job(request: Request, here: Here, job_id: str) -> Response:
    """Have a job that failed for good tried again, once what was wrong is put right."""
    job = await here.promptuary.retry_job(known_form("job", job_id))
    return answer(request, JobOut.of(job), exact=job)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/jobs",
        call=list_jobs,
        needs="prompts:read",
        answers=JobList,
        problems=(422,),
        tag="jobs",
    ),
    Operation(
        path=f"{PREFIX}/jobs/{{job_id}}",
        call=get_job,
        needs="prompts:read",
        answers=JobOut,
        problems=(404,),
        tag="jobs",
    ),
    Operation(
        path=f"{PREFIX}/jobs/{{job_id}}/retry",
        call=retry_job,
        method="POST",
        needs="prompts:write",
        answers=JobOut,
        problems=(404, 409),
        tag="jobs",
    ),
)
