"""Entries, their words and their log in PostgreSQL: a change and its record in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from promptuary.adapters.indexes._shared.engine import Change, Counts, Weights
from promptuary.adapters.indexes._shared.facts import fact, value_of
from promptuary.adapters.indexes._shared.kept import from_kept, point_id
from promptuary.adapters.indexes.pgvector import statements
from promptuary.adapters.indexes.pgvector.errors import translated
from promptuary.adapters.indexes.pgvector.filters import Conditions, hashed
from promptuary.adapters.indexes.pgvector.maintenance import Maintenance
from promptuary.adapters.indexes.pgvector.rows import Rows, rows_of
from promptuary.adapters.indexes.pgvector.vectors import PAGE, Graph, compared, literal, restored
from promptuary.domain.filters import Filter
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Vectors
from promptuary.retrieval.checks import countable

_MOST_SEARCHED = 1_000
"""pgvector looks at no more candidates at once."""


@dataclass(frozen=True, slots=True)
class Meanings:
    """Whether vectors are kept as pgvector's, and the graph to search them by, if any."""

    in_server: bool
    graph: Graph | None


class PostgresqlEngine:
    """One pool of connections whose search path finds the tables."""

    def __init__(self, pool: asyncpg.Pool, meanings: Meanings) -> None:
        """Take over a pool whose database has the tables."""
        self._pool = pool
        self._meanings = meanings
        self._maintenance = Maintenance()

    @property
    def tears(self) -> bool:
        """As `Engine` says."""
        return False

    async def read_note(self, name: str) -> str | None:
        """As `Engine` says."""
        async with self._asking() as ask:
            said: str | None = await ask.fetchval(statements.READ_NOTE, name)
            return said

    async def write_note(self, name: str, text: str) -> None:
        """As `Engine` says."""
        async with self._asking() as ask:
            await ask.execute(statements.WRITE_NOTE, name, text)

    async def log_after(self, position: int) -> Sequence[tuple[int, str]]:
        """As `Engine` says."""
        async with self._asking() as ask:
            rows = await ask.fetch(statements.LOG_AFTER, position)
            return [(row[0], row[1]) for row in rows]

    async def log_cut(self, position: int) -> None:
        """As `Engine` says."""
        async with self._asking() as ask:
            await ask.execute(statements.LOG_CUT, position)

    async def apply(self, change: Change) -> bool:
        """As `Engine` says; all of it or nothing."""
        gone = {*change.before, *change.removed}
        rows = rows_of(change.points, in_server=self._meanings.in_server)
        async with self._asking() as ask:
            async with ask.transaction():
                if not await _claimed(ask, change.position, change.record):
                    return False
                await _delete(ask, [point_id(key) for key in gone])
                await self._insert(ask, rows)
            await self._maintenance.changed(ask, max(len(gone), len(rows.entries)))
            return True

    async def wipe(self, position: int, record: str) -> bool:
        """As `Engine` says."""
        async with self._asking() as ask, ask.transaction():
            if not await _claimed(ask, position, record):
                return False
            await ask.execute(statements.WIPE)
            await ask.execute(statements.LOG_CUT, position)
        self._maintenance.emptied()
        return True

    async def standing(self, ids: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """As `Engine` says."""
        keys = {point_id(key): key for key in ids}
        async with self._asking() as ask:
            rows = await ask.fetch(statements.STANDING, list(keys))
        return {keys[UUID(bytes=row[0].bytes)]: row[1] for row in rows}

    async def retrieve(self, ids: Sequence[str], *, vectors: bool = True) -> Sequence[Entry]:
        """As `Engine` says."""
        kept = "meaning::text" if self._meanings.in_server else "meaning"
        statement = statements.RETRIEVE.format(meaning=kept if vectors else "NULL")
        async with self._asking() as ask:
            rows = await ask.fetch(statement, [point_id(key) for key in ids])
        return [from_kept(text, None if v is None else restored(v)) for text, v in rows]

    async def count(self, where: Filter | None) -> int:
        """As `Engine` says."""
        matching = Conditions(where, 1)
        async with self._asking() as ask:
            found: int = await ask.fetchval(
                statements.COUNT.format(where=matching.sql), *matching.values
            )
            return found

    async def ids_after(self, after: str | None, limit: int, where: Filter | None) -> list[str]:
        """As `Engine` says: UTF-8 sorts as code points do."""
        start = b"" if after is None else after.encode("utf-8", "surrogatepass")
        matching = Conditions(where, 3)
        statement = statements.LIST.format(where=matching.sql)
        async with self._asking() as ask:
            rows = await ask.fetch(statement, start, limit, *matching.values)
        return [_text(row[0]) for row in rows]

    async def nearest(
        self, queries: Vectors, limit: int, where: Filter | None
    ) -> Sequence[Sequence[Hit]]:
        """As `Engine` says; exact, unless the graph was asked for."""
        if not self._meanings.in_server:
            found = await compared(queries, limit, self._all_vectors(where))
            return [[Hit(_text(key), score) for key, score in row] for row in found]
        matching = Conditions(where, 3)
        statement = statements.NEAREST.format(where=matching.sql)
        answers = []
        async with self._asking() as ask, ask.transaction():
            if graph := self._meanings.graph:
                search = max(graph.search, min(limit, _MOST_SEARCHED))
                await ask.execute(statements.SEARCH_GRAPH.format(search=search))
            for query in queries:
                rows = await ask.fetch(statement, literal(query), limit, *matching.values)
                answers.append([Hit(_text(key), score) for key, score in rows])
        return answers

    async def by_words(
        self, asked: Weights, limit: int, offset: int, where: Filter | None
    ) -> Sequence[Hit]:
        """As `Engine` says: the postings of the words, added up."""
        matching = Conditions(where, 5, of="p")
        narrowed = statements.NARROWED if matching.by_facts else ""
        statement = statements.BY_WORDS.format(narrowed=narrowed, where=matching.sql)
        weights = (list(asked), list(asked.values()))
        async with self._asking() as ask:
            rows = await ask.fetch(statement, *weights, limit, offset, *matching.values)
        return [Hit(_text(key), score) for key, score in rows]

    async def facets(self, field: str, where: Filter | None) -> Counts:
        """As `Engine` says."""
        matching = Conditions(where, 2)
        said = statements.FACETS.format(where=matching.sql)
        numbers = statements.NUMBER_FACETS.format(where=matching.sql)
        counts: Counts = Counter()
        async with self._asking() as ask:
            for text, count in await ask.fetch(said, hashed(fact(field)), *matching.values):
                value = value_of(text)
                if value is not None:
                    counts[type(value).__name__, value] = count
            for number, count in await ask.fetch(numbers, hashed(field), *matching.values):
                if number.is_finite() and number == number.to_integral_value():
                    counts.update({("int", one): count for one in countable(int(number))})
        return counts

    async def aclose(self) -> None:
        """As `Engine` says."""
        with translated():
            await self._pool.close()

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        with translated():
            async with self._pool.acquire() as connection:
                yield connection

    async def _insert(self, ask: asyncpg.pool.PoolConnectionProxy, rows: Rows) -> None:
        if not rows.entries:
            return
        found = await ask.fetch(statements.NUMBERED, len(rows.entries))
        numbers = [row[0] for row in found]
        vector = "$5::text::vector" if self._meanings.in_server else "$5::bytea"
        pairs = list(zip(numbers, rows.entries, strict=True))
        await ask.execute(statements.INSERT_FACTS, *rows.facts)
        await ask.executemany(
            statements.INSERT.format(vector=vector), [(no, *entry) for no, entry in pairs]
        )
        await ask.execute(
            statements.INSERT_POSTINGS,
            [dimension for _, dimension, _ in rows.postings],
            [numbers[at] for at, _, _ in rows.postings],
            [weight for _, _, weight in rows.postings],
        )
        await ask.executemany(
            statements.INSERT_NUMBERS, [(f, value, numbers[at]) for at, f, value in rows.numbers]
        )

    async def _all_vectors(
        self, where: Filter | None
    ) -> AsyncIterator[Sequence[tuple[bytes, bytes]]]:
        matching = Conditions(where, 1)
        statement = statements.VECTORS.format(where=matching.sql)
        async with self._asking() as ask, ask.transaction():
            cursor = await ask.cursor(statement, *matching.values)
            while page := await cursor.fetch(PAGE):
                yield [(row[0], row[1]) for row in page]


async def _claimed(ask: asyncpg.pool.PoolConnectionProxy, position: int, record: str) -> bool:
    done = await ask.execute(statements.CLAIM, position, record)
    return str(done).endswith(" 1")


async def _delete(ask: asyncpg.pool.PoolConnectionProxy, keys: Sequence[UUID]) -> None:
    if not keys:
        return
    rows = await ask.fetch(statements.DELETE, keys)
    await ask.execute(statements.DELETE_NUMBERS, [row[0] for row in rows])
    await ask.execute(
        statements.DELETE_POSTINGS,
        [dimension for row in rows for dimension in row[1]],
        [row[0] for row in rows for _ in row[1]],
    )


def _text(kept: bytes) -> str:
    return kept.decode("utf-8", "surrogatepass")
