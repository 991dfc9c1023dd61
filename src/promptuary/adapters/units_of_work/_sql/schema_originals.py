"""The table of originals: which blob holds the file that a source was read from."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table

from promptuary.adapters.units_of_work._sql.tables import metadata, refers, where
from promptuary.adapters.units_of_work._sql.types import Moment, Words

originals = Table(
    "originals",
    metadata,
    Column("blob", Words(255), primary_key=True),
    refers("source_id", "sources.id", nullable=True, gone="SET NULL"),
    Column("digest", Words(64), nullable=False),
    Column("size", BigInteger(), nullable=False),
    Column("until", Moment(), nullable=False),
    Index("ix_originals_source_id", "source_id"),
    Index("ix_originals_until", "until", **where("source_id IS NULL")),
)
"""A row without a source is a blob to be removed once `until` has passed."""
