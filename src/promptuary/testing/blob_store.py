"""What every BlobStore promises. Subclass it and give it a `store` fixture."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from promptuary.domain.errors import InvalidInput, NotFound
from promptuary.ports.blob_store import BlobStore
from promptuary.testing.contract import Contract

WRONG = ["", "/a", "a/", "a//b", "../a", "a/../b", ".a", "a\\b", "a b", "é", "a\0", "x" * 600]
ODD = bytes(range(256)) * 5_000


@pytest.mark.anyio
class BlobStoreContract(Contract):
    """`store` is an empty one."""

    async def test_what_is_kept_is_given_back(self, store: BlobStore, tmp_path: Path) -> None:
        await store.put("exports/a-1.zip", _file(tmp_path, ODD))
        target = tmp_path / "target"
        target.write_bytes(b"something longer that was here before" * 50_000)
        await store.fetch("exports/a-1.zip", target)
        assert target.read_bytes() == ODD
        assert await store.size("exports/a-1.zip") == len(ODD)

    async def test_an_empty_file_is_a_file(self, store: BlobStore, tmp_path: Path) -> None:
        await store.put("empty", _file(tmp_path, b""))
        await store.fetch("empty", tmp_path / "target")
        assert (tmp_path / "target").read_bytes() == b""
        assert await store.size("empty") == 0

    async def test_the_same_name_replaces(self, store: BlobStore, tmp_path: Path) -> None:
        for body in (b"x" * 100_000, b"new"):
            await store.put("a", _file(tmp_path, body))
        await store.fetch("a", tmp_path / "target")
        assert (tmp_path / "target").read_bytes() == b"new"

    async def test_what_is_not_there_is_not_found(self, store: BlobStore, tmp_path: Path) -> None:
        target = _file(tmp_path, b"kept")
        with pytest.raises(NotFound):
            await store.fetch("nothing/here", target)
        with pytest.raises(NotFound):
            await store.size("nothing/here")
        assert target.read_bytes() == b"kept"
        await store.remove(["nothing/here"])

    async def test_what_is_removed_is_gone(self, store: BlobStore, tmp_path: Path) -> None:
        for name in ("a", "b", "c/d"):
            await store.put(name, _file(tmp_path, name.encode()))
        await store.remove(["a", "c/d", "missing"])
        assert await store.list() == ["b"]

    async def test_names_are_listed_in_order_and_in_pages(
        self, store: BlobStore, tmp_path: Path
    ) -> None:
        assert await store.list() == []
        names = ["B", "a", "a-b", "a.b", "b/a", "b/c_1", "c", "zz"]
        for name in reversed(names):
            await store.put(name, _file(tmp_path, b"x"))
        ordered = sorted(names)
        assert await store.list() == ordered
        assert await store.list("b/") == ["b/a", "b/c_1"]
        assert await store.list(limit=3) == ordered[:3]
        assert await store.list(after=ordered[2], limit=2) == ordered[3:5]
        assert await store.list("a", after="a-b") == ["a.b"]

    @pytest.mark.parametrize(
        "name",
        ["", "/a", "a/", "a//b", "../a", "a/../b", ".a", "a\\b", "a b", "é", "a\0", "x" * 600],
    )
    async def test_a_name_that_is_none_is_refused(
        self, store: BlobStore, tmp_path: Path, name: str
    ) -> None:
        with pytest.raises(InvalidInput):
            await store.put(name, _file(tmp_path, b"x"))
        with pytest.raises(InvalidInput):
            await store.fetch(name, tmp_path / "target")

    async def test_many_at_once_are_no_trouble(self, store: BlobStore, tmp_path: Path) -> None:
        async def keep(number: int) -> None:
            await store.put(f"many/{number:02}", _file(tmp_path, str(number).encode(), number))

        async with anyio.create_task_group() as group:
            for number in range(12):
                group.start_soon(keep, number)
        assert await store.list("many/") == [f"many/{number:02}" for number in range(12)]

    async def test_closing_twice_is_harmless(self, store: BlobStore) -> None:
        await store.aclose()
        await store.aclose()


def _file(folder: Path, body: bytes, number: int = 0) -> Path:
    path = folder / f"source-{number}"
    path.write_bytes(body)
    return path
