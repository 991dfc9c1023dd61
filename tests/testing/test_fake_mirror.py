"""The fake mirror keeps the contract, and one that is away holds nobody up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from promptuary.canon.catching_up import Follower
from promptuary.canon.indexing import Indexing
from promptuary.canon.mirroring import Mirroring
from promptuary.domain.errors import Unavailable
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.index import FakeIndex
from promptuary.testing.fakes.mirror import MemoryMirror
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.mirror import MirrorContract
from promptuary.testing.samples import save

MIDNIGHT = datetime(2026, 5, 4, tzinfo=UTC)


class TestMemoryMirror(MirrorContract):
    @pytest.fixture
    def mirror(self):
        return MemoryMirror()

    @pytest.fixture
    def seen(self, mirror):
        async def found(asked):
            kept = mirror.prompts.get(asked.id)
            return kept and (kept.vector, kept.lineage_id)

        return found


@pytest.mark.anyio
async def test_what_a_mirror_missed_is_said_until_the_index_is_built_again() -> None:
    record, embedder, mirror, other = (
        MemoryUnitOfWork(), FakeEmbedder(), MemoryMirror(), MemoryMirror(),
    )  # fmt: skip
    mirroring = Mirroring(record, embedder, [mirror, other])
    parts = Indexing(record, FakeIndex(embedder.space), embedder, mirroring=mirroring)
    follower = Follower(parts)
    mirror.away = True
    await mirroring.passed("monday", 7, MIDNIGHT)
    assert (mirror.batches, other.batches) == ({}, {"monday": (7, MIDNIGHT)})
    (saved,) = await save(record, "count the owls")
    async with record.begin() as tx:
        await tx.outbox.add("prompt", [saved.prompt_id])
    await follower.catch_up()
    assert await parts.index.count() == 1
    assert (list(mirror.prompts), list(other.prompts)) == ([], [saved.prompt_id])
    with pytest.raises(Unavailable, match="1 prompts were not copied to a mirror: the fake"):
        await follower.ping()
    mirror.away = False
    await follower.rebuild()
    assert mirror.prompts[saved.prompt_id].text == "count the owls"
    await follower.ping()
