import asyncio
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from promptuary.adapters.units_of_work._sql.on_sqlite import sqlite_engines
from promptuary.adapters.units_of_work.sqlite import connect
from promptuary.domain.errors import Busy, Misconfigured
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.job_queue import JobQueueContract
from promptuary.testing.samples import HOME_ID, new_prompt, save
from promptuary.testing.unit_of_work import UnitOfWorkContract


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record with its tables and nothing in them; copy it."""
    path = tmp_path_factory.mktemp("empty") / "record.db"

    async def make() -> None:
        await (await connect(f"sqlite:///{path}")).aclose()

    asyncio.run(make())
    return path


@pytest.fixture
async def record(tmp_path: Path, empty: Path) -> AsyncIterator[UnitOfWork]:
    shutil.copy(empty, tmp_path)
    record = await connect(f"sqlite:///{tmp_path}/record.db")
    yield record
    await record.aclose()


class TestSqlite(UnitOfWorkContract):
    pass


class TestSqliteJobs(JobQueueContract):
    pass


async def texts(record: UnitOfWork) -> list[str]:
    async with record.read() as tx:
        return [prompt.text for prompt in await tx.prompts.after(HOME_ID, 0, limit=10_000)]


@pytest.mark.anyio
async def test_what_was_saved_is_there_after_reopening(tmp_path: Path) -> None:
    for text in ("a", "b"):
        record = await connect(f"sqlite:///{tmp_path}/record.db")
        await save(record, text)
        kept = await texts(record)
        await record.aclose()
    assert kept == ["a", "b"]


@pytest.mark.anyio
@pytest.mark.parametrize("folder", ["a b", "é?x=1#y", "100%25", "new/deep", "'quoted\""])
async def test_any_folder_will_do(tmp_path: Path, folder: str) -> None:
    record = await connect(f"sqlite:///{tmp_path}/{folder}/record.db")
    await record.aclose()
    assert (tmp_path / folder / "record.db").is_file()


@pytest.mark.anyio
@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:x.db"])
async def test_a_url_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="sqlite:///path"):
        await connect(url)


@pytest.mark.anyio
async def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "record.db"
    other.write_text("not a database " * 100)
    with pytest.raises(Misconfigured):
        await connect(f"sqlite:///{other}")
    assert other.read_text() == "not a database " * 100


@pytest.mark.anyio
async def test_a_file_that_another_process_holds_makes_writers_wait_and_then_busy(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/record.db"
    record = await sqlite_engines(url, patience=0.05).open()
    with closing(sqlite3.connect(tmp_path / "record.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            await save(record, "too early")
        assert await texts(record) == []
        other.execute("ROLLBACK")
    await save(record, "in time")
    assert await texts(record) == ["in time"]
    await record.aclose()


@pytest.mark.anyio
@pytest.mark.slow
async def test_many_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/record.db"
    records = await asyncio.gather(*(connect(url) for _ in range(6)))
    await asyncio.gather(*(save(each, f"{i}") for i, each in enumerate(records)))
    assert sorted(await texts(records[0])) == ["0", "1", "2", "3", "4", "5"]
    for each in records:
        await each.aclose()


@pytest.mark.anyio
async def test_closing_ends_every_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    record = await connect(f"sqlite:///{tmp_path}/record.db")
    await save(record, "a")
    await asyncio.gather(*(texts(record) for _ in range(20)))
    started = set(threading.enumerate()) - before
    await record.aclose()
    for thread in started:
        thread.join(60)
    assert started
    assert not any(thread.is_alive() for thread in started)


@pytest.mark.anyio
async def test_the_text_stands_readable_in_the_file(tmp_path: Path, record: UnitOfWork) -> None:
    await save(record, "Übersetze „das“ 👍", "odd \x00 one")
    with closing(sqlite3.connect(tmp_path / "record.db")) as raw:
        found = [content for (content,) in raw.execute("SELECT content FROM prompts ORDER BY seq")]
    assert found == ["Übersetze „das“ 👍", "odd \ufdd00000 one"]


WRITER = """
import asyncio, sys
from promptuary.adapters.units_of_work.sqlite import connect
from promptuary.testing.samples import save

async def write():
    record = await connect(sys.argv[1])
    for number in range(100_000):
        await save(record, *(f"{number}:{i}" for i in range(20)))
        print(number, flush=True)

asyncio.run(write())
"""


def kill_a_writer(url: str, acknowledged: int) -> None:
    """Let a process write until it has acknowledged so many batches, then kill it."""
    with subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(acknowledged):
            writer.stdout.readline()
        writer.kill()


@pytest.mark.anyio
@pytest.mark.slow
@pytest.mark.parametrize("acknowledged", [1, 7, 40])
async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, acknowledged: int) -> None:
    url = f"sqlite:///{tmp_path}/record.db"
    kill_a_writer(url, acknowledged)
    record = await connect(url)
    kept = await texts(record)
    await save(record, new_prompt("and on it goes"))
    await record.aclose()
    whole = [f"{number}:{i}" for number in range(len(kept) // 20) for i in range(20)]
    assert kept == whole
    assert len(kept) >= 20 * acknowledged
