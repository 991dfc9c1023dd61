"""What an index gives back and no longer finds is noticed, and mended."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from promptuary.canon.findable import SAMPLE, Standing
from promptuary.canon.indexing import Indexing, rebuild
from promptuary.canon.verifying import repair, verify
from promptuary.domain.filters import Filter
from promptuary.domain.found import Hit
from promptuary.ports.index import WordQuery
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.index import FakeIndex
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.samples import save

pytestmark = pytest.mark.anyio


class Torn(FakeIndex):
    """Some entries are kept, and words or filters find them only once they went and came again."""

    wordless: frozenset[str] = frozenset()
    unfiltered: frozenset[str] = frozenset()

    async def remove(self, ids: Sequence[str]) -> int:
        self.wordless -= frozenset(ids)
        self.unfiltered -= frozenset(ids)
        return await super().remove(ids)

    async def search_words(
        self, query: WordQuery, *, limit: int, where: Filter | None = None
    ) -> list[Hit]:
        found = await super().search_words(query, limit=limit, where=where)
        return [hit for hit in found if hit.id not in self.wordless]

    async def list_ids(
        self, *, after: str | None = None, limit: int = 100, where: Filter | None = None
    ) -> list[str]:
        found = await super().list_ids(after=after, limit=limit, where=where)
        return [id_ for id_ in found if where is None or id_ not in self.unfiltered]


@pytest.fixture
def index() -> Torn:
    return Torn(FakeEmbedder().space)


@pytest.fixture
async def parts(index: Torn) -> Indexing:
    record = MemoryUnitOfWork()
    await save(record, *(f"Plan a trip to town{at} by train." for at in range(40)))
    parts = Indexing(record, index, FakeEmbedder())
    await rebuild(parts)
    return parts


async def one_of(index: Torn) -> str:
    (hit,) = await index.search_words(WordQuery("town7", typos=False), limit=2)
    return hit.id


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("lost", ["wordless", "unfiltered"])
async def test_what_is_kept_and_not_found_is_unfindable_until_it_is_repaired(
    parts: Indexing, index: Torn, lost: str, deep: bool
) -> None:
    torn = await one_of(index)
    assert (await verify(parts, deep=deep)).clean
    setattr(index, lost, frozenset([torn]))
    found = await verify(parts, deep=deep)
    assert (found.faults, found.examples) == ({"unfindable": 1}, {"unfindable": (torn,)})
    mended = await repair(parts, deep=deep)
    assert (mended.clean, mended.repaired) == (True, 1)


async def test_what_is_written_again_without_going_first_stays_unfindable(
    parts: Indexing, index: Torn
) -> None:
    """As a check of the fake: else the repair above would prove little."""
    torn = await one_of(index)
    index.wordless = frozenset([torn])
    await index.put(await index.get([torn]))
    assert (await verify(parts)).faults == {"unfindable": 1}


def test_a_sample_has_its_size_whatever_there_is_and_counts_what_it_has_right() -> None:
    standing, whole = Standing(), Standing(deep=True)
    for at in range(3_000):
        texts = {"text": f"word{at % 700} common"}
        standing.add(str(at), texts)
        whole.add(str(at), texts)
    every, some = set(whole.asked()), set(standing.asked())
    assert len(every) == 701
    assert SAMPLE <= len(some) <= 2 * SAMPLE
    assert some < every
