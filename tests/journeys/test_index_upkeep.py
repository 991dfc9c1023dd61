"""An index is compared with its record, put right, copied, brought back, and made anew."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import pytest

from engines.indexes import forget, fresh
from promptuary import Promptuary
from promptuary.adapters.indexes._shared.engine import Change
from promptuary.adapters.indexes._shared.index import ServedIndex
from promptuary.domain.errors import InvalidInput, NotFound, SpaceMismatch, Unsupported
from promptuary.domain.found import Entry
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CITIES = "Turin Graz Cork Lille Porto Basel Riga Ghent Split Bergen".split()
SENT = [f"Plan a weekend in {city} for two people, without museums." for city in CITIES]


async def found(opened: Promptuary) -> list[tuple[str, float]]:
    answer = await opened.search("weekend in Porto", kinds=("prompt",), limit=20)
    return [(hit.id, round(hit.score, 6)) for hit in answer.hits]


class Upkeep:
    """The same on every engine: needs a fixture `place`, the URL of an index that nobody used."""

    @pytest.fixture
    async def opened(self, place: str, tmp_path: Path) -> AsyncIterator[Promptuary]:
        settings = Settings(home=tmp_path / "home", index_url=place)
        async with await Promptuary.open(settings=settings) as opened:
            await opened.ingest(SENT, complete=True)
            yield opened

    async def test_what_somebody_did_to_the_index_is_found_and_put_right(
        self, opened: Promptuary
    ) -> None:
        assert (await opened.verify_index()).clean
        before = await found(opened)
        first, second = (await opened._index.list_ids(limit=2))[:2]
        await opened._index.remove([first])
        await opened._index.put([Entry(second, {"text": "changed"}), Entry("surplus", {})])
        report = await opened.verify_index()
        assert not report.clean
        assert report.faults == {"missing": 1, "value": 1, "extra": 1}
        assert report.examples == {"missing": (first,), "value": (second,), "extra": ("surplus",)}
        assert (await opened.verify_index(repair=True)).repaired
        assert (await opened.verify_index()).clean
        assert await found(opened) == before

    async def test_a_copy_brings_back_what_was_there_and_what_came_since(
        self, opened: Promptuary, tmp_path: Path
    ) -> None:
        copy = await opened.snapshot_index(tmp_path / "copy.gz")
        assert copy.entries == (await opened.index_stats()).entries
        await opened.ingest(["Plan a weekend in Oslo for two people, without museums."])
        now = await found(opened)
        await opened._index.clear()
        assert await opened.restore_index(tmp_path / "copy.gz") == copy
        assert (await opened.verify_index()).clean
        assert await found(opened) == now

    async def test_a_copy_that_was_cut_is_refused_and_nothing_touched(
        self, opened: Promptuary, tmp_path: Path
    ) -> None:
        await opened.snapshot_index(tmp_path / "copy.gz")
        whole = (tmp_path / "copy.gz").read_bytes()
        lines = gzip.decompress(whole).splitlines(keepends=True)
        damaged = {
            "cut": whole[: len(whole) // 2],
            "short": gzip.compress(b"".join(lines[:-2])),
            "one less": gzip.compress(b"".join([*lines[:-2], lines[-1]])),
            "text": b"no copy",
        }
        for name, content in damaged.items():
            (tmp_path / name).write_bytes(content)
            with pytest.raises(InvalidInput):
                await opened.restore_index(tmp_path / name)
        other = gzip.compress(
            b"".join([lines[0].replace(b'fingerprint":"', b'fingerprint":"x'), *lines[1:]])
        )
        (tmp_path / "other").write_bytes(other)
        with pytest.raises(SpaceMismatch):
            await opened.restore_index(tmp_path / "other")
        assert (await opened.verify_index()).clean

    async def test_a_rebuild_changes_no_answer(self, opened: Promptuary) -> None:
        before = await found(opened)
        assert (await opened.rebuild_index()).state == "ok"
        assert await found(opened) == before


class Staged(Upkeep):
    """What engines with aliases do besides."""

    async def test_searches_are_whole_all_the_while_an_index_is_made_anew(
        self, opened: Promptuary
    ) -> None:
        whole = await found(opened)
        done = anyio.Event()
        answers = []

        async def ask() -> None:
            while not done.is_set():
                answers.append(await found(opened))

        async with anyio.create_task_group() as group:
            group.start_soon(ask)
            await opened.rebuild_index()
            done.set()
        assert answers
        assert all(answer == whole for answer in answers)

    async def test_the_generation_of_before_can_serve_again_and_catches_up(
        self, opened: Promptuary
    ) -> None:
        await opened.rebuild_index()
        old, new = await opened.index_generations()
        assert (old.serves, new.serves) == (False, True)
        await opened.ingest(["Plan a weekend in Oslo for two people, without museums."])
        now = await found(opened)
        served = await opened.serve_index(old.name)
        assert [each.serves for each in served] == [True, False]
        assert await found(opened) == now
        with pytest.raises(NotFound):
            await opened.serve_index("nobody")


class TestEmbedded(Upkeep):
    @pytest.fixture
    def place(self, tmp_path: Path) -> str:
        return f"edge:{tmp_path / 'index'}"

    async def test_it_has_one_generation_and_says_so(self, opened: Promptuary) -> None:
        with pytest.raises(Unsupported):
            await opened.index_generations()


class TestQdrant(Upkeep):
    @pytest.fixture
    def place(self, tmp_path: Path) -> str:
        return f"qdrant:local:{tmp_path / 'index'}"

    async def test_words_that_a_killed_process_left_counted_are_found_and_counted_right(
        self, opened: Promptuary
    ) -> None:
        index = opened._index
        assert isinstance(index, ServedIndex)
        before = await found(opened)
        change, _, _ = await index._coming([Entry("never", {"text": "weekend in Porto"})])
        assert await index._engine.apply(Change(change.position, change.record))
        assert (await opened.verify_index()).faults == {"miscounted": 3}
        assert (await opened.verify_index(repair=True)).repaired == 3
        assert (await opened.verify_index()).clean
        assert await found(opened) == before


class TestElasticsearch(Staged):
    @pytest.fixture
    def place(self, elasticsearch_url: str) -> Iterator[str]:
        yield (place := fresh("elasticsearch", elasticsearch_url))
        forget(place)


class TestOpenSearch(Staged):
    @pytest.fixture
    def place(self, opensearch_url: str) -> Iterator[str]:
        yield (place := fresh("opensearch", opensearch_url))
        forget(place)
