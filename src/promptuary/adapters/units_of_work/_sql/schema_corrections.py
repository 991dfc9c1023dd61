"""The table of what people corrected. A correction belongs to the name of a collection and names
what it is about by id; that may be gone by now."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Table, text

from promptuary.adapters.units_of_work._sql.tables import Position, metadata
from promptuary.adapters.units_of_work._sql.types import Id, Moment, Words

corrections = Table(
    "corrections",
    metadata,
    Column("position", Position, primary_key=True),
    Column("id", Id(), nullable=False, unique=True),
    Column("collection", Words(255), nullable=False),
    Column("kind", Words(50), nullable=False),
    Column("ids", JSON(), nullable=False, server_default=text("'[]'")),
    Column("apart", JSON(), nullable=False, server_default=text("'[]'")),
    Column("name", Words(255), nullable=False, server_default=text("''")),
    Column("made_by", Words(255), nullable=False),
    Column("created_at", Moment(), nullable=False),
    Column("undone_at", Moment()),
    Column("undone_by", Words(255)),
    Index("ix_corrections_collection_position", "collection", "position"),
    sqlite_autoincrement=True,
)
