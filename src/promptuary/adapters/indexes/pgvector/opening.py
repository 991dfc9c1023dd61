"""From a URL to an open index: the driver's pool, the extension, the tables."""

from __future__ import annotations

import asyncpg

from promptuary.adapters.indexes._shared.index import ServedIndex, open_served
from promptuary.adapters.indexes._shared.urls import Address, parsed
from promptuary.adapters.indexes.pgvector.engine import Meanings, PostgresqlEngine
from promptuary.adapters.indexes.pgvector.errors import translated
from promptuary.adapters.indexes.pgvector.schema import graph, tables
from promptuary.adapters.indexes.pgvector.vectors import Graph
from promptuary.domain.errors import Misconfigured
from promptuary.domain.vectors import Space

_OPTIONS = (
    "schema", "sslmode", "ca", "search", "m", "ef_construction", "ef_search", "pool", "timeout",
)  # fmt: skip
_OLDEST = 14
_GRAPHED = 2_000
"""pgvector builds no graph over vectors of more numbers."""

_PLANNED = {
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "random_page_cost": "1.1",
    "min_parallel_table_scan_size": "128MB",
    "work_mem": "32MB",
}
"""How statements are planned, whatever the server is set to: anew for their values, as a plan for
any filter and any vector fits none (and would read the vector's text again for every row); without
compiling, which takes longer than they do; for an index that lies in memory; without a second
process for what one has read before the other begins; and with room to add up the scores of many
entries."""


async def connect(url: str, *, space: Space) -> ServedIndex:
    """Open `pgvector://user:password@host:port/database`; tables are made where there are none.

    Options: `schema` (`promptuary_index`), `sslmode`, `ca` (the server must then show a
    certificate of that authority), `pool` (10 connections at most), `timeout`
    (30 seconds a statement), `search` (`exact`, or `graph` with `m`, `ef_construction` and
    `ef_search` of pgvector's HNSW).

    Raises Misconfigured for a URL, login or database that cannot work, SpaceMismatch when it holds
    vectors of another space, Unavailable when the server cannot be reached.
    """
    address = parsed(url, port=5432, options=_OPTIONS)
    seconds = address.number("timeout", 30)
    schema = address.options.get("schema", "promptuary_index")
    quoted = '"' + schema.replace('"', '""') + '"'
    with translated():
        try:
            pool = await asyncpg.create_pool(
                host=address.host,
                port=address.port,
                user=address.user or None,
                password=address.password or None,
                database=address.name,
                ssl=address.trusted()
                or address.choice("sslmode", "prefer", "disable", "require", "verify-full"),
                min_size=1,
                max_size=address.number("pool", 10),
                timeout=10,
                command_timeout=seconds + 1,
                server_settings={
                    "application_name": "promptuary",
                    "statement_timeout": f"{seconds}s",
                    "lock_timeout": f"{seconds}s",
                    "search_path": f"{quoted}, public",
                    **_PLANNED,
                },
            )
        except (asyncpg.ClientConfigurationError, ValueError) as error:
            raise Misconfigured(f"pgvector: {error}") from error
    try:
        with translated():
            meanings = await _prepared(pool, address, quoted, space)
    except BaseException:
        pool.terminate()
        raise
    engine = PostgresqlEngine(pool, meanings)
    return await open_served(engine, space, f"the schema {schema}")


async def _prepared(pool: asyncpg.Pool, address: Address, schema: str, space: Space) -> Meanings:
    """Make the extension and the tables where they are missing; one process at a time."""
    wanted = address.choice("search", "exact", "graph") == "graph"
    async with pool.acquire() as ask:
        if (version := ask.get_server_version()) < (_OLDEST,):
            raise Misconfigured(f"pgvector: PostgreSQL {_OLDEST} or newer, not {version.major}")
    async with pool.acquire() as ask, ask.transaction():
        await ask.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"promptuary {schema}")
        has_vectors = await _has_vectors(ask)
        known = await ask.fetchval("SELECT to_regclass($1)", f"{schema}.log")
        if known is None:
            meaning = f"vector({space.dimensions})" if has_vectors else "bytea"
            await ask.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            await ask.execute(tables(meaning))
        else:
            has_vectors = await _keeps_vectors(ask, schema)
        shape = None
        if wanted:
            shape = _graph(address, space, has_vectors=has_vectors)
            await ask.execute(graph(links=shape.links, effort=shape.effort))
    return Meanings(has_vectors, shape)


async def _has_vectors(ask: asyncpg.pool.PoolConnectionProxy) -> bool:
    """Whether the database has pgvector, made where the server offers it and the user may."""
    if await ask.fetchval("SELECT 1 FROM pg_extension WHERE extname = 'vector'"):
        return True
    if not await ask.fetchval("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"):
        return False
    await ask.execute("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")
    return True


async def _keeps_vectors(ask: asyncpg.pool.PoolConnectionProxy, schema: str) -> bool:
    kind = await ask.fetchval(
        "SELECT format_type(atttypid, NULL) FROM pg_attribute "
        "WHERE attrelid = to_regclass($1) AND attname = 'meaning'",
        f"{schema}.entries",
    )
    return str(kind).endswith("vector")


def _graph(address: Address, space: Space, *, has_vectors: bool) -> Graph:
    if not has_vectors:
        raise Misconfigured("pgvector: this index was begun without the extension: no graph")
    if space.dimensions > _GRAPHED:
        raise Misconfigured(f"pgvector: no graph over vectors of more than {_GRAPHED} numbers")
    shape = Graph()
    return Graph(
        address.number("m", shape.links),
        address.number("ef_construction", shape.effort),
        address.number("ef_search", shape.search),
    )
