"""Entries and their words on a Weaviate server."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from weaviate import WeaviateAsyncClient
from weaviate.classes.aggregate import GroupByAggregate
from weaviate.classes.query import Filter as Where
from weaviate.classes.query import MetadataQuery, Sort
from weaviate.collections import CollectionAsync
from weaviate.collections.classes.filters import FilterReturn
from weaviate.collections.classes.internal import Object

from promptuary.adapters.indexes._shared.conditions import inexact, ranges
from promptuary.adapters.indexes._shared.engine import Change, Counts, Weights
from promptuary.adapters.indexes._shared.facts import EXACT, number_key, value_of
from promptuary.adapters.indexes._shared.kept import point_id
from promptuary.adapters.indexes._shared.weights import dimensions_of, leading, products
from promptuary.adapters.indexes.weaviate.errors import Server, answered, refusal, translated
from promptuary.adapters.indexes.weaviate.fields import Fields
from promptuary.adapters.indexes.weaviate.filters import ANY, Translating, has, has_number
from promptuary.adapters.indexes.weaviate.log import Log
from promptuary.adapters.indexes.weaviate.objects import (
    KEPT,
    MEANING,
    SORT,
    WEIGHTS,
    WORDS,
    to_entry,
    to_id,
    to_object,
    to_sort,
    token,
    value_key,
)
from promptuary.domain.filters import Between, Filter, matches
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Vectors
from promptuary.retrieval.checks import countable

SCORED = 1_000
"""Of the entries that the words find, so many are scored exactly, and four for each one wanted: the
server's own BM25 chooses them, which knows no boosts and no misspellings."""

COUNTED = 10_000
"""So many values of one field are counted."""

_MOST = 10_000
"""The server gives back no more at once."""

_PAGE = 1_000

Found = Object[Any, Any]


class WeaviateEngine:
    """Two collections of one tenant: the entries, and the log with the notes."""

    def __init__(
        self,
        client: WeaviateAsyncClient,
        server: Server,
        entries: CollectionAsync,
        log: CollectionAsync,
    ) -> None:
        """Take over a client whose server has both collections."""
        self._client = client
        self._server = server
        self._entries = entries
        self._log = Log(log, server)
        self._fields = Fields(entries)

    @property
    def tears(self) -> bool:
        """As `Engine` says: objects and what finds them reach the disk one after the other."""
        return True

    async def read_note(self, name: str) -> str | None:
        """As `Engine` says."""
        return await self._log.read_note(name)

    async def write_note(self, name: str, text: str) -> None:
        """As `Engine` says."""
        await self._log.write_note(name, text)

    async def log_after(self, position: int) -> Sequence[tuple[int, str]]:
        """As `Engine` says."""
        return await self._log.after(position)

    async def log_cut(self, position: int) -> None:
        """As `Engine` says."""
        await self._log.cut(position)

    async def apply(self, change: Change) -> bool:
        """As `Engine` says. The record stands before the entries do."""
        objects = [to_object(point) for point in change.points]
        keys = {key for one in objects for key in one.properties if key[:2] in {"n_", "v_"}}
        await self._fields.ensure(keys)
        if not await self._log.claim(change.position, change.record):
            return False
        if objects:
            done = await answered(self._server, self._entries.data.insert_many(objects))
            if done.has_errors:
                raise refusal(next(iter(done.errors.values())).message)
        known = [point_id(key) for key in change.removed if key in change.before]
        torn = [point_id(key) for key in change.removed if key not in change.before]
        if known:
            await self._delete(Where.by_id().contains_any(known))
        await self._delete_each(torn)
        return True

    async def wipe(self, position: int, record: str) -> bool:
        """As `Engine` says."""
        if not await self._log.claim(position, record):
            return False
        while await self._delete(has(ANY)):
            pass
        while torn := await self._standing():
            await self._delete_each(torn)
        await self.log_cut(position)
        return True

    async def standing(self, ids: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """As `Engine` says."""
        found = await self._by_ids(ids, [SORT, WEIGHTS], vectors=False)
        return {to_id(one.properties): dimensions_of(_weights(one)) for one in found}

    async def retrieve(self, ids: Sequence[str], *, vectors: bool = True) -> Sequence[Entry]:
        """As `Engine` says."""
        found = await self._by_ids(ids, [KEPT], vectors=vectors)
        return [to_entry(one.properties, one.vector) for one in found]

    async def count(self, where: Filter | None) -> int:
        """As `Engine` says."""
        conditions = await self._conditions(where)
        found = await answered(
            self._server, self._entries.aggregate.over_all(total_count=True, filters=conditions)
        )
        return found.total_count or 0

    async def ids_after(self, after: str | None, limit: int, where: Filter | None) -> list[str]:
        """As `Engine` says."""
        conditions = await self._conditions(where)
        start = "" if after is None else to_sort(after)
        found: list[str] = []
        while len(found) < limit:
            size = min(limit - len(found), _MOST)
            page = await self._page(start, size, conditions, [SORT])
            found += [to_id(one.properties) for one in page]
            if len(page) < size:
                break
            start = str(page[-1].properties[SORT])
        return found

    async def nearest(
        self, queries: Vectors, limit: int, where: Filter | None
    ) -> Sequence[Sequence[Hit]]:
        """As `Engine` says; exact, unless the graph was asked for."""
        conditions = await self._conditions(where)
        answers = []
        for query in queries:
            found = await answered(
                self._server,
                self._entries.query.near_vector(
                    query.tolist(),
                    target_vector=MEANING,
                    limit=min(limit, _MOST),
                    filters=conditions,
                    return_properties=[SORT],
                    return_metadata=MetadataQuery(distance=True),
                ),
            )
            answers.append([_hit(one) for one in found.objects])
        return answers

    async def by_words(
        self, asked: Weights, limit: int, offset: int, where: Filter | None
    ) -> Sequence[Hit]:
        """As `Engine` says, within SCORED: the server chooses, and we score what it chose."""
        conditions = await self._conditions(where)
        deep = min(_MOST, max(SCORED, 4 * (offset + limit)))
        found = await answered(
            self._server,
            self._entries.query.bm25(
                query=" ".join(map(token, asked)),
                query_properties=[WORDS],
                limit=deep,
                filters=conditions,
                return_properties=[SORT, WEIGHTS],
            ),
        )
        scores = products(asked, [_weights(one) for one in found.objects])
        best = leading(scores, offset + limit)
        hits = [Hit(to_id(found.objects[at].properties), scores[at]) for at in best]
        hits.sort(key=lambda hit: (-hit.score, hit.id))
        return hits[offset : offset + limit]

    async def facets(self, field: str, where: Filter | None) -> Counts:
        """Strings and booleans are counted by the server, numbers by reading them."""
        conditions = await self._conditions(where)
        counts: Counts = Counter()
        if await self._fields.has(key := value_key(field)):
            groups = await answered(
                self._server,
                self._entries.aggregate.over_all(
                    group_by=GroupByAggregate(prop=key, limit=COUNTED), filters=conditions
                ),
            )
            for group in groups.groups:
                value = value_of(str(group.grouped_by.value))
                if value is not None:
                    counts[type(value).__name__, value] = group.total_count or 0
        if await self._fields.has(number_key(field)):
            await self._count_numbers(field, conditions, counts)
        return counts

    async def aclose(self) -> None:
        """As `Engine` says."""
        with translated():
            await self._client.close()

    async def _delete_each(self, keys: Sequence[UUID]) -> None:
        """Those that no condition finds, if they are there."""
        for key in keys:
            with translated():
                await self._entries.data.delete_by_id(key)

    async def _standing(self) -> list[UUID]:
        """Some objects, whatever finds them."""
        found = await answered(
            self._server, self._entries.query.fetch_objects(limit=_PAGE, return_properties=[])
        )
        return [one.uuid for one in found.objects]

    async def _delete(self, where: FilterReturn) -> int:
        done = await answered(self._server, self._entries.data.delete_many(where=where))
        return done.matches

    async def _by_ids(
        self, ids: Sequence[str], properties: list[str], *, vectors: bool
    ) -> Sequence[Found]:
        if not ids:
            return []
        found = await answered(
            self._server,
            self._entries.query.fetch_objects_by_ids(
                [point_id(key) for key in ids],
                limit=len(ids),
                include_vector=vectors,
                return_properties=properties,
            ),
        )
        return found.objects

    async def _conditions(self, where: Filter | None) -> FilterReturn | None:
        if where is None:
            return None
        fields = {one.field for one in ranges(where)}
        numeric = {field for field in fields if await self._fields.has(number_key(field))}
        known: dict[Between, Sequence[UUID]] = {}
        for wanted in inexact(where):
            known[wanted] = [
                point_id(entry.id)
                async for entry in self._having_number(wanted.field, wanted.field in numeric)
                if matches(wanted, entry.payload)
            ]
        return Translating(known, numeric).one(where)

    async def _having_number(self, field: str, numeric: bool) -> AsyncIterator[Entry]:
        if numeric:
            async for page in self._walk(has_number(field), [SORT, KEPT]):
                for one in page:
                    yield to_entry(one.properties, None)

    async def _count_numbers(
        self, field: str, conditions: FilterReturn | None, counts: Counts
    ) -> None:
        key = number_key(field)
        having = has_number(field) if conditions is None else has_number(field) & conditions
        large: list[str] = []
        async for page in self._walk(having, [SORT, key]):
            for one in page:
                value = float(one.properties[key])
                if abs(value) < EXACT:
                    counts.update(("int", int(whole)) for whole in countable(value))
                else:
                    large.append(to_id(one.properties))
        for start in range(0, len(large), _PAGE):
            for entry in await self.retrieve(large[start : start + _PAGE], vectors=False):
                counts.update(("int", whole) for whole in countable(entry.payload[field]))

    async def _walk(
        self, conditions: FilterReturn | None, properties: list[str]
    ) -> AsyncIterator[Sequence[Found]]:
        start = ""
        while page := await self._page(start, _PAGE, conditions, properties):
            yield page
            start = str(page[-1].properties[SORT])

    async def _page(
        self, start: str, limit: int, conditions: FilterReturn | None, properties: list[str]
    ) -> Sequence[Found]:
        """Objects in the order of their ids, after one."""
        later = Where.by_property(SORT).greater_than(start)
        found = await answered(
            self._server,
            self._entries.query.fetch_objects(
                filters=later if conditions is None else later & conditions,
                sort=Sort.by_property(SORT, ascending=True),
                limit=limit,
                return_properties=properties,
            ),
        )
        return found.objects


def _hit(found: Found) -> Hit:
    distance = found.metadata.distance
    return Hit(to_id(found.properties), 1.0 - (1.0 if distance is None else distance))


def _weights(found: Found) -> str:
    return str(found.properties[WEIGHTS])
