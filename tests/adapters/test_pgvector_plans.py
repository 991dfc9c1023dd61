"""PostgreSQL answers searches out of its indexes, each time by a plan for what is asked."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import numpy as np
import pytest

from promptuary.adapters.indexes._shared.index import ServedIndex
from promptuary.adapters.indexes.pgvector import connect
from promptuary.adapters.indexes.pgvector.engine import PostgresqlEngine
from promptuary.adapters.indexes.pgvector.maintenance import LEAST, Maintenance
from promptuary.domain.filters import Between, Eq, Filter
from promptuary.domain.found import Entry
from promptuary.ports.index import WordQuery
from promptuary.testing.index import SPACE

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

OFTEN = 10
"""PostgreSQL turns to one plan for all values at the sixth time, where it may."""


def written(number: int) -> Entry:
    vector = np.random.default_rng(number).normal(size=SPACE.dimensions).astype(np.float32)
    text = f"seen by everybody and {number % 20} of them"
    return Entry(f"e{number:05}", {"text": text}, {"part": number % 10, "at": number}, vector)


class Watched:
    """An index, and the plans by which it was searched."""

    def __init__(self, index: ServedIndex) -> None:
        engine = index._engine
        assert isinstance(engine, PostgresqlEngine)
        self.index = index
        self._pool = engine._pool
        self._asked: list[tuple[str, Any]] = []

    async def listen(self) -> None:
        """To the one connection of a caller that waits for each answer."""
        async with self._pool.acquire() as connection:
            connection.add_query_logger(lambda seen: self._asked.append((seen.query, seen.args)))

    async def plan(self) -> str:
        """That of what was asked last, with what it then did."""
        statement, values = [one for one in self._asked if "LIMIT $" in one[0]][-1]
        rows = await self.asked(f"EXPLAIN (ANALYZE, COSTS off, TIMING off) {statement}", *values)
        return "\n".join(row[0] for row in rows)

    async def asked(self, statement: str, *values: object) -> list[asyncpg.Record]:
        async with self._pool.acquire() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *values)
            return rows


@pytest.fixture
async def watched(pgvector_url: str) -> AsyncIterator[Watched]:
    index = await connect(pgvector_url, space=SPACE)
    await index.put([written(number) for number in range(2 * LEAST)])
    watched = Watched(index)
    await watched.listen()
    yield watched
    await index.aclose()


async def test_words_are_added_up_out_of_their_index_alone(watched: Watched) -> None:
    assert await watched.index.search_words(WordQuery("seen everybody 7"), limit=5)
    plan = await watched.plan()
    assert "Index Only Scan using postings_pkey" in plan
    assert "Heap Fetches: 0" in plan
    assert "on postings" not in plan.replace("Index Only Scan using postings_pkey on postings", "")


async def test_a_wide_filter_is_evaluated_once_and_not_for_each_entry_and_word(
    watched: Watched,
) -> None:
    assert await watched.index.search_words(WordQuery("seen 7"), limit=5, where=Eq("part", 3))
    plan = await watched.plan()
    assert "Index Only Scan using numbers_by_value" in plan
    assert "(dimension = a.dimension) AND (no =" not in plan
    assert " on entries e" not in plan


async def test_entries_that_a_narrow_filter_leaves_are_looked_up(watched: Watched) -> None:
    assert await watched.index.search_words(WordQuery("seen"), limit=5, where=Eq("at", 77))
    assert "(dimension = a.dimension) AND (no =" in await watched.plan()


@pytest.mark.parametrize("where", [None, Eq("part", 3), Between("at", 5, 900)])
async def test_no_search_is_made_by_a_plan_for_any_values(
    watched: Watched, where: Filter | None
) -> None:
    for number in range(OFTEN):
        query = np.stack([written(number).vector])
        await watched.index.search_vectors(query, limit=5, where=where)
        await watched.index.search_words(WordQuery(f"seen {number}"), limit=5, where=where)
    (kept,) = await watched.asked(
        "SELECT sum(generic_plans), max(custom_plans) FROM pg_prepared_statements "
        "WHERE statement LIKE '%LIMIT $%' AND parameter_types <> '{}'"
    )
    assert kept[0] == 0
    assert kept[1] >= OFTEN


async def test_the_server_plans_for_an_index_in_memory_whatever_it_is_set_to(
    watched: Watched,
) -> None:
    chosen = await watched.asked("SELECT name, setting FROM pg_settings WHERE source = 'client'")
    kept = {row[0]: row[1] for row in chosen}
    assert kept["jit"] == "off"
    assert kept["random_page_cost"] == "1.1"
    assert int(kept["min_parallel_table_scan_size"]) * 8_192 == 128 * 2**20


async def seen_rows(watched: Watched) -> int:
    (row,) = await watched.asked(
        "SELECT reltuples::bigint FROM pg_class WHERE oid = 'entries'::regclass"
    )
    return int(row[0])


async def test_the_server_looks_again_when_a_fifth_has_changed(watched: Watched) -> None:
    index = watched.index
    assert await seen_rows(watched) == 2 * LEAST
    await index.put([written(number) for number in range(LEAST - 1)])
    assert await seen_rows(watched) == 2 * LEAST
    await index.remove([written(0).id])
    assert await seen_rows(watched) == 2 * LEAST - 1


async def test_an_index_that_is_filled_anew_is_looked_at_as_early_as_a_new_one(
    watched: Watched,
) -> None:
    await watched.index.clear()
    await watched.index.put([written(number) for number in range(LEAST)])
    assert await seen_rows(watched) == LEAST


class Hurried:
    """A connection whose server has no time."""

    def __init__(self) -> None:
        self.asked = 0

    async def fetchval(self, _: str) -> int:
        self.asked += 1
        raise asyncpg.QueryCanceledError("canceling statement due to statement timeout")


async def test_a_change_stands_though_the_server_had_no_time_to_look() -> None:
    hurried: Any = Hurried()
    maintenance = Maintenance()
    await maintenance.changed(hurried, LEAST)
    await maintenance.changed(hurried, 1)
    assert hurried.asked == 2
