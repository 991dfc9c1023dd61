from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from promptuary.domain.errors import InvalidInput, TimedOut, TooLarge, Unavailable
from promptuary.domain.loading import MEBIBYTE, Limits, RawFile
from promptuary.parsing.pool import Readers

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
LIMITS = Limits(memory=256 * MEBIBYTE)


@asynccontextmanager
async def readers(limits: Limits = LIMITS) -> AsyncIterator[Readers]:
    opened = Readers(limits)
    try:
        yield opened
    finally:
        await opened.aclose()


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


async def test_files_are_read_by_one_process_after_the_other(tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.md" for n in range(20)]
    for file in files:
        file.write_text(f"# {file.name}\n\ntext")
        os.utime(file, (1, 1))
    before = children()
    async with readers() as pool:
        read = await asyncio.gather(*(pool.read(file) for file in files))
        assert len(children() - before) == 2
        again = await pool.read(files[0], known=read[0].digest)
    assert [each.documents[0].title for each in read] == [file.name for file in files]
    assert (again.same, again.documents, again.stamp) == (True, (), read[0].stamp)
    assert children() == before


async def test_one_that_takes_too_long_is_stopped_and_the_next_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("text")
    before = children()
    async with readers() as pool:
        pool.limits = replace(LIMITS, seconds=0.001)
        late = await pool.read(file)
        assert children() == before
        pool.limits = LIMITS
        assert (await pool.read(file)).documents
    assert late.failed is not None
    assert late.failed.code == TimedOut.code


@pytest.mark.slow
async def test_one_that_takes_too_much_memory_is_ended_and_the_next_file_is_read() -> None:
    bomb = RawFile("a.json", b"[" + b"[]," * 4_000_000 + b"[]]")
    async with readers(replace(LIMITS, memory=160 * MEBIBYTE)) as pool:
        failed = (await pool.read_bytes(bomb)).failed
        assert (await pool.read_bytes(RawFile("a.txt", b"text"))).documents
    assert failed is not None
    assert (failed.code, "memory" in failed.reason) == (TooLarge.code, True)


async def test_one_that_is_killed_costs_one_file(tmp_path: Path) -> None:
    async with readers() as pool:
        await pool.read_bytes(RawFile("a.txt", b"text"))
        for child in psutil.Process().children():
            child.kill()
            child.wait()
        await pool.read_bytes(RawFile("a.txt", b"text"))
        assert (await pool.read_bytes(RawFile("a.txt", b"text"))).documents


def is_missing(path: Path) -> None:
    """Nothing is made."""


def is_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def is_a_link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (is_missing, Unavailable.code),
        (is_large, TooLarge.code),
        (is_a_link, Unavailable.code),
        (os.mkfifo, InvalidInput.code),
        (Path.mkdir, InvalidInput.code),
    ],
)
async def test_what_is_no_readable_file_is_named(
    tmp_path: Path, make: Callable[[Path], None], code: str
) -> None:
    make(tmp_path / "a.txt")
    async with readers() as pool:
        failed = (await pool.read(tmp_path / "a.txt")).failed
    assert failed is not None
    assert failed.code == code


async def test_a_file_just_written_has_no_stamp_to_trust(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("text")
    os.utime(file, (2**33, 2**33))
    async with readers() as pool:
        assert (await pool.read(file)).stamp == ""


async def test_who_reads_inherits_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a secret")
    async with readers() as pool:
        await pool.read_bytes(RawFile("a.txt", b"text"))
        seen = [child.environ() for child in psutil.Process().children()]
    assert seen
    assert not any("OPENAI_API_KEY" in each for each in seen)
