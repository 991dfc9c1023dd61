"""Entries, their words and their log on a Qdrant server."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import uuid4

from qdrant_client import AsyncQdrantClient
from qdrant_client.models import (
    FieldCondition,
    FilterSelector,
    PayloadSchemaType,
    PointIdsList,
    PointStruct,
    QueryRequest,
    Range,
    Record,
    SearchParams,
    SparseVector,
    UpdateMode,
    WriteOrdering,
)
from qdrant_client.models import Filter as Conditions

from promptuary.adapters.indexes._shared.conditions import inexact
from promptuary.adapters.indexes._shared.engine import Change, Counts, Weights
from promptuary.adapters.indexes._shared.facts import EXACT, number_key, value_of
from promptuary.adapters.indexes._shared.kept import point_id
from promptuary.adapters.indexes._shared.listing import Listing
from promptuary.adapters.indexes.qdrant.errors import translated
from promptuary.adapters.indexes.qdrant.filters import both, has_number, translate
from promptuary.adapters.indexes.qdrant.points import (
    ID,
    KEPT,
    MEANING,
    WORDS,
    to_dimensions,
    to_entry,
    to_id,
    to_point,
    value_key,
)
from promptuary.domain.filters import Between, Filter, matches
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Vectors
from promptuary.retrieval.checks import countable

COUNTED = 100_000
"""So many values of one field are counted, the most frequent ones."""

INDEXED_NUMBERS = 16
"""So many numeric fields get an index of their own; conditions on others read every entry."""

_PAGE = 1_000
_POSITION = "position"


class QdrantEngine:
    """Two collections: `name` holds the entries, `name-log` the log and the notes."""

    def __init__(
        self, client: AsyncQdrantClient, name: str, *, params: SearchParams | None
    ) -> None:
        """Take over a client whose server has both collections; without `params` it is the client's
        local mode, which searches exactly and has no indexes."""
        self._client = client
        self._entries = name
        self._log = log_of(name)
        self._params = params
        self._position = 0
        self._numbers: set[str] = set()
        self._counted: set[str] = set()
        self._listing = Listing(self._walk, lambda: self._position)

    @property
    def tears(self) -> bool:
        """As `Engine` says."""
        return False

    async def read_note(self, name: str) -> str | None:
        """As `Engine` says."""
        with translated():
            found = await self._client.retrieve(self._log, [str(point_id(name))])
        return str((found[0].payload or {})["said"]) if found else None

    async def write_note(self, name: str, text: str) -> None:
        """As `Engine` says."""
        note = PointStruct(id=str(point_id(name)), vector={}, payload={"said": text})
        with translated():
            await self._client.upsert(self._log, [note], ordering=WriteOrdering.STRONG)

    async def log_after(self, position: int) -> Sequence[tuple[int, str]]:
        """As `Engine` says."""
        later = Conditions(must=[FieldCondition(key=_POSITION, range=Range(gt=position))])
        found: list[tuple[int, str]] = []
        offset = None
        with translated():
            while True:
                records, offset = await self._client.scroll(
                    self._log, later, limit=100, offset=offset
                )
                found += [(int(one.id), (one.payload or {})["record"]) for one in records]
                if offset is None:
                    break
        found.sort()
        self._position = max([self._position, *(at for at, _ in found[-1:])])
        return found

    async def log_cut(self, position: int) -> None:
        """As `Engine` says."""
        earlier = Conditions(must=[FieldCondition(key=_POSITION, range=Range(lt=position))])
        with translated():
            await self._client.delete(self._log, FilterSelector(filter=earlier))

    async def apply(self, change: Change) -> bool:
        """As `Engine` says. The record stands before the entries do."""
        points = [to_point(point) for point in change.points]
        gone = [str(point_id(key)) for key in change.removed]
        with translated():
            await self._index_numbers(points)
            if not await self._claimed(change.position, change.record):
                return False
            if points:
                await self._client.upsert(self._entries, points)
            if gone:
                await self._client.delete(self._entries, PointIdsList(points=list(gone)))
        return True

    async def wipe(self, position: int, record: str) -> bool:
        """As `Engine` says."""
        with translated():
            if not await self._claimed(position, record):
                return False
            await self._client.delete(self._entries, FilterSelector(filter=Conditions()))
        await self.log_cut(position)
        return True

    async def standing(self, ids: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """As `Engine` says."""
        with translated():
            records = await self._client.retrieve(
                self._entries,
                [str(point_id(key)) for key in ids],
                with_payload=[ID],
                with_vectors=[WORDS],
            )
        return {to_id(record): to_dimensions(record) for record in records}

    async def retrieve(self, ids: Sequence[str], *, vectors: bool = True) -> Sequence[Entry]:
        """As `Engine` says."""
        with translated():
            records = await self._client.retrieve(
                self._entries,
                [str(point_id(key)) for key in ids],
                with_payload=[KEPT],
                with_vectors=[MEANING] if vectors else False,
            )
        return [to_entry(record) for record in records]

    async def count(self, where: Filter | None) -> int:
        """As `Engine` says."""
        conditions = await self._conditions(where)
        with translated():
            found = await self._client.count(self._entries, conditions, exact=True)
        return found.count

    async def ids_after(self, after: str | None, limit: int, where: Filter | None) -> list[str]:
        """As `Engine` says; the server has no order by strings."""
        return await self._listing.page(after, limit, where)

    async def nearest(
        self, queries: Vectors, limit: int, where: Filter | None
    ) -> Sequence[Sequence[Hit]]:
        """As `Engine` says; exact, unless the graph was asked for."""
        conditions = await self._conditions(where)
        requests = [
            QueryRequest(
                query=query.tolist(),
                using=MEANING,
                filter=conditions,
                params=self._params,
                limit=limit,
                with_payload=[ID],
            )
            for query in queries
        ]
        with translated():
            answers = await self._client.query_batch_points(self._entries, requests)
        return [[Hit(to_id(one), one.score) for one in answer.points] for answer in answers]

    async def by_words(
        self, asked: Weights, limit: int, offset: int, where: Filter | None
    ) -> Sequence[Hit]:
        """As `Engine` says: sparse vectors are compared exactly."""
        conditions = await self._conditions(where)
        with translated():
            answer = await self._client.query_points(
                self._entries,
                query=SparseVector(indices=list(asked), values=list(asked.values())),
                using=WORDS,
                query_filter=conditions,
                limit=limit,
                offset=offset,
                with_payload=[ID],
            )
        return [Hit(to_id(one), one.score) for one in answer.points if one.score > 0]

    async def facets(self, field: str, where: Filter | None) -> Counts:
        """Strings and booleans are counted by the server, numbers by reading them."""
        conditions = await self._conditions(where)
        key = value_key(field)
        counts: Counts = Counter()
        with translated():
            if key not in self._counted:
                await self._index(key, PayloadSchemaType.KEYWORD)
                self._counted.add(key)
            found = await self._client.facet(
                self._entries, key, conditions, limit=COUNTED, exact=True
            )
        for hit in found.hits:
            value = value_of(str(hit.value))
            if value is not None:
                counts[type(value).__name__, value] = hit.count
        await self._count_numbers(field, conditions, counts)
        return counts

    async def aclose(self) -> None:
        """As `Engine` says."""
        with translated():
            await self._client.close()

    async def _claimed(self, position: int, record: str) -> bool:
        """Take a position of the log, unless somebody else has it: what stands there decides."""
        own = uuid4().hex
        payload = {_POSITION: position, "record": record, "own": own}
        await self._client.upsert(
            self._log,
            [PointStruct(id=position, vector={}, payload=payload)],
            ordering=WriteOrdering.STRONG,
            update_mode=UpdateMode.INSERT_ONLY,
        )
        (found,) = await self._client.retrieve(self._log, [position], with_payload=["own"])
        if (found.payload or {}).get("own") != own:
            return False
        self._position = position
        return True

    async def _index_numbers(self, points: Sequence[PointStruct]) -> None:
        keys = {key for point in points for key in point.payload or {} if key.startswith("n_")}
        room = max(0, INDEXED_NUMBERS - len(self._numbers))
        for key in sorted(keys - self._numbers)[:room]:
            await self._index(key, PayloadSchemaType.FLOAT)
            self._numbers.add(key)

    async def _index(self, key: str, kind: PayloadSchemaType) -> None:
        if self._params is not None:
            await self._client.create_payload_index(self._entries, key, kind)

    async def _conditions(self, where: Filter | None) -> Conditions | None:
        if where is None:
            return None
        known: dict[Between, Sequence[str]] = {}
        for wanted in inexact(where):
            known[wanted] = [
                str(point_id(entry.id))
                async for entry in self._having_number(wanted.field)
                if matches(wanted, entry.payload)
            ]
        return translate(where, known)

    async def _having_number(self, field: str) -> AsyncIterator[Entry]:
        async for records in self._scroll(both(has_number(field)), [KEPT]):
            for record in records:
                yield to_entry(record)

    async def _count_numbers(
        self, field: str, conditions: Conditions | None, counts: Counts
    ) -> None:
        key = number_key(field)
        having = both(has_number(field), conditions)
        large: list[str | int] = []
        async for records in self._scroll(having, [key]):
            for record in records:
                value = float((record.payload or {})[key])
                if abs(value) < EXACT:
                    counts.update(("int", int(whole)) for whole in countable(value))
                else:
                    large.append(str(record.id))
        for start in range(0, len(large), _PAGE):
            with translated():
                batch = large[start : start + _PAGE]
                records = await self._client.retrieve(self._entries, batch, with_payload=[KEPT])
            for record in records:
                exactly = to_entry(record).payload[field]
                counts.update(("int", whole) for whole in countable(exactly))

    async def _walk(self, where: Filter | None) -> AsyncIterator[Sequence[str]]:
        async for records in self._scroll(await self._conditions(where), [ID]):
            yield [to_id(record) for record in records]

    async def _scroll(
        self, conditions: Conditions | None, payload: list[str]
    ) -> AsyncIterator[Sequence[Record]]:
        offset = None
        while True:
            with translated():
                records, offset = await self._client.scroll(
                    self._entries, conditions, limit=_PAGE, offset=offset, with_payload=payload
                )
            yield records
            if offset is None:
                break


def log_of(name: str) -> str:
    """The collection beside it that holds the log."""
    return f"{name}-log"
