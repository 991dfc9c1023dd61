"""A property for each field of the payloads, made when it is first seen."""

from __future__ import annotations

from collections.abc import Iterable

from weaviate.classes.config import DataType, Property, Tokenization
from weaviate.collections import CollectionAsync
from weaviate.exceptions import UnexpectedStatusCodeError

from promptuary.adapters.indexes.weaviate.errors import translated
from promptuary.domain.errors import InvalidInput

MOST = 512
"""So many fields at the most: a property costs the server memory, and is never taken back."""


class Fields:
    """Which properties there are; others may add some as well."""

    def __init__(self, collection: CollectionAsync) -> None:
        """Nothing is known of the collection yet."""
        self._collection = collection
        self._known: set[str] = set()

    async def has(self, name: str) -> bool:
        """Whether some entry had such a field."""
        if name not in self._known:
            await self._look()
        return name in self._known

    async def ensure(self, names: Iterable[str]) -> None:
        """Make those that are missing; raises InvalidInput past MOST."""
        wanted = set(names)
        if not wanted <= self._known:
            await self._look()
        missing = sorted(wanted - self._known)
        if len(self._known) + len(missing) > MOST:
            raise InvalidInput(f"an index on Weaviate holds at most {MOST} payload fields")
        for name in missing:
            await self._add(name)
            self._known.add(name)

    async def _look(self) -> None:
        with translated():
            config = await self._collection.config.get()
        self._known |= {one.name for one in config.properties if one.name[:2] in {"n_", "v_"}}

    async def _add(self, name: str) -> None:
        with translated():
            try:
                await self._collection.config.add_property(_property(name))
            except UnexpectedStatusCodeError as error:
                if "already in use" not in str(error) and "already exists" not in str(error):
                    raise


def _property(name: str) -> Property:
    if name.startswith("n_"):
        return Property(
            name=name,
            data_type=DataType.NUMBER,
            index_filterable=False,
            index_range_filters=True,
        )
    return Property(
        name=name,
        data_type=DataType.TEXT_ARRAY,
        tokenization=Tokenization.FIELD,
        index_filterable=True,
        index_searchable=False,
    )
