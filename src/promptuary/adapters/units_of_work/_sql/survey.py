"""What SQLite plans its queries by: it counts a table only when it is told to."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Table, select, text

from promptuary.adapters.units_of_work._sql.statements import Statements

LEAST: Final = 512
"""Below so many rows every plan is quick."""


async def survey(db: Statements, table: Table, new: int) -> None:
    """Let SQLite count the table whenever `new` rows have doubled it; PostgreSQL does so by itself.

    Uncounted, SQLite takes every value of an index for rare: the newest five events of all cameras
    would be sought camera by camera and sorted, instead of read from the end of the index by time.
    """
    if db.postgresql or not new:
        return
    rows = await db.number(select(text("max(rowid)")).select_from(table))
    if rows >= LEAST and rows.bit_length() > (rows - new).bit_length():
        await db.run(text(f"ANALYZE {table.name}"))
