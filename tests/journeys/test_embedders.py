"""A home and its model: changing it is refused, two live side by side, words outlive it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings import small_models
from promptuary import Embeddings, Promptuary
from promptuary.domain.errors import SpaceMismatch, Unavailable
from promptuary.plugins import open_index
from promptuary.settings import Settings
from promptuary.testing.fakes.upstream import FakeUpstream

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PROMPTS = [f"Write a poem about the city of {city}" for city in ("Turin", "Graz", "Cork", "Lille")]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_models.bert(tmp_path / "bert")


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as fake:
        yield fake


async def filled(home: Path, embedder: str, **more: str) -> None:
    async with await Promptuary.open(settings=settings(home, embedder, **more)) as promptuary:
        await promptuary.ingest(PROMPTS)


def settings(home: Path, embedder: str, **more: str) -> Settings:
    return Settings(home=home, embedder=embedder, **more)


async def test_another_model_is_refused_and_the_way_is_named(tmp_path: Path, small: Path) -> None:
    await filled(tmp_path / "home", "static")
    with pytest.raises(SpaceMismatch, match="open it with the embedder it was built with, or reb"):
        await Promptuary.open(settings=settings(tmp_path / "home", str(small)))
    async with await Promptuary.open(settings=settings(tmp_path / "home", "static")) as again:
        assert (await again.search("poem about a city")).hits


async def test_an_index_that_was_moved_away_is_built_again_by_the_new_model(
    tmp_path: Path, small: Path
) -> None:
    await filled(tmp_path / "home", "static")
    (tmp_path / "home" / "index").rename(tmp_path / "away")
    async with await Promptuary.open(settings=settings(tmp_path / "home", str(small))) as changed:
        await changed.rebuild_index()
        assert (await changed.search(PROMPTS[0], mode="meaning")).hits


async def test_two_models_live_side_by_side(tmp_path: Path, small: Path) -> None:
    await filled(tmp_path / "one", "static")
    await filled(tmp_path / "other", str(small))
    one = await Promptuary.open(settings=settings(tmp_path / "one", "static"))
    other = await Promptuary.open(settings=settings(tmp_path / "other", str(small)))
    async with one, other:
        for promptuary in (one, other):
            assert (await promptuary.search(PROMPTS[0], mode="meaning")).hits


async def test_search_goes_on_by_words_when_that_was_wished(
    tmp_path: Path, upstream: FakeUpstream
) -> None:
    spec = f"{upstream.url}?model=small&dim=16"
    await filled(tmp_path, spec)
    lexical = settings(tmp_path, spec, embedder_failure="lexical")
    async with await Promptuary.open(settings=lexical) as promptuary:
        upstream.faults.extend(["500"] * 9)
        answer = await promptuary.search("poem about Turin")
        assert answer.hits
        assert "words alone" in (answer.partial or "")
        with pytest.raises(Unavailable):
            await promptuary.search("poem about Graz", mode="meaning")


async def test_search_fails_with_the_models_error_otherwise(
    tmp_path: Path, upstream: FakeUpstream
) -> None:
    spec = f"{upstream.url}?model=small&dim=16"
    await filled(tmp_path, spec)
    async with await Promptuary.open(settings=settings(tmp_path, spec)) as promptuary:
        upstream.faults.extend(["500"] * 3)
        with pytest.raises(Unavailable):
            await promptuary.search("poem about Turin")


async def test_every_swap_of_a_model_of_the_same_size_is_refused(tmp_path: Path) -> None:
    folder = small_models.bert(tmp_path / "bert")
    with Embeddings.open(str(folder)) as embeddings:
        own = embeddings.space
    index = await open_index(f"edge:{tmp_path / 'index'}", space=own)
    await index.aclose()
    changes = list(swaps(tmp_path))
    for changed in changes:
        with Embeddings.open(changed) as embeddings:
            other = embeddings.space
        assert other.dimensions == own.dimensions
        with pytest.raises(SpaceMismatch):
            await open_index(f"edge:{tmp_path / 'index'}", space=replace(other, name=own.name))
    assert len(changes) >= 20


def swaps(home: Path) -> Iterator[str]:
    """Specs of models that differ from `bert` in one thing each, or are of another family."""
    for n in range(16):
        folder = small_models.bert(home / f"tuned {n}")
        path = folder / "model.safetensors"
        data = bytearray(path.read_bytes())
        data[-1 - 4 * n] ^= 1
        path.write_bytes(data)
        yield str(folder)
    shorter = small_models.bert(home / "shorter")
    (shorter / "sentence_bert_config.json").write_text('{"max_seq_length": 23}')
    yield str(shorter)
    pooled = small_models.bert(home / "pooled")
    small_models._modules(pooled, {"pooling_mode_cls_token": True})
    yield str(pooled)
    for kernel in ("q8", "int8"):
        yield f"{small_models.bert(home / kernel)}?kernel={kernel}"
    yield str(small_models.mpnet(home / "mpnet"))
    yield str(small_models.xlm_roberta(home / "xlm"))
