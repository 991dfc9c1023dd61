"""Entries that the engine has laid out for reading are found, changed and kept as before."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from promptuary.adapters.indexes.edge import store
from promptuary.domain.filters import AllOf, Between, Eq
from promptuary.domain.found import Entry
from promptuary.domain.vectors import Space
from promptuary.plugins import open_index
from promptuary.ports.index import Index, WordQuery

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

SPACE = Space("random", 16, "random/1")
COUNT = 400
VECTORS = np.random.default_rng(5).normal(size=(COUNT, 16)).astype(np.float32)
EVEN = AllOf((Eq("even", True), Between("number", low=100)))


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "SEGMENT", 100)
    monkeypatch.setattr(store, "_FLUSH_AFTER", 50)


def entry(number: int, *, said: str = "word") -> Entry:
    texts = {"text": f"{said}{number % 7} common"}
    return Entry(
        f"{number:04}", texts, {"even": number % 2 == 0, "number": number}, VECTORS[number]
    )


async def filled(folder: Path) -> Index:
    index = await open_index(f"edge:{folder}", space=SPACE)
    for start in range(0, COUNT, 50):
        await index.put([entry(number) for number in range(start, start + 50)])
        await index.set_watermark(start + 50)
    return index


async def test_laid_out_entries_are_found_exactly_by_meaning_words_and_filter(
    tmp_path: Path,
) -> None:
    index = await filled(tmp_path / "index")
    nearest = np.argsort(-(VECTORS / np.linalg.norm(VECTORS, axis=1)[:, None]) @ VECTORS[3])
    (hits,) = await index.search_vectors(VECTORS[3:4], limit=20)
    words = await index.search_words(WordQuery("word3"), limit=COUNT)
    among = await index.search_words(WordQuery("common"), limit=COUNT, where=EVEN)
    await index.aclose()
    assert [hit.id for hit in hits] == [f"{number:04}" for number in nearest[:20]]
    assert {hit.id for hit in words} == {f"{n:04}" for n in range(COUNT) if n % 7 == 3}
    assert {hit.id for hit in among} == {f"{n:04}" for n in range(100, COUNT, 2)}


async def test_laid_out_entries_can_be_overwritten_and_removed(tmp_path: Path) -> None:
    index = await filled(tmp_path / "index")
    await index.put([entry(number, said="other") for number in range(50)])
    removed = await index.remove([f"{number:04}" for number in range(350, COUNT)])
    await index.aclose()
    again = await open_index(f"edge:{tmp_path / 'index'}", space=SPACE)
    health = await again.health()
    words = await again.search_words(WordQuery("other3"), limit=COUNT)
    even = await again.count(EVEN)
    (kept,) = await again.get(["0003"])
    await again.aclose()
    assert (removed, health.state, health.entries) == (50, "ok", 350)
    assert {hit.id for hit in words} == {f"{n:04}" for n in range(50) if n % 7 == 3}
    assert even == 125
    assert kept.texts == {"text": "other3 common"}


async def test_entries_are_laid_out_when_they_fill_a_segment_across_restarts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    laid_out = store.Engine.lay_out
    monkeypatch.setattr(store.Engine, "lay_out", lambda one: (told.append(1), laid_out(one)))
    for start in (0, 60):
        index = await open_index(f"edge:{tmp_path / 'index'}", space=SPACE)
        await index.put([entry(number) for number in range(start, start + 60)])
        await index.set_watermark(start + 60)
        await index.aclose()
    assert len(told) == 1


LAYING_OUT = """
import sys
sys.path[:0] = sys.argv[2:]
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from adapters.test_edge_layout import SPACE, entry, store
from promptuary.adapters.indexes.edge.opening import open_store
index = open_store(Path(sys.argv[1]), SPACE)
for start in range(0, 200, 50):
    index.put([entry(number) for number in range(start, start + 50)])
    index.set_watermark(start + 50)
print("begins", flush=True)
index.engine.lay_out()
index.engine.lay_out()
"""


def set_aside(folder: Path) -> list[Path]:
    return list(folder.glob("*damaged*"))


def killed_while_laying_out(folder: Path, seconds: float) -> None:
    command = [sys.executable, "-c", LAYING_OUT, str(folder), str(Path(__file__).parents[1])]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == b"begins\n"
        with suppress(subprocess.TimeoutExpired):
            one.wait(seconds)
        one.kill()


@pytest.mark.slow
@pytest.mark.parametrize("milliseconds", [0, 5, 20, 80])
async def test_a_kill_while_entries_are_laid_out_loses_nothing(
    tmp_path: Path, milliseconds: int
) -> None:
    folder = tmp_path / "index"
    killed_while_laying_out(folder, milliseconds / 1000)
    again = await open_index(f"edge:{folder}", space=SPACE)
    health = await again.health()
    words = await again.search_words(WordQuery("word3"), limit=COUNT)
    await again.aclose()
    assert (health.state, health.entries, health.watermark) == ("ok", 200, 200)
    assert {hit.id for hit in words} == {f"{n:04}" for n in range(200) if n % 7 == 3}
    assert not set_aside(tmp_path)


async def test_a_rebuild_without_a_watermark_on_its_way_lays_out_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    laid_out = store.Engine.lay_out
    monkeypatch.setattr(store.Engine, "lay_out", lambda one: (told.append(1), laid_out(one)))
    index = await open_index(f"edge:{tmp_path / 'index'}", space=SPACE)
    for start in range(0, COUNT, 50):
        await index.put([entry(number) for number in range(start, start + 50)])
    await index.aclose()
    assert len(told) == COUNT // 100
