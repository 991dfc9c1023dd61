"""The table of how far each collection was looked through for what changed; the events themselves
are in `schema.py`."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint, Table

from promptuary.adapters.units_of_work._sql.tables import count, metadata, refers

evolution_marks = Table(
    "evolution_marks",
    metadata,
    refers("collection_id", "collections.id"),
    count("seq"),
    PrimaryKeyConstraint("collection_id"),
)
