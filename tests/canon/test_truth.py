"""Incremental truth: order and batches decide little, and ids stay while more comes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

import pytest
from bench.shuffles import agreement
from bench.traffic import rows

from promptuary.adapters.moderators.rules import connect
from promptuary.canon.browse import placement_rows
from promptuary.canon.ingest import Canon, ingest, settle
from promptuary.canon.receive import Reception
from promptuary.domain.prompts import IncomingPrompt
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
COUNT = 900
Clusters = dict[str, str]


def engine(window: int) -> Canon:
    reception = Reception(MemoryUnitOfWork(), connect("rules:"), HandClock(BEGIN), 10**6)
    return Canon(
        reception, FakeEmbedder(), window=window, minimum=3, threshold=None, isolated=False
    )


@cache
def prompts(seed: int) -> Sequence[IncomingPrompt]:
    texts = [(one["id"], one["text"]) for one in rows(COUNT)]
    Random(seed).shuffle(texts)
    return [
        IncomingPrompt(text, id=own_id, created_at=BEGIN + timedelta(minutes=at))
        for at, (own_id, text) in enumerate(texts)
    ]


async def clusters(canon: Canon) -> Clusters:
    return {row.id: row.cluster_id or "" async for row in placement_rows(canon.record, "default")}


@cache
def _outcomes() -> dict[tuple[int, int, int], Clusters]:
    return {}


async def outcome(seed: int, window: int, batch: int) -> Clusters:
    known = _outcomes()
    if (seed, window, batch) not in known:
        canon = engine(window)
        for start in range(0, COUNT, batch):
            some = prompts(seed)[start : start + batch]
            await ingest(canon, some, "default", None, place=True, complete=False)
        await settle(canon, "default")
        known[seed, window, batch] = await clusters(canon)
    return known[seed, window, batch]


@pytest.mark.parametrize(
    ("seed", "window", "batch"), [(2, 8_000, COUNT), (1, 300, COUNT), (2, 400, 50), (1, 8_000, 60)]
)
async def test_order_windows_and_batches_decide_little(seed: int, window: int, batch: int) -> None:
    whole, placed = agreement(await outcome(1, 8_000, COUNT), await outcome(seed, window, batch))
    assert min(whole, placed) >= 0.97


async def test_prompts_that_keep_their_company_keep_their_id_while_more_come() -> None:
    canon = engine(8_000)
    await ingest(canon, prompts(3)[: COUNT // 2], "default", None, place=True)
    before = await clusters(canon)
    await ingest(canon, prompts(3)[COUNT // 2 :], "default", None, place=True)
    after = await clusters(canon)
    kept = company_kept(before, after)
    stayed = sum(before[own_id] == after[own_id] for own_id in kept)
    assert len(kept) > COUNT // 3
    assert stayed >= 0.95 * len(kept)


def company_kept(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Prompts most of whose companions are with them still."""
    mates: dict[str, list[str]] = defaultdict(list)
    for own_id, cluster in before.items():
        if cluster and after[own_id]:
            mates[cluster].append(own_id)
    kept = []
    for ids in mates.values():
        now = Counter(after[own_id] for own_id in ids)
        kept += [own_id for own_id in ids if 2 * now[after[own_id]] > len(ids)]
    return kept
