"""The log of changes and the notes, in a collection of their own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from weaviate.classes.config import DataType, Property
from weaviate.classes.query import Filter as Where
from weaviate.classes.query import Sort
from weaviate.collections import CollectionAsync
from weaviate.collections.classes.types import WeaviateField
from weaviate.exceptions import UnexpectedStatusCodeError

from promptuary.adapters.indexes._shared.kept import point_id
from promptuary.adapters.indexes.weaviate.errors import Server, answered, translated
from promptuary.adapters.indexes.weaviate.objects import unindexed

_PAGE = 100
_TAKEN = 422
_POSITION = "position"


def log_properties() -> list[Property]:
    """A record has a position; a note has none."""
    return [
        Property(name=_POSITION, data_type=DataType.INT, index_filterable=True),
        unindexed("said"),
        unindexed("own"),
    ]


class Log:
    """Texts by position, and by name."""

    def __init__(self, collection: CollectionAsync, server: Server) -> None:
        """Take over a collection that exists, and the server that has it."""
        self._collection = collection
        self._server = server
        self.position = 0
        """The newest position that this process knows of."""

    async def read_note(self, name: str) -> str | None:
        """A text kept under a name."""
        return await answered(self._server, self._find(point_id(name), "said"))

    async def write_note(self, name: str, text: str) -> None:
        """Keep a text under a name."""
        key, properties = point_id(name), {"said": text}
        with translated():
            try:
                await self._collection.data.insert(properties, uuid=key)
            except UnexpectedStatusCodeError as error:
                if error.status_code != _TAKEN:
                    raise
                await self._collection.data.replace(key, properties)

    async def after(self, position: int) -> Sequence[tuple[int, str]]:
        """The texts after a position, in ascending order."""
        found: list[tuple[int, str]] = []
        while True:
            last = found[-1][0] if found else position
            page = await answered(
                self._server,
                self._collection.query.fetch_objects(
                    filters=Where.by_property(_POSITION).greater_than(last),
                    sort=Sort.by_property(_POSITION, ascending=True),
                    limit=_PAGE,
                    return_properties=[_POSITION, "said"],
                ),
            )
            found += [
                (int(str(one.properties[_POSITION])), str(one.properties["said"]))
                for one in page.objects
            ]
            if len(page.objects) < _PAGE:
                break
        self.position = max([self.position, *(at for at, _ in found[-1:])])
        return found

    async def cut(self, position: int) -> None:
        """Forget what stands before a position."""
        await answered(
            self._server,
            self._collection.data.delete_many(
                where=Where.by_property(_POSITION).less_than(position)
            ),
        )

    async def claim(self, position: int, record: str) -> bool:
        """Take a position, unless somebody else has it: what stands there decides."""
        own = uuid4().hex
        key = point_id(f"position {position}")
        properties: dict[str, WeaviateField] = {
            _POSITION: position,
            "said": record,
            "own": own,
        }
        with translated():
            try:
                await self._collection.data.insert(properties, uuid=key)
            except UnexpectedStatusCodeError as error:
                if error.status_code != _TAKEN:
                    raise
                return False
        if await answered(self._server, self._find(key, "own")) != own:
            return False
        self.position = position
        return True

    async def _find(self, key: UUID, name: str) -> str | None:
        found = await self._collection.query.fetch_objects_by_ids([key], return_properties=[name])
        return str(found.objects[0].properties[name]) if found.objects else None
