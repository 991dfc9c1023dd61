"""A PostgreSQL fails for good, and the one that followed it takes its place.

The primary confirms what the standby has too, as a cluster that loses nothing is set up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from outcomes import outcome, traffic

import servers
from databases import administer, in_a_thread, prepare
from engines.standby import postgresql_standby
from promptuary import IncomingPrompt, Promptuary
from promptuary.domain.errors import Unavailable
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

TRAFFIC = traffic(12)
BATCHES = {f"batch-{n}": TRAFFIC[6 * n : 6 * n + 6] for n in range(8)}


@dataclass(frozen=True)
class Cluster:
    """Two servers, of which the second follows the first."""

    primary: servers.Server
    standby: servers.Server

    @property
    def url(self) -> str:
        hosts = "&".join(f"host=127.0.0.1:{each.port}" for each in (self.primary, self.standby))
        return f"postgresql://promptuary@/record?{hosts}&target_session_attrs=primary"

    async def promote(self) -> None:
        """The standby takes writes from now on, and waits for nobody who follows it."""
        await administer(self.standby.port, "SELECT pg_promote()")
        await administer(self.standby.port, "ALTER SYSTEM RESET synchronous_standby_names")
        await administer(self.standby.port, "SELECT pg_reload_conf()")


@pytest.fixture
def cluster(postgresql_server: servers.Server, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """One of its own for each test and each PostgreSQL: a test leaves only half of it."""
    binaries = servers.POSTGRESQLS[request.node.callspec.params["postgresql_server"]]()
    assert binaries is not None, "deselected at collection"
    primary = servers.postgresql(binaries)
    standby: servers.Server | None = None
    try:
        primary.start()
        in_a_thread(prepare(primary.port))
        standby = postgresql_standby(binaries, primary.port)
        standby.start()
        in_a_thread(_synchronous(primary.port))
        yield Cluster(primary, standby)
    finally:
        primary.close()
        if standby is not None:
            standby.close()


async def _synchronous(port: int) -> None:
    await administer(port, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    await administer(port, "SELECT pg_reload_conf()")


@pytest.fixture
async def promptuary(tmp_path: Path, cluster: Cluster) -> AsyncIterator[Promptuary]:
    settings = Settings(home=tmp_path / "home", database_url=cluster.url)
    async with await Promptuary.open(settings=settings) as opened:
        yield opened


async def until_confirmed(
    promptuary: Promptuary, name: str, batch: Sequence[IncomingPrompt]
) -> int:
    """Send it until it is confirmed; how often it was refused."""
    refused = 0
    while True:
        try:
            await promptuary.ingest(batch, batch_id=name)
        except Unavailable:
            refused += 1
        else:
            return refused


async def test_each_write_of_a_failover_is_refused_or_done_once(
    tmp_path: Path, cluster: Cluster, promptuary: Promptuary
) -> None:
    """The primary is killed in the middle of the batches, while nobody waits for anything."""
    refused = {}
    failing: asyncio.Task[None] | None = None

    async def fail() -> None:
        await asyncio.to_thread(cluster.primary.kill)
        await promptuary_is_told(promptuary)
        await cluster.promote()

    for n, (name, batch) in enumerate(BATCHES.items()):
        if n == len(BATCHES) // 2:
            failing = asyncio.create_task(fail())
        refused[name] = await until_confirmed(promptuary, name, batch)
    assert failing is not None
    await failing
    assert sum(refused.values()) > 0, "the failover went by unnoticed"
    assert (await promptuary.health()).status == "healthy"
    settings = Settings(home=tmp_path / "unharmed")
    async with await Promptuary.open(settings=settings) as unharmed:
        for name, batch in BATCHES.items():
            await unharmed.ingest(batch, batch_id=name)
        assert await seen(promptuary) == await seen(unharmed)


async def promptuary_is_told(promptuary: Promptuary) -> None:
    """Until the next question is answered by an error: only the standby is left, and follows."""
    while (await promptuary.health()).status != "unhealthy":
        pass


async def seen(promptuary: Promptuary) -> object:
    """Every prompt with how often it came."""
    found = (await promptuary.prompts(limit=1000)).items
    return sorted((each.text, each.count) for each in found)


async def test_a_worker_goes_on_at_the_promoted_standby(
    tmp_path: Path, cluster: Cluster, promptuary: Promptuary
) -> None:
    working = asyncio.create_task(promptuary.work())
    await promptuary.ingest(TRAFFIC[:24], place=False)
    cluster.primary.kill()
    with pytest.raises(Unavailable):
        await promptuary.ingest(TRAFFIC[24:], place=False)
    await cluster.promote()
    report = await promptuary.ingest(TRAFFIC[24:], place=False)
    assert report.job_id is not None
    while (await promptuary.job(report.job_id)).state != "done":
        assert not working.done(), "the worker has ended"
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert len((await outcome(promptuary))["prompts"]) == len({each.text for each in TRAFFIC})
