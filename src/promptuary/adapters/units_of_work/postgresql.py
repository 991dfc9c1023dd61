"""postgresql://user:password@host:port/database"""

from __future__ import annotations

from promptuary.adapters.units_of_work._sql.on_postgresql import postgresql_engines
from promptuary.ports.unit_of_work import UnitOfWork


async def connect(url: str) -> UnitOfWork:
    """Open the record in that database; an empty one gets its tables at once, an older one is
    migrated.

    Raises MissingExtra without asyncpg, Misconfigured for a URL, login or database that cannot
    work, Unavailable when the server cannot be reached.
    """
    return await postgresql_engines(url).open()
