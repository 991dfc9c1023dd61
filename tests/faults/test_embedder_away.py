"""The embedding model goes away: at a write, at a search, and comes back; two spaces never mix."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from promptuary import Promptuary
from promptuary.canon import catching_up
from promptuary.domain.errors import Misconfigured, SpaceMismatch, Unavailable
from promptuary.domain.filters import Eq
from promptuary.domain.prompts import IncomingPrompt
from promptuary.settings import Settings
from promptuary.testing.fakes.upstream import FakeUpstream

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PROMPTS = [f"Write a poem about the city of {city}" for city in ("Turin", "Graz", "Cork", "Lille")]
DOCUMENT = "# Bread\n\nKnead the dough for ten minutes, then let it rest for an hour.\n"


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as fake:
        yield fake


def wished(home: Path, upstream: FakeUpstream, **more: str) -> Settings:
    spec = f"{upstream.url}?model=small&dim=16"
    return Settings(home=home, embedder=spec, **{"embedder_failure": "dual", **more})


@pytest.fixture
async def opened(tmp_path: Path, upstream: FakeUpstream) -> AsyncIterator[Promptuary]:
    async with await Promptuary.open(settings=wished(tmp_path / "home", upstream)) as promptuary:
        await promptuary.ingest([IncomingPrompt(text) for text in PROMPTS])
        yield promptuary


async def passages(opened: Promptuary) -> list[int]:
    """How many the index of each side holds."""
    sides = (opened._sides.first, opened._sides.second)
    return [await side.index.count(Eq("kind", "passage")) for side in sides if side is not None]


def gone(upstream: FakeUpstream) -> None:
    upstream.faults.extend(["500"] * 500)


async def test_search_goes_on_in_the_second_space_and_says_so(
    opened: Promptuary, upstream: FakeUpstream
) -> None:
    assert (await opened.search(PROMPTS[0])).partial is None
    gone(upstream)
    for mode in ("hybrid", "meaning"):
        answer = await opened.search("a poem on Turin", mode=mode)  # type: ignore[arg-type]  # a name
        assert "Turin" in answer.hits[0].texts["text"]
        assert "in the space of static" in str(answer.partial)


async def test_what_is_written_meanwhile_is_found_at_once_and_in_the_first_space_later(
    opened: Promptuary,
    upstream: FakeUpstream,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catching_up, "PAUSE_SECONDS", 0.01)
    gone(upstream)
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "bread.md").write_text(DOCUMENT)
    await opened.sync(folder)
    found = await opened.find_passages("how long does dough rest")
    assert "rest for an hour" in found[0].passage.text
    assert "in the space of static" in found[0].reasons[-1]
    outcome = await opened.ask("How long does the dough rest?")
    assert "in the space of static" in outcome.reasons[-1]
    assert (await opened.health()).status == "degraded"
    upstream.faults.clear()
    # The endpoint is left alone for a while after so many failures; a new process asks at once.
    await opened.aclose()
    async with await Promptuary.open(settings=opened.settings) as again:
        await again.settle()
        found = await again.find_passages("how long does dough rest")
        assert "static" not in found[0].reasons[-1]
        assert (await again.health()).status == "healthy"


async def test_what_is_deleted_meanwhile_is_gone_on_both_sides(
    opened: Promptuary, upstream: FakeUpstream, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "bread.md").write_text(DOCUMENT)
    await opened.sync(folder)
    assert await passages(opened) == [1, 1]
    gone(upstream)
    (folder / "bread.md").unlink()
    await opened.sync(folder)
    assert not await opened.find_passages("how long does dough rest")
    assert await passages(opened) == [0, 0]


async def test_with_both_models_away_it_is_an_error(tmp_path: Path, upstream: FakeUpstream) -> None:
    with FakeUpstream(8) as other:
        settings = wished(tmp_path, upstream, second_embedder=f"{other.url}?model=tiny&dim=8")
        async with await Promptuary.open(settings=settings) as promptuary:
            await promptuary.ingest(PROMPTS)
            gone(upstream)
            gone(other)
            with pytest.raises(Unavailable):
                await promptuary.search("poem about Turin")


async def test_a_model_cannot_be_its_own_second(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="another space as second_embedder"):
        await Promptuary.open(settings=Settings(home=tmp_path, embedder_failure="dual"))


async def test_the_second_index_refuses_another_second_model(
    opened: Promptuary, upstream: FakeUpstream
) -> None:
    await opened.aclose()
    home = opened.settings.home
    with FakeUpstream(8) as other:
        spec = f"{other.url}?model=tiny&dim=8"
        with pytest.raises(SpaceMismatch):
            await Promptuary.open(settings=wished(home, upstream, second_embedder=spec))


async def test_equivalent_turns_to_the_same_space_elsewhere(
    tmp_path: Path, upstream: FakeUpstream
) -> None:
    with FakeUpstream() as other:
        spec = f"{other.url}?model=small&dim=16"
        settings = wished(tmp_path, upstream, embedder_failure="equivalent", second_embedder=spec)
        async with await Promptuary.open(settings=settings) as promptuary:
            await promptuary.ingest(PROMPTS)
            gone(upstream)
            answer = await promptuary.search("poem about Turin")
            assert answer.hits
            assert answer.partial is None
            assert other.received
    with pytest.raises(SpaceMismatch):
        await Promptuary.open(
            settings=wished(
                tmp_path / "b", upstream, embedder_failure="equivalent", second_embedder="static"
            )
        )
    with pytest.raises(Misconfigured, match="no second_embedder"):
        await Promptuary.open(
            settings=wished(tmp_path / "c", upstream, embedder_failure="equivalent")
        )
