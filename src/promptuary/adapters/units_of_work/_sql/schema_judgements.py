"""The tables of judgements about answers.

A calibration belongs to a name, not to a row of `collections`: labels may be there before the
documents are.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Table, text

from promptuary.adapters.units_of_work._sql.tables import metadata, own_id, updated
from promptuary.adapters.units_of_work._sql.types import Moment, Words

calibrations = Table(
    "calibrations",
    metadata,
    Column("collection", Words(255), primary_key=True),
    Column("slope", Float(), nullable=False),
    Column("shift", Float(), nullable=False),
    updated(),
)

answer_ratings = Table(
    "answer_ratings",
    metadata,
    own_id(),
    Column("collection", Words(255), nullable=False, server_default=text("''")),
    Column("rating", Words(50), nullable=False),
    Column("comment", Words(), nullable=False, server_default=text("''")),
    Column("rated_at", Moment(), nullable=False),
    Index("ix_answer_ratings_collection_rating", "collection", "rating"),
)
