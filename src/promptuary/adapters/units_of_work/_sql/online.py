"""What a migration does while the release before it goes on writing."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy import TextClause

from promptuary.adapters.units_of_work._sql.versions import LOCK_WAIT


def add_index(
    name: str,
    table: str,
    columns: Sequence[str | TextClause],
    *,
    using: str = "btree",
    where: str = "",
) -> None:
    """Make an index on a table that has rows, in PostgreSQL without holding its writers up.

    It is outside of any transaction, so nothing but such indexes may be in its revision. One of
    that name is dropped first: what an interrupted attempt left, or the index as it was before.
    """
    condition = sa.text(where) if where else None
    if op.get_bind().dialect.name != "postgresql":
        op.drop_index(name, table, if_exists=True)
        op.create_index(name, table, columns, sqlite_where=condition)
        return
    with op.get_context().autocommit_block():
        # It waits for every transaction that is open, and nobody waits for it.
        op.execute("SET lock_timeout = 0")
        op.execute("SET statement_timeout = 0")
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(
            name,
            table,
            columns,
            postgresql_using=using,
            postgresql_concurrently=True,
            postgresql_where=condition,
        )
        op.execute("RESET statement_timeout")
        op.execute(f"SET lock_timeout = '{LOCK_WAIT}'")
