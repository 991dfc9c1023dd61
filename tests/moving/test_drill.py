"""A whole move under live traffic, with faults and the way back, to embedded and real engines."""

from __future__ import annotations

import pytest
from anyio import to_thread

from promptuary.drilling import drill

PROMPTS = 200


def rehearsed(url: str) -> None:
    outcome = drill(url, PROMPTS)
    assert outcome.faults_found == outcome.faults_made == 18
    assert outcome.left_after_repair == 0
    assert (outcome.failed_reads, outcome.lost_writes) == (0, 0)
    # A machine that is busy with other tests may take an engine for too slow: then it says so.
    slow = any("the new store takes" in note for note in outcome.move.notes)
    assert outcome.reads > (0 if slow else 200)
    assert outcome.writes > 0
    assert outcome.rollback_seconds < 5
    assert outcome.move.step == "rolled_back"
    assert slow or outcome.move.shadow.overlap > 0.95
    assert outcome.passed is not slow
    assert f"| Outcome | {'FAILED' if slow else 'passed'} |" in outcome.text


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
