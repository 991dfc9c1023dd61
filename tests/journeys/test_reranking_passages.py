"""Passages looked at twice: from the setting to the order, and on when nobody can look again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from promptuary import Promptuary
from promptuary.settings import Settings
from promptuary.testing.fakes.rerank_upstream import FakeRerankUpstream

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PAGES = {
    "bread": "Bread dough rests for one hour before it is baked.",
    "ovens": "An oven is hot. Bread is baked in an oven, and dough sticks to an oven.",
    "bikes": "A bicycle chain needs oil every month.",
}
QUESTION = "one hour rests dough bread"


@pytest.fixture
def upstream() -> Iterator[FakeRerankUpstream]:
    with FakeRerankUpstream() as fake:
        yield fake


@pytest.fixture
async def opened(tmp_path: Path, upstream: FakeRerankUpstream) -> AsyncIterator[Promptuary]:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / f"{name}.md").write_text(f"# {name.title()}\n\n{text}\n")
    settings = Settings(home=tmp_path / "home", reranker=f"{upstream.url}?model=small")
    async with await Promptuary.open(settings=settings) as promptuary:
        await promptuary.sync(folder)
        yield promptuary


async def test_more_are_looked_at_than_are_given_back(
    opened: Promptuary, upstream: FakeRerankUpstream
) -> None:
    (best,) = await opened.find_passages(QUESTION, limit=1)
    assert best.passage.source == "docs/bread.md"
    assert "reranked by small" in best.reasons[-1]
    assert len(upstream.received[0].body["documents"]) > 1


async def test_one_ranker_alone_is_left_as_it_is(
    opened: Promptuary, upstream: FakeRerankUpstream
) -> None:
    await opened.find_passages(QUESTION, mode="words")
    assert not upstream.received


async def test_a_reranker_that_is_away_changes_nothing_and_that_is_said(
    opened: Promptuary, upstream: FakeRerankUpstream
) -> None:
    upstream.faults.extend(["500", "500"])
    found = await opened.find_passages(QUESTION)
    assert found[0].passage.source == "docs/bread.md"
    assert "not reranked, as small is away" in found[0].reasons[-1]
    outcome = await opened.ask(QUESTION)
    assert "not reranked, as small is away" in outcome.reasons[-1]
