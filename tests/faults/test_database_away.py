"""PostgreSQL goes away and comes back: a typed error meanwhile, and no restart of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from outcomes import outcome, traffic

import servers
from databases import administer
from promptuary import Promptuary
from promptuary.domain.errors import Unavailable
from promptuary.domain.reports import Progress
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

TRAFFIC = traffic(24)


@pytest.fixture
async def promptuary(tmp_path: Path, postgresql_url: str) -> AsyncIterator[Promptuary]:
    settings = Settings(home=tmp_path / "home", database_url=postgresql_url, window_prompts=25)
    async with await Promptuary.open(settings=settings) as opened:
        yield opened


async def unharmed(home: Path) -> object:
    settings = Settings(home=home, window_prompts=25)
    async with await Promptuary.open(settings=settings) as opened:
        await opened.ingest(TRAFFIC, batch_id="b")
        return await outcome(opened)


@asynccontextmanager
async def read_only(port: int, name: str) -> AsyncIterator[None]:
    """The database takes no writes meanwhile; connections that are there are cut."""
    setting = "default_transaction_read_only"
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"

    async def become(said: str) -> None:
        for statement in (f'ALTER DATABASE "{name}" {said}', cut):
            await administer(port, statement)

    await become(f"SET {setting} = on")
    try:
        yield
    finally:
        await become(f"RESET {setting}")


async def test_a_database_that_takes_no_writes_for_a_while_is_unavailable_and_no_job_is_given_up(
    promptuary: Promptuary, postgresql_server: servers.Server, postgresql_url: str
) -> None:
    await promptuary.ingest(TRAFFIC, batch_id="b", place=False)
    async with read_only(postgresql_server.port, postgresql_url.rpartition("/")[2]):
        with pytest.raises(Unavailable, match=r"read-only.*nothing was written"):
            await promptuary.ingest(TRAFFIC, batch_id="other")
        with pytest.raises(Unavailable):
            await promptuary.work(once=True)
        assert (await promptuary.prompts(limit=1)).total
    await promptuary.work(once=True)
    assert [job.state for job in (await promptuary.jobs()).items] == ["done"]


@pytest.mark.parametrize("stage", ["save", "mine", "index"])
async def test_an_ingest_that_lost_its_database_in_the_middle_goes_on_when_it_is_back(
    stage: str, tmp_path: Path, promptuary: Promptuary, postgresql_server: servers.Server
) -> None:
    def stop_once(progress: Progress) -> None:
        if progress.stage == stage:
            postgresql_server.stop()

    try:
        late = stage == "index"  # the index runs beside mining, and may have had it all
        with suppress(Unavailable) if late else pytest.raises(Unavailable):
            await promptuary.ingest(TRAFFIC, batch_id="b", progress=stop_once)
        postgresql_server.stop()
        health = await promptuary.health()
        assert health.status == "unhealthy"
        assert [part.name for part in health.parts if part.state == "down"] == ["record"]
    finally:
        postgresql_server.start()
    await promptuary.ingest(TRAFFIC, batch_id="b")
    assert await outcome(promptuary) == await unharmed(tmp_path / "unharmed")
    assert (await promptuary.health()).status == "healthy"


async def test_every_question_is_answered_again_when_the_database_is_back(
    promptuary: Promptuary, postgresql_server: servers.Server
) -> None:
    await promptuary.ingest(TRAFFIC)
    questions = (promptuary.templates, promptuary.families, promptuary.prompts, promptuary.jobs)
    try:
        postgresql_server.stop()
        for ask in questions:
            with pytest.raises(Unavailable):
                await ask()
    finally:
        postgresql_server.start()
    for ask in questions:
        assert (await ask()).items
    assert (await promptuary.search("ticket")).partial is None


async def test_a_restart_between_two_requests_costs_nobody_an_error(
    promptuary: Promptuary, postgresql_server: servers.Server
) -> None:
    await promptuary.ingest(TRAFFIC)
    await asyncio.gather(*(promptuary.templates() for _ in range(5)))
    postgresql_server.stop()
    postgresql_server.start()
    pages = await asyncio.gather(*(promptuary.templates() for _ in range(5)))
    assert all(page.items for page in pages)
    assert (await promptuary.ingest(TRAFFIC)).accepted == 0


async def test_a_worker_goes_on_when_the_database_is_back(
    promptuary: Promptuary, postgresql_server: servers.Server
) -> None:
    working = asyncio.create_task(promptuary.work())
    try:
        postgresql_server.stop()
        with pytest.raises(Unavailable):
            await promptuary.ingest(TRAFFIC, place=False)
    finally:
        postgresql_server.start()
    report = await promptuary.ingest(TRAFFIC, place=False)
    assert report.job_id is not None
    while (await promptuary.job(report.job_id)).state != "done":
        assert not working.done(), "the worker has ended"
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert (await promptuary.templates()).items
