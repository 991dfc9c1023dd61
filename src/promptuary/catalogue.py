"""The face's methods about what was found: families, templates, prompts, and how they changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Literal, Protocol

from promptuary.canon import browse
from promptuary.domain.pages import Page
from promptuary.domain.prompts import Collection, ModerationStatus, Prompt
from promptuary.domain.reports import PlacedPrompt, PlacementRow, TemplateDiff
from promptuary.domain.templates import EvolutionEvent, Family, Lineage, Template
from promptuary.ports.unit_of_work import UnitOfWork


class Opened(Protocol):
    """What these methods need of the Promptuary that they belong to."""

    @property
    def _record(self) -> UnitOfWork: ...


async def collections(
    self: Opened, *, cursor: str | None = None, limit: int = 50
) -> Page[Collection]:
    """By name."""
    async with self._record.read() as tx:
        return await tx.collections.list(cursor=cursor, limit=limit)


async def families(
    self: Opened,
    *,
    collection: str | None = None,
    sort: Literal["size", "created", "name"] = "size",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Family]:
    """Largest first unless `sort` says otherwise. Raises NotFound for the collection."""
    async with self._record.read() as tx:
        within = (await tx.collections.get(collection)).id if collection else None
        return await tx.families.list(within, sort=sort, cursor=cursor, limit=limit)


async def family(self: Opened, family_id: str) -> Family:
    """Raises NotFound."""
    async with self._record.read() as tx:
        return await tx.families.get(family_id)


async def templates(
    self: Opened,
    *,
    collection: str | None = None,
    family_id: str | None = None,
    sort: Literal["size", "created"] = "size",
    cursor: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Page[Lineage]:
    """Living lineages with their current template (`offset` serves numbered pages)."""
    async with self._record.read() as tx:
        within = (await tx.collections.get(collection)).id if collection else None
        return await tx.templates.list(
            within, family_id=family_id, sort=sort, cursor=cursor, limit=limit, offset=offset
        )


async def lineage(self: Opened, lineage_id: str) -> Lineage:
    """A lineage (cluster) by its id. Raises NotFound."""
    async with self._record.read() as tx:
        return await tx.templates.lineage(lineage_id)


async def template(self: Opened, template_id: str) -> Template:
    """Any version by its id; a lineage's id gives its current version. Raises NotFound."""
    return await browse.template(self._record, template_id)


async def versions(self: Opened, template_id: str) -> list[Template]:
    """The whole history of the lineage of that template (or lineage) id, ascending."""
    return await browse.versions(self._record, template_id)


async def events(self: Opened, template_id: str) -> list[EvolutionEvent]:
    """What happened to that template's lineage, oldest first."""
    known = await template(self, template_id)
    async with self._record.read() as tx:
        return list(await tx.templates.events(known.lineage_id))


async def diff(self: Opened, from_template_id: str, to_template_id: str) -> TemplateDiff:
    """How two versions (of one lineage or of two) differ. Raises NotFound."""
    return await browse.compare(self._record, from_template_id, to_template_id)


async def prompt(self: Opened, prompt_id: str) -> PlacedPrompt:
    """A prompt with its placement. Raises NotFound."""
    return await browse.placed_prompt(self._record, prompt_id)


async def prompts(
    self: Opened,
    *,
    collection: str | None = None,
    lineage_id: str | None = None,
    family_id: str | None = None,
    status: ModerationStatus | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Prompt]:
    """Newest first; of a family only prompts that belong to it by themselves."""
    async with self._record.read() as tx:
        within = (await tx.collections.get(collection)).id if collection else None
        listed = partial(tx.prompts.list, within, status=status, lineage_id=lineage_id)
        return await listed(family_id=family_id, cursor=cursor, limit=limit)


def placements(self: Opened, collection: str = "default") -> AsyncIterator[PlacementRow]:
    """Every sent prompt with its placement, in order of arrival, streamed."""
    return browse.placement_rows(self._record, collection)
