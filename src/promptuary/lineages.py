"""A template by its own id or by that of its lineage, for exports and for the library."""

from __future__ import annotations

from contextlib import suppress

from promptuary.domain.errors import NotFound
from promptuary.domain.templates import Lineage, Template
from promptuary.ports.unit_of_work import Transaction


async def with_lineage(tx: Transaction, template_id: str) -> tuple[Lineage, Template]:
    """That version of a template, or a lineage's current one, and its lineage. Raises NotFound."""
    with suppress(NotFound):
        lineage = await tx.templates.lineage(template_id)
        return lineage, lineage.template
    template = await tx.templates.get(template_id)
    return await tx.templates.lineage(template.lineage_id), template
