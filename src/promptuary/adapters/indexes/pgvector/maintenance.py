"""What PostgreSQL knows of the tables: rows without statistics are planned for blindly, and rows
that no VACUUM has seen are looked up one by one, where an index alone would do.

Autovacuum does the same, a minute later and where it is switched on: until then a search in an
index that was just built would take ten times as long.
"""

from __future__ import annotations

from contextlib import suppress

import asyncpg

from promptuary.adapters.indexes.pgvector import statements
from promptuary.adapters.indexes.pgvector.errors import translated
from promptuary.domain.errors import PromptuaryError

LEAST = 1_000
"""So many entries must have been written or removed, and a fifth of all, as with autovacuum."""
_SHARE = 5


class Maintenance:
    """Counts what this process changed, and has the tables vacuumed and analyzed when it is due."""

    def __init__(self) -> None:
        """Nothing was changed yet."""
        self.emptied()

    def emptied(self) -> None:
        """Begin again: the tables hold nothing."""
        self._changed, self._due = 0, LEAST

    async def changed(self, ask: asyncpg.pool.PoolConnectionProxy, entries: int) -> None:
        """Note a change that is committed; outside a transaction. What fails or takes too long is
        left to the next time: the change stands."""
        self._changed += entries
        if self._changed < self._due:
            return
        with suppress(PromptuaryError), translated():
            self._due = max(LEAST, await ask.fetchval(statements.ESTIMATED) // _SHARE)
            if self._changed >= self._due:
                self._changed = 0
                await ask.execute(statements.VACUUM)
