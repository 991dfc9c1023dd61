"""The log of changes and the notes, in a collection of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from chromadb.api.models.Collection import Collection

from promptuary.adapters.indexes.chroma.asking import Asking

_POSITION = "position"
_ROW = [[1.0]]
_PAGE = 100


class Log:
    """Texts by position, and by name."""

    def __init__(self, collection: Collection, asking: Asking) -> None:
        """Take over a collection that exists."""
        self._collection = collection
        self._ask = asking
        self.position = 0
        """The newest position that this process knows of."""

    async def read_note(self, name: str) -> str | None:
        """A text kept under a name."""
        return await self._said(f"note {name}", "said")

    async def write_note(self, name: str, text: str) -> None:
        """Keep a text under a name."""
        await self._ask(
            self._collection.upsert,
            ids=[f"note {name}"],
            embeddings=_ROW,  # type: ignore[arg-type]  # one row of one number
            metadatas=[{"said": text}],
        )

    async def after(self, position: int) -> Sequence[tuple[int, str]]:
        """The texts after a position, in ascending order."""
        found: list[tuple[int, str]] = []
        while True:
            page: Any = await self._ask(
                self._collection.get,
                where=_beside("$gt", position),
                limit=_PAGE,
                offset=len(found),
                include=["metadatas"],
            )
            found += [(int(one[_POSITION]), str(one["said"])) for one in page["metadatas"]]
            if len(page["ids"]) < _PAGE:
                break
        found.sort()
        self.position = max([self.position, *(at for at, _ in found[-1:])])
        return found

    async def cut(self, position: int) -> None:
        """Forget what stands before a position."""
        await self._ask(self._collection.delete, where=_beside("$lt", position))

    async def claim(self, position: int, record: str) -> bool:
        """Take a position, unless somebody else has it: adding a record that is there changes
        nothing, so what stands there decides."""
        own = uuid4().hex
        key = f"position {position}"
        await self._ask(
            self._collection.add,
            ids=[key],
            embeddings=_ROW,  # type: ignore[arg-type]  # one row of one number
            metadatas=[{_POSITION: position, "said": record, "own": own}],
        )
        if await self._said(key, "own") != own:
            return False
        self.position = position
        return True

    async def _said(self, key: str, name: str) -> str | None:
        found: Any = await self._ask(self._collection.get, ids=[key], include=["metadatas"])
        return str(found["metadatas"][0][name]) if found["ids"] else None


def _beside(comparison: str, position: int) -> Any:  # noqa: ANN401 - the client's own type
    return {_POSITION: {comparison: position}}
