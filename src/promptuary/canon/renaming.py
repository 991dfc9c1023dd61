"""What clusters and families are called, by people or by themselves."""

from __future__ import annotations

from dataclasses import replace

from promptuary.canon.drafting import first_words
from promptuary.canon.families.naming import family_name, shared_words
from promptuary.domain.errors import NotFound
from promptuary.ports.unit_of_work import Transaction

NAMED_BY = 50
"""Prompts or templates of a family that say what it is called."""


async def named(tx: Transaction, own_id: str, name: str | None) -> str:
    """Call a cluster or family that, or what it would be called; the name of its collection."""
    for line in await tx.templates.some([own_id]):
        called = replace(line, name=name or first_words(line.template.text, line.id))
        await tx.templates.save_lineages([called])
        await tx.outbox.add("lineage", [own_id])
        return line.collection
    for family in await tx.families.some([own_id]):
        texts = (await tx.templates.leading_texts([own_id], limit=NAMED_BY)).get(own_id, ())
        own = [] if texts else (await tx.prompts.list(family_id=own_id, limit=NAMED_BY)).items
        found = name or family_name(texts) or shared_words([each.text for each in own])
        await tx.families.save([replace(family, name=found or family.name)])
        await tx.outbox.add("family", [own_id])
        return family.collection
    for intent in await tx.intents.some([own_id]):  # a family that was made one with another
        page = await tx.prompts.list(intent_id=own_id, limit=NAMED_BY)
        found = name or shared_words([each.text for each in page.items])
        await tx.intents.save([replace(intent, name=found or intent.name)])
        return intent.collection
    raise NotFound("cluster or family", own_id)
