"""The table of what people decided about refused prompts."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, text

from promptuary.adapters.units_of_work._sql.tables import Position, metadata, refers
from promptuary.adapters.units_of_work._sql.types import Id, Moment, Words

reviews = Table(
    "moderation_reviews",
    metadata,
    Column("position", Position, primary_key=True),
    Column("id", Id(), nullable=False, unique=True),
    Column("collection", Words(255), nullable=False),
    refers("prompt_id", "prompts.id"),
    Column("decision", Words(50), nullable=False),
    Column("made_by", Words(255), nullable=False),
    Column("reason", Words(), nullable=False, server_default=text("''")),
    Column("verdict", Words(), nullable=False, server_default=text("''")),
    Column("created_at", Moment(), nullable=False),
    Index("ix_moderation_reviews_prompt_id", "prompt_id"),
    Index("ix_moderation_reviews_collection_position", "collection", "position"),
    sqlite_autoincrement=True,
)
