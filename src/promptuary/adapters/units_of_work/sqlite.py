"""sqlite:///path/to/record.db"""

from __future__ import annotations

from promptuary.adapters.units_of_work._sql.on_sqlite import sqlite_engines
from promptuary.ports.unit_of_work import UnitOfWork


async def connect(url: str) -> UnitOfWork:
    """Open the record in that file; a new file gets its tables at once, an older one is migrated.

    Raises Misconfigured for a URL that names no file or a file that is no record of ours,
    Busy when another process holds the file for half a minute.
    """
    return await sqlite_engines(url).open()
