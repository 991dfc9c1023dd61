import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from promptuary.adapters.indexes.edge.index import EdgeIndex
from promptuary.domain.errors import Busy, Misconfigured, StorageFull, Unavailable
from promptuary.domain.found import Entry
from promptuary.plugins import open_index
from promptuary.ports.index import Index, WordQuery
from promptuary.testing.index import SPACE, sample

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

WATERMARK = 9


async def opened(folder: Path) -> Index:
    return await open_index(f"edge:{folder}", space=SPACE)


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """An index of 40 entries, closed in good order."""
    path = tmp_path / "index"
    index = await opened(path)
    for start in range(0, 40, 10):
        await index.put(sample(40)[start : start + 10])
    await index.set_watermark(WATERMARK)
    await index.aclose()
    return path


def named(value: object) -> str:
    return getattr(value, "__name__", str(value))


def one(folder: Path, pattern: str) -> Path:
    return next(iter(sorted(folder.glob(pattern))))


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def scribble(file: Path) -> None:
    with file.open("r+b") as opened_file:
        opened_file.write(b"\xa5" * 64)


def forget(file: Path) -> None:
    shutil.rmtree(file) if file.is_dir() else file.unlink()


DAMAGES: list[tuple[Callable[[Path], None], str]] = [
    (scribble, "identity.json"),
    (forget, "identity.json"),
    (scribble, "ledger.log"),
    (truncate, "ledger.log"),
    (forget, "ledger.log"),
    (forget, "shard"),
    (forget, "shard/segments"),
    (scribble, "shard/edge_config.json"),
    (truncate, "shard/segments/*/segment.json"),
    (forget, "shard/segments/*/segment.json"),
    (scribble, "shard/segments/*/vector_storage-meaning/tq_vectors/chunk_0.mmap"),
    (forget, "shard/segments/*/mutable_id_tracker.mappings"),
    (scribble, "shard/segments/*/payload_storage/page_0.dat"),
    (truncate, "shard/segments/*/payload_storage/page_0.dat"),
    (scribble, "shard/wal/open-1"),
    (scribble, "seal.json"),
]


@pytest.mark.parametrize(("damage", "where"), DAMAGES, ids=named)
async def test_damage_is_noticed_set_aside_and_healed_by_the_owner(
    folder: Path, damage: Callable[[Path], None], where: str
) -> None:
    damage(one(folder, where))
    index = await opened(folder)
    health = await index.health()
    assert (health.state, health.watermark, health.expected) == ("rebuilding", 0, WATERMARK)
    assert str(folder.with_name("index.damaged-1")) in health.detail
    assert folder.with_name("index.damaged-1").is_dir()
    assert await index.count() == 0
    await index.put(sample(40))
    await index.set_watermark(WATERMARK)
    assert (await index.health()).state == "ok"
    assert len(await index.search_words(WordQuery("refund"), limit=99)) == 10
    await index.aclose()


@pytest.mark.parametrize("damage", [scribble, forget])
async def test_a_lost_state_means_rebuilding_until_something_is_put(
    folder: Path, damage: Callable[[Path], None]
) -> None:
    damage(folder / "state.json")
    index = await opened(folder)
    assert (await index.health()).state == "rebuilding"
    await index.set_watermark(1)
    assert (await index.health()).state == "ok"
    await index.aclose()


async def test_the_second_damage_is_set_aside_beside_the_first(folder: Path) -> None:
    for number in (1, 2):
        truncate(one(folder, "shard/segments/*/segment.json"))
        await (await opened(folder)).aclose()
        assert folder.with_name(f"index.damaged-{number}").is_dir()


async def test_rebuilding_goes_on_after_a_restart(folder: Path) -> None:
    forget(folder / "shard")
    await (await opened(folder)).aclose()
    index = await opened(folder)
    assert ((await index.health()).state, (await index.health()).expected) == (
        "rebuilding",
        WATERMARK,
    )
    await index.aclose()


async def test_a_folder_that_went_away_is_a_new_index(folder: Path) -> None:
    shutil.rmtree(folder)
    index = await opened(folder)
    assert (await index.watermark(), await index.count()) == (0, 0)
    await index.aclose()


@pytest.mark.parametrize(
    ("damage", "where"),
    [
        (truncate, "shard/segments/*/vector_storage-meaning/deleted/status.dat"),  # a panic
        (scribble, "shard/segments/*/segment.json"),
        (forget, "shard/segments/*/mutable_id_tracker.mappings"),  # silent to the engine
        (forget, "ledger.log"),
    ],
)
async def test_damage_after_a_kill_is_noticed_without_a_seal(
    folder: Path, damage: Callable[[Path], None], where: str
) -> None:
    (folder / "seal.json").unlink()
    damage(one(folder, where))
    index = await opened(folder)
    assert (await index.health()).state == "rebuilding"
    await index.aclose()


@pytest.mark.parametrize("torn", [b"\xff\xff\0\0" + b"x" * 500, bytes(900), b"\x01"])
async def test_a_ledger_torn_by_a_kill_is_cut_and_goes_on(folder: Path, torn: bytes) -> None:
    (folder / "seal.json").unlink()
    with (folder / "ledger.log").open("ab") as ledger:
        ledger.write(torn)
    for expected in (40, 41):
        index = await opened(folder)
        assert ((await index.health()).state, await index.count()) == ("ok", expected)
        await index.put([Entry("after", {"text": "quite new words"})])
        assert len(await index.search_words(WordQuery("quite"), limit=5)) == 1
        await index.aclose()


async def test_a_loss_of_power_takes_the_watermark_back_to_what_was_synced(folder: Path) -> None:
    (folder / "seal.json").unlink()
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(
        json.dumps(state | {"watermark": 20, "boot": "another run of the machine"})
    )
    index = await opened(folder)
    health = await index.health()
    assert (health.state, health.watermark, health.expected) == ("rebuilding", WATERMARK, 20)
    assert health.entries == 40
    await index.aclose()


async def test_a_second_opening_says_which_folder_is_busy(folder: Path) -> None:
    index = await opened(folder)
    with pytest.raises(Busy, match=str(folder)):
        await opened(folder)
    await index.aclose()
    await (await opened(folder)).aclose()


@pytest.mark.parametrize("name", ["thesis.txt", "state.json", "ledger.log"])
async def test_a_folder_of_other_things_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"years": "of work"}')
    with pytest.raises(Misconfigured):
        await opened(tmp_path)
    assert (tmp_path / name).read_text() == '{"years": "of work"}'


@pytest.mark.parametrize("call", ["statvfs", "fsync"])
async def test_an_index_that_found_no_room_when_it_was_made_is_made_once_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(StorageFull):
            await opened(tmp_path / "index")
    index = await opened(tmp_path / "index")
    await index.put(sample(3))
    assert await index.count() == 3
    await index.aclose()


WRITER = """
import sys, anyio
from promptuary.domain.found import Entry
from promptuary.plugins import open_index
from promptuary.testing.index import SPACE, unit

async def main():
    index = await open_index(f"edge:{sys.argv[1]}", space=SPACE)
    for batch in range(1000):
        await index.put([
            Entry(f"{batch}-{i}", {"text": f"batch{batch} word{i}"}, {"batch": batch}, unit(1, i))
            for i in range(20)
        ])
        await index.set_watermark(batch + 1)
        print(batch, flush=True)

anyio.run(main)
"""


@pytest.mark.slow
@pytest.mark.parametrize("batches", [0, 1, 7, 40])
async def test_nothing_acknowledged_is_lost_in_a_kill(tmp_path: Path, batches: int) -> None:
    folder = tmp_path / "index"
    with subprocess.Popen(  # noqa: ASYNC220  # nothing else runs here
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(batches + 1)][-1] + 1
        writer.send_signal(signal.SIGKILL)
    index = await opened(folder)
    health = await index.health()
    assert health.state == "ok"
    assert health.watermark >= acknowledged
    assert await index.count() >= 20 * acknowledged
    hits = await index.search_words(WordQuery("word7", typos=False), limit=2_000)
    assert len(hits) >= acknowledged
    await index.put([Entry("after", {"text": "the kill"})])
    assert len(await index.search_words(WordQuery("kill"), limit=5)) == 1
    await index.aclose()


async def test_a_failing_engine_is_unavailable_and_its_folder_suspect(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PanicException(BaseException):
        """As the engine's own: no Exception."""

    class BrokenShard:
        def count(self, request: object) -> int:
            raise PanicException("index out of bounds")

        def flush(self) -> None:
            raise PanicException("poisoned")

        def close(self) -> None:
            raise PanicException("poisoned")

    index = await opened(folder)
    assert isinstance(index, EdgeIndex)
    real = index._store.engine.shard
    monkeypatch.setattr(index._store.engine, "shard", BrokenShard())
    with pytest.raises(Unavailable, match="index out of bounds"):
        await index.count()
    assert (await index.health()).entries == 40
    await index.aclose()
    real.close()
    again = await opened(folder)
    assert (await again.health()).state == "rebuilding"
    await again.aclose()


async def test_a_full_disk_keeps_what_was_acknowledged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = await opened(folder)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("promptuary.adapters.indexes.edge.ledger.os.pwrite", full)
        with pytest.raises(StorageFull):
            await index.put([Entry("new", {"text": "never seen words"})])
    assert await index.count() == 40
    await index.put([Entry("new", {"text": "never seen words"})])
    assert len(await index.search_words(WordQuery("never"), limit=5)) == 1
    await index.aclose()
    again = await opened(folder)
    assert len(await again.search_words(WordQuery("never"), limit=5)) == 1
    assert len(await again.search_words(WordQuery("refund"), limit=99)) == 10
    await again.aclose()
