"""Row-level security of PostgreSQL: what other roles than the owner of the tables may see.

Our own sessions are those of the owner, to whom no policy applies. Every other role sees the rows
of the tenant that its session names, in tables that belong to tenants, and nothing in the others.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table

from promptuary.adapters.units_of_work._sql.database import metadata
from promptuary.domain.errors import Unsupported

POLICY = "promptuary_tenant"
_OF_TENANT = "tenant = nullif(current_setting('promptuary.tenant', true), '')"
"""A session that named one and took it back has an empty one: that of nobody, whom none sees."""
_OF_PROMPT = "prompt_id IN (SELECT id FROM library_prompts)"
"""Which the reader sees no more of than `library_prompts` shows it."""


def isolate(connection: Connection) -> None:
    """Let other roles see only rows of the tenant `promptuary.tenant` of their session; again
    after each migration, as that may bring new tables. Raises Unsupported on SQLite."""
    for statement in _statements(connection, on=True):
        connection.exec_driver_sql(statement)


def open_up(connection: Connection) -> None:
    """Take it back: grants alone decide. Raises Unsupported on SQLite."""
    for statement in _statements(connection, on=False):
        connection.exec_driver_sql(statement)


def _statements(connection: Connection, *, on: bool) -> Iterator[str]:
    if connection.dialect.name != "postgresql":
        raise Unsupported("a file knows no roles: row-level security is one of PostgreSQL's")
    for table in metadata.sorted_tables:
        yield f"DROP POLICY IF EXISTS {POLICY} ON {table.name}"
        yield f"ALTER TABLE {table.name} {'ENABLE' if on else 'DISABLE'} ROW LEVEL SECURITY"
        if on and (seen := _seen(table)):
            yield f"CREATE POLICY {POLICY} ON {table.name} USING ({seen})"


def _seen(table: Table) -> str:
    if "tenant" in table.columns:
        return _OF_TENANT
    owned = any(key.column.table.name == "library_prompts" for key in table.foreign_keys)
    return _OF_PROMPT if owned and "prompt_id" in table.columns else ""
