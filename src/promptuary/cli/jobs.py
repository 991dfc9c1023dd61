"""`promptuary jobs list|show|retry`: deferred work, and what was given up."""

from __future__ import annotations

from typing import Annotated, Final, get_args

import typer

from promptuary.cli.lazy import bare
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Cursor, Home, Limit
from promptuary.cli.printing import console, foot, one_line, page_json, safe, write_json
from promptuary.domain.errors import InvalidInput
from promptuary.domain.jobs import Job, JobState

STATES: Final[tuple[JobState, ...]] = get_args(JobState)

app = bare("See deferred work, and try again what failed for good.")
JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id.")]


@app.command("list")
def list_(
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="|".join(STATES), help="Only in that state."),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List jobs, the newest first; those that failed for good with `--state failed`."""
    wanted = next((each for each in STATES if each == state), None)
    if state is not None and wanted is None:
        raise InvalidInput(f"a job is {', '.join(STATES)}", fields={"state": "none of these"})
    with opened(home) as promptuary:
        page = promptuary.jobs(state=wanted, cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    for job in page.items:
        console().print(_line(job))
    foot(console(), page, "job")


@app.command()
def show(job_id: JobId, home: Home = None, as_json: AsJson = False) -> None:
    """Show a job: what it is about, how often it was tried, and what went wrong last."""
    with opened(home) as promptuary:
        job = promptuary.job(job_id)
    if as_json:
        write_json(job)
        return
    console().print(_line(job))
    for name, value in {**job.payload, **job.checkpoint}.items():
        console().print(f"  {safe(name)}: {safe(str(value))}")
    if job.error:
        console().print(f"  {safe(job.error)}")


@app.command()
def retry(
    job_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The job; else every one that failed.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Have a job that failed for good tried again, or all of them."""
    with opened(home) as promptuary:
        ids = [job_id] if job_id else []
        cursor: str | None = None
        while job_id is None:
            page = promptuary.jobs(state="failed", cursor=cursor, limit=100)
            ids += [job.id for job in page.items]
            if (cursor := page.next_cursor) is None:
                break
        again = [promptuary.retry_job(each) for each in ids]
    if as_json:
        write_json({"jobs": again})
    else:
        waiting = f"{len(again):,} wait to be tried again by a worker"
        console().print(waiting if again else "no job failed for good")


def _line(job: Job) -> str:
    why = f"  {one_line(job.error, 60)}" if job.error else ""
    tried = {0: "not tried yet", 1: "tried once"}.get(job.attempt, f"tried {job.attempt:,} times")
    return f"{job.id}  {job.state:<8} {safe(job.name)}, {tried}{why}"
