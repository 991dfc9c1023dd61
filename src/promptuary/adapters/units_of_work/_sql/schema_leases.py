"""The table of leases."""

from __future__ import annotations

from sqlalchemy import Column, Table

from promptuary.adapters.units_of_work._sql.tables import count, metadata
from promptuary.adapters.units_of_work._sql.types import Moment, Words

leases = Table(
    "leases",
    metadata,
    Column("name", Words(255), primary_key=True),
    Column("holder", Words(255), nullable=False),
    count("fence"),
    Column("lease_until", Moment()),
)
"""`lease_until` is NULL of one that was given back."""
