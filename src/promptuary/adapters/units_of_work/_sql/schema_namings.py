"""The table of what chat models called things. A naming belongs to the name of a collection and
names what it is about by id; that may be gone by now."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Table, text

from promptuary.adapters.units_of_work._sql.tables import Position, metadata
from promptuary.adapters.units_of_work._sql.types import Id, Moment, Words

namings = Table(
    "namings",
    metadata,
    Column("position", Position, primary_key=True),
    Column("id", Id(), nullable=False, unique=True),
    Column("collection", Words(255), nullable=False),
    Column("own_id", Id(), nullable=False),
    Column("asked", Words(64), nullable=False),
    Column("model", Words(255), nullable=False),
    Column("refused", Words(50), nullable=False, server_default=text("''")),
    Column("detail", Words(), nullable=False, server_default=text("''")),
    Column("wording", JSON(none_as_null=True)),
    Column("created_at", Moment(), nullable=False),
    Index("ix_namings_own_id", "own_id"),
    Index("ix_namings_asked", "asked"),
    Index("ix_namings_collection_position", "collection", "position"),
    sqlite_autoincrement=True,
)
