"""The tables of prompts that people keep together, wherever the families that they are in go."""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from promptuary.adapters.units_of_work._sql.tables import (
    count,
    created,
    metadata,
    own_id,
    refers,
    updated,
)
from promptuary.adapters.units_of_work._sql.types import Id, Words

intents = Table(
    "family_intents",
    metadata,
    own_id(),
    refers("collection_id", "collections.id"),
    refers("family_id", "prompt_families.id", nullable=True, gone="SET NULL"),
    Column("name", Words(255), nullable=False),
    count("size"),
    Column("merged_into", Id()),
    created(),
    updated(),
    Index("ix_family_intents_collection_id", "collection_id"),
    Index("ix_family_intents_family_id", "family_id"),
)

intent_prompts = Table(
    "family_intent_prompts",
    metadata,
    refers("prompt_id", "prompts.id"),
    refers("intent_id", "family_intents.id"),
    PrimaryKeyConstraint("prompt_id"),
    Index("ix_family_intent_prompts_intent_id", "intent_id"),
)
