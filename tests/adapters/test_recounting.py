"""A process is killed between the log and the entries: what it counted is counted right again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from promptuary.adapters.indexes._shared.engine import Change
from promptuary.adapters.indexes._shared.index import ServedIndex
from promptuary.adapters.indexes._shared.records import to_text
from promptuary.plugins import open_index
from promptuary.testing.index import SPACE
from promptuary.testing.index_server import numbered, scores, true_scores

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[ServedIndex]:
    opened = await open_index(f"qdrant:local:{tmp_path / 'index'}", space=SPACE)
    assert isinstance(opened, ServedIndex)
    yield opened
    await opened.aclose()


async def leave_behind(index: ServedIndex, start: int, end: int) -> None:
    """The state of an engine whose writer was killed: its record stands, its entries do not."""
    change, record, _ = await index._coming(numbered(end)[start:])
    assert await index._engine.apply(Change(change.position, to_text(record)))


async def test_words_that_no_entry_bears_out_are_noticed_and_counted_right(
    index: ServedIndex,
) -> None:
    await index.put(numbered(14))
    assert await index.recount() == 0
    await leave_behind(index, 14, 21)
    assert await index.recount() == 14 + 1  # seven numbers, seven parts, and `of`
    wrong = await scores(index, "part3 number5")
    true = await true_scores(numbered(14), "part3 number5")
    assert wrong != pytest.approx(true, rel=0.01)
    assert await index.recount(repair=True) == 15
    assert await index.recount() == 0
    assert await scores(index, "part3 number5") == pytest.approx(true, rel=0.01)


async def test_putting_again_what_was_being_written_counts_it_once(index: ServedIndex) -> None:
    await index.put(numbered(14))
    await leave_behind(index, 14, 21)
    await index.put(numbered(21))
    await index.recount(repair=True)
    assert await index.recount() == 0
    true = await true_scores(numbered(21), "part3")
    assert await scores(index, "part3") == pytest.approx(true, rel=0.01)
