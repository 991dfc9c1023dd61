"""The table of moves between stores."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Table

from promptuary.adapters.units_of_work._sql.tables import count, created, metadata, own_id, updated
from promptuary.adapters.units_of_work._sql.types import Words

moves = Table(
    "moves",
    metadata,
    own_id(),
    Column("step", Words(50), nullable=False),
    Column("underway", Boolean()),
    count("fence"),
    Column("state", JSON(), nullable=False),
    created(),
    updated(),
    Index("uq_moves_underway", "underway", unique=True),
    Index("ix_moves_created_at", "created_at", "id"),
)
"""`underway` is true of the one move that is not over, and NULL, which is not unique, of others."""
