"""Documents from a folder to the index and out of everything again."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from promptuary import Promptuary
from promptuary.domain.documents import Content
from promptuary.domain.loading import stamp_of
from promptuary.testing.record_documents import source

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
SECRET = "zanzibarquokka"


async def found(opened: Promptuary, words: str) -> list[str]:
    answer = await opened.search(words, kinds=["passage"], mode="words", limit=50, typos=False)
    assert answer.partial is None
    return [str(hit.payload["source"]) for hit in answer.hits]


async def test_what_is_deleted_leaves_no_trace_in_index_and_cache(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text(f"# One\n\nThe password of the cellar is {SECRET}.")
    (folder / "b.md").write_text("# Two\n\nSomething else.")
    async with await Promptuary.open(tmp_path / "home") as opened:
        await opened.sync(folder)
        assert await found(opened, SECRET) == ["docs/a.md"]
        cached = opened._embedder.misses
        (folder / "a.md").unlink()
        await opened.sync(folder)
        assert await found(opened, SECRET) == []
        assert await opened._index.count() == 1
        await opened._embedder.embed(
            [f"One\nOne\n# One\n\nThe password of the cellar is {SECRET}."]
        )
        assert opened._embedder.misses == cached + 1


async def test_what_is_deleted_stands_in_no_file_once_the_index_is_rebuilt(tmp_path: Path) -> None:
    folder, home = tmp_path / "docs", tmp_path / "home"
    folder.mkdir()
    for n in range(40):
        (folder / f"{n}.md").write_text(f"# Page {n}\n\n{'filler ' * 90}")
    (folder / "a.md").write_text(f"# One\n\nThe password of the cellar is {SECRET}. {'x ' * 900}")
    async with await Promptuary.open(home) as opened:
        await opened.sync(folder)
        (source,) = [each for each in (await opened.sources()).items if each.path == "a.md"]
        await opened.forget([source.id])
    assert all("index" in path for path in files_with(SECRET, home))
    async with await Promptuary.open(home) as opened:
        await opened.rebuild_index()
    assert files_with(SECRET, home) == []


def files_with(word: str, folder: Path) -> list[str]:
    """Files in which these bytes stand."""
    every = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path.relative_to(folder)) for path in every if word.encode() in path.read_bytes()]


async def test_a_rebuilt_index_finds_passages_again(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for n in range(9):
        (folder / f"{n}.md").write_text(f"# Page {n}\n\nAbout {SECRET} and {n}.")
    async with await Promptuary.open(tmp_path / "home") as opened:
        await opened.sync(folder)
        before = sorted(await found(opened, SECRET))
        await opened.rebuild_index()
        assert sorted(await found(opened, SECRET)) == before
        assert len(before) == 9


async def test_ten_thousand_unchanged_files_are_not_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    async with await Promptuary.open(tmp_path / "home") as opened:
        contents = []
        for n in range(10_000):
            path = folder / f"{n % 100}" / f"{n}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            known = source(f"{n % 100}/{n}.md", root=str(folder))
            recipe = opened._knowledge.recipe
            contents.append(Content(replace(known, stamp=stamp_of(path.stat()), recipe=recipe)))
        async with opened._record.begin() as tx:
            await tx.collections.ensure("default")
            await tx.documents.replace(contents)
        report = await opened.sync(folder)
    assert (report.unchanged, report.counts) == (10_000, {}), "whoever reads one finds it empty"


SYNC = """
import asyncio, sys
from promptuary import Promptuary

async def main():
    async with await Promptuary.open(sys.argv[1]) as opened:
        print("begun", flush=True)
        await opened.sync(sys.argv[2], progress=lambda at: print(at.done, flush=True))

asyncio.run(main())
"""


def kill_a_sync(home: str, folder: Path, files: int) -> None:
    """Let a process sync until it has read so many files, then kill it."""
    command = [sys.executable, "-c", SYNC, home, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        for _ in range(files):
            running.stdout.readline()
        running.kill()


@pytest.mark.parametrize("files", [1, 30, 120])
async def test_a_sync_that_is_killed_is_resumed(tmp_path: Path, files: int) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for n in range(300):
        path = folder / f"{n:03}.md"
        path.write_text(f"# Page {n}\n\nAbout {SECRET} number {n}.\n")
        os.utime(path, (1, 1))
    home = str(tmp_path / "home")
    kill_a_sync(home, folder, files)
    async with await Promptuary.open(home) as opened:
        await opened.sync(folder)
        held = await opened.holdings()
        assert (held.read, held.documents, held.passages) == (300, 300, 300)
        assert await opened._index.count() == 300
        assert (await opened.sync(folder)).unchanged == 300
