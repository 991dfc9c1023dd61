"""A folder inside one that is synced: each file is one source, and goes when the file does."""

from __future__ import annotations

import asyncio
from itertools import permutations
from pathlib import Path

import pytest

from knowledge.reading_here import HereReader, knowledge, write
from promptuary.domain.documents import Source
from promptuary.knowledge.keeping import Knowledge
from promptuary.knowledge.sync import sync

pytestmark = pytest.mark.anyio


@pytest.fixture
def outer(tmp_path: Path) -> Path:
    write(tmp_path / "outer", a__md="one")
    write(tmp_path / "outer" / "inner", b__md="two", c__md="three")
    return tmp_path / "outer"


async def run(parts: Knowledge, path: Path, **options: bool) -> dict[str, int]:
    return dict((await sync(parts, path, "default", **options)).counts)


async def sources(parts: Knowledge) -> list[Source]:
    async with parts.record.read() as tx:
        return list((await tx.documents.list()).items)


async def lying(parts: Knowledge) -> list[str]:
    return sorted(Path(each.root, each.path).name for each in await sources(parts))


@pytest.mark.parametrize("order", [*permutations(("", "inner", "inner/b.md"))])
async def test_every_file_is_one_source_whatever_is_synced_in_whichever_order(
    outer: Path, order: tuple[str, ...]
) -> None:
    parts = knowledge(reader := HereReader())
    for path in order:
        await run(parts, outer / path)
    assert await lying(parts) == ["a.md", "b.md", "c.md"]
    assert sorted(reader.asked) == ["a.md", "b.md", "c.md"]
    for path in order:
        assert await run(parts, outer / path) == {}


@pytest.mark.parametrize("first", ["", "inner"])
@pytest.mark.parametrize("then", ["", "inner"])
async def test_a_file_that_is_gone_goes_with_either_sync(
    outer: Path, first: str, then: str
) -> None:
    parts = knowledge()
    await run(parts, outer / first)
    await run(parts, outer)
    (outer / "inner" / "b.md").unlink()
    assert await run(parts, outer / then, dry_run=True) == {"removed": 1}
    assert await run(parts, outer / then) == {"removed": 1}
    assert await lying(parts) == ["a.md", "c.md"]


async def test_the_inner_sync_touches_nothing_outside(outer: Path) -> None:
    parts = knowledge()
    await run(parts, outer)
    (outer / "a.md").unlink()
    write(outer / "inner", b__md="two and more")
    assert await run(parts, outer / "inner") == {"changed": 1}
    assert await lying(parts) == ["a.md", "b.md", "c.md"]
    assert await run(parts, outer) == {"removed": 1}


async def test_what_is_known_keeps_its_name(outer: Path) -> None:
    parts = knowledge()
    await run(parts, outer / "inner")
    await run(parts, outer)
    write(outer / "inner", b__md="two and more")
    await run(parts, outer)
    assert {each.name for each in await sources(parts)} == {
        "outer/a.md", "inner/b.md", "inner/c.md",
    }  # fmt: skip


async def test_other_collections_and_folders_of_like_names_are_apart(outer: Path) -> None:
    write(outer.with_name("outer2"), d__md="four")
    parts = knowledge()
    await run(parts, outer.with_name("outer2"))
    await run(parts, outer)
    await sync(parts, outer / "inner", "other")
    assert await lying(parts) == ["a.md", "b.md", "b.md", "c.md", "c.md", "d.md"]
    assert await run(parts, outer) == {}


async def test_a_hidden_folder_that_was_named_stays_when_the_outer_one_is_synced(
    outer: Path,
) -> None:
    write(outer / ".notes", e__md="five")
    write(outer, **{".f__md": "six"})
    parts = knowledge()
    await run(parts, outer / ".notes")
    await run(parts, outer / ".f.md")
    await run(parts, outer)
    assert await lying(parts) == [".f.md", "a.md", "b.md", "c.md", "e.md"]
    assert await run(parts, outer / ".f.md") == {}
    (outer / ".notes" / "e.md").unlink()
    assert await run(parts, outer / ".notes") == {"removed": 1}


async def test_two_first_syncs_at_once_are_one_source_a_file_after_the_next(outer: Path) -> None:
    parts = knowledge()
    await asyncio.gather(run(parts, outer), run(parts, outer / "inner"))
    await run(parts, outer)
    assert await lying(parts) == ["a.md", "b.md", "c.md"]
    assert await run(parts, outer / "inner") == {}
