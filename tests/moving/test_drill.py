"""A whole move under live traffic, with faults and the way back, to embedded and real engines."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from anyio import to_thread
from redis.asyncio import Redis

from promptuary.blocking import Promptuary
from promptuary.domain.errors import GuardRefused
from promptuary.domain.reports import Progress
from promptuary.drilling.indexes import drill
from promptuary.drilling.prompts import drill_prompts
from promptuary.settings import Settings

PROMPTS = 200
FEW = 60
"""So few prompts that faults of two kinds would soon meet on one."""
PATIENCE = 60
"""No engine is too slow here: the machine may be busy with other tests."""


def rehearsed(url: str) -> None:
    outcome = drill(url, PROMPTS, patience=PATIENCE)
    assert outcome.faults_found == outcome.faults_made == 18
    assert outcome.left_after_repair == 0
    assert (outcome.failed_reads, outcome.lost_writes) == (0, 0)
    assert outcome.reads > 200
    assert outcome.writes > 0
    assert outcome.rollback_seconds < 5
    assert 0 < outcome.longest_read < PATIENCE
    assert outcome.move.step == "rolled_back"
    assert outcome.move.shadow.overlap > 0.95
    assert outcome.passed
    for line in ("waited for the new store | 60 s at most", "Outcome | passed"):
        assert f"{line} |" in outcome.text


@pytest.mark.slow
def test_a_move_between_embedded_indexes_is_rehearsed():
    rehearsed("")


@pytest.mark.server
@pytest.mark.anyio
async def test_a_move_to_postgresql_is_rehearsed(postgresql_url: str):
    url = f"pgvector{postgresql_url.removeprefix('postgresql')}"
    await to_thread.run_sync(rehearsed, url)


@pytest.mark.server
def test_a_move_to_elasticsearch_is_rehearsed(elasticsearch_url: str):
    host = elasticsearch_url.removeprefix("http")
    rehearsed(f"elasticsearch{host}/drill")


@pytest.mark.server
def test_a_move_to_weaviate_is_rehearsed(weaviate_url: str):
    rehearsed(weaviate_url)


@pytest.mark.server
@pytest.mark.anyio
async def test_a_move_out_of_a_generated_redis_to_elasticsearch_is_rehearsed(
    redis_url: str, elasticsearch_url: str
):
    target = f"elasticsearch{elasticsearch_url.removeprefix('http')}/older-drill"
    rehearse = partial(drill_prompts, redis_url, target, FEW, patience=PATIENCE)
    outcome = await to_thread.run_sync(rehearse)
    assert outcome.faults_found == outcome.faults_made == 27
    assert outcome.left_after_repair == 0
    assert (outcome.failed_reads, outcome.lost_writes) == (0, 0)
    assert outcome.writes > 0
    assert outcome.move.step == "rolled_back"
    assert outcome.passed
    async with Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0


@pytest.mark.server
@pytest.mark.anyio
async def test_a_rehearsal_touches_no_redis_that_holds_something(redis_url: str):
    async with Redis.from_url(redis_url) as client:
        await client.set("mine", "1")
        with pytest.raises(GuardRefused, match="not empty"):
            await to_thread.run_sync(drill_prompts, redis_url, "", PROMPTS)
        assert await client.get("mine") == b"1"


class StoppedError(Exception):
    """Somebody had enough."""


@pytest.mark.slow
def test_a_rehearsal_that_is_stopped_in_a_move_leaves_nothing_in_the_new_index(tmp_path: Path):
    def stopped(step: Progress) -> None:
        if step.stage == "verify":
            raise StoppedError

    for _ in range(2):  # the second time it would be refused otherwise
        with pytest.raises(StoppedError):
            drill(f"edge:{tmp_path / 'new'}", FEW, stopped)


@pytest.mark.slow
def test_a_rehearsal_touches_no_index_that_holds_something(tmp_path: Path):
    target = f"edge:{tmp_path / 'mine'}"
    mine = Settings(home=tmp_path / "home", index_url=target)
    with Promptuary.open(settings=mine) as promptuary:
        promptuary.ingest(["Plan a trip to the sea."], complete=True)
        kept = promptuary.index_health().entries
    with pytest.raises(GuardRefused, match=f"holds {kept} entries; name one that is empty"):
        drill(target, FEW)
    with Promptuary.open(settings=mine) as promptuary:
        left = promptuary.index_health().entries
    assert kept == left == 1
