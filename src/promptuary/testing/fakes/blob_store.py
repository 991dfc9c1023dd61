"""A fake: a dictionary of files, which can be told to be away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anyio

from promptuary.domain.blobs import checked_name
from promptuary.domain.errors import NotFound, Unavailable


class FakeBlobStore:
    """While `away` it raises Unavailable, as a lost server would."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.away = False

    async def put(self, name: str, source: Path) -> None:
        """As the port says."""
        self.files[self._reached(name)] = await anyio.Path(source).read_bytes()

    async def fetch(self, name: str, target: Path) -> None:
        """As the port says."""
        await anyio.Path(target).write_bytes(self._found(name))

    async def size(self, name: str) -> int:
        """As the port says."""
        return len(self._found(name))

    async def remove(self, names: Sequence[str]) -> None:
        """As the port says."""
        for name in names:
            self.files.pop(self._reached(name), None)

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 100) -> list[str]:
        """As the port says."""
        return [n for n in sorted(self.files) if n.startswith(prefix) and n > after][:limit]

    async def aclose(self) -> None:
        """Nothing is held."""

    def _found(self, name: str) -> bytes:
        if self._reached(name) not in self.files:
            raise NotFound("blob", name)
        return self.files[name]

    def _reached(self, name: str) -> str:
        if self.away:
            raise Unavailable("the fake store was told to be away")
        return checked_name(name)
