"""The database as the code expects it: every table, in one `metadata`, and the revision."""

from __future__ import annotations

from promptuary.adapters.units_of_work._sql import (
    schema,
    schema_conversations,
    schema_intents,
    schema_judgements,
    schema_leases,
    schema_library,
    schema_moves,
    schema_namings,
    schema_noticing,
    schema_originals,
    schema_reviews,
)
from promptuary.adapters.units_of_work._sql.tables import HEAD, metadata

MODULES = (
    schema,
    schema_conversations,
    schema_intents,
    schema_judgements,
    schema_leases,
    schema_library,
    schema_moves,
    schema_namings,
    schema_noticing,
    schema_originals,
    schema_reviews,
)
"""Where the tables are; importing them is what fills the metadata."""

__all__ = ["HEAD", "MODULES", "metadata"]
