"""Idempotency keys do not outlive their use."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from promptuary.plugins import open_unit_of_work
from promptuary.ports._ledgers import StoredReply

pytestmark = pytest.mark.anyio


def age(path: Path, hours: float) -> None:
    """Make every claim that much older."""
    db = sqlite3.connect(path)
    with db:
        (stamp,) = db.execute("SELECT typeof(created_at) FROM replies").fetchone()
        assert stamp == "text"
        db.execute(
            "UPDATE replies SET created_at = strftime('%Y-%m-%dT%H:%M:%f000+00:00', created_at, ?)",
            (f"-{hours} hours",),
        )
    db.close()


async def test_a_claim_that_nobody_answers_lapses(tmp_path: Path) -> None:
    record = await open_unit_of_work(f"sqlite:///{tmp_path}/record.db")
    async with record.begin() as tx:
        assert await tx.replies.begin("key", "digest") is None
    age(tmp_path / "record.db", hours=0.2)
    async with record.begin() as tx:
        assert await tx.replies.begin("key", "digest") is None
    await record.aclose()


async def test_an_answer_is_kept_for_a_day_and_no_longer(tmp_path: Path) -> None:
    record = await open_unit_of_work(f"sqlite:///{tmp_path}/record.db")
    async with record.begin() as tx:
        await tx.replies.begin("key", "digest")
        await tx.replies.finish("key", 201, b"{}")
    age(tmp_path / "record.db", hours=23)
    async with record.begin() as tx:
        assert await tx.replies.begin("key", "digest") == StoredReply("digest", 201, b"{}")
    age(tmp_path / "record.db", hours=2)
    async with record.begin() as tx:
        assert await tx.replies.begin("key", "digest") is None
    await record.aclose()
