"""From what traffic shows to what is kept: templates of `canon` become prompts of the library."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Final

from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.library import (
    About,
    Adoption,
    DeclaredSlot,
    Drift,
    KeptPrompt,
    Origin,
    PromptContent,
    PromptVersion,
    Shadow,
)
from promptuary.domain.slugs import checked_slug, slug_of
from promptuary.domain.templates import Lineage, Slot, Template
from promptuary.library.changing import Opened
from promptuary.library.finding import Cut
from promptuary.library.saving import save
from promptuary.ports.unit_of_work import Transaction

TEMPLATE: Final = "template"
LINEAGE: Final = "lineage"
EXAMPLES: Final = 10
AT_ONCE: Final = 500


async def adopt(
    self: Opened,
    template_id: str,
    slug: str | None = None,
    *,
    labels: Sequence[str] = (),
    author: str = "",
    tenant: str = "",
) -> KeptPrompt:
    """Keep a template that was found in traffic, with its slots, their types and examples, and
    where it came from. Again, after the template changed, that is the next version.

    The id is that of a template, or of a lineage for its current one. Raises NotFound, and Conflict
    when the slug (the lineage's name unless given) is that of a prompt of another origin.
    """
    async with self._record.read() as tx:
        lineage, template = await _template(tx, template_id)
        slug = checked_slug(slug) if slug else slug_of(lineage.name)
        with suppress(NotFound):
            prompt = await tx.library.get(slug, tenant)
            version = await tx.library.version(prompt.id, prompt.latest)
            if Origin(LINEAGE, lineage.id) not in version.origins:
                raise Conflict(f"{slug!r} is a prompt of another origin; give another slug")
    about = About(
        title=lineage.name,
        description=f"Adopted from a template that {lineage.size:,} prompts were made of.",
        tags=("adopted",),
    )
    return await save(
        self,
        slug,
        _content(template, self._cut),
        about=about,
        message=f"adopted from template version {template.version}",
        author=author,
        labels=labels,
        origins=(Origin(LINEAGE, lineage.id), Origin(TEMPLATE, template.id, "text")),
        tenant=tenant,
    )


async def shadows(self: Opened, *, limit: int = 50, tenant: str = "") -> Adoption:
    """How much of the traffic comes from prompts that are kept: shadow prompts (templates that no
    kept prompt explains), largest first, and what traffic has drifted away from."""
    kept = {}
    async with self._record.read() as tx:
        async for slug, version in _newest(tx, tenant):
            for origin in version.origins:
                if origin.kind == LINEAGE:
                    kept[origin.id] = (slug, version)
        explained = total = 0
        unknown: list[Shadow] = []
        drifted: list[Drift] = []
        async for lineage in _lineages(tx):
            total += lineage.size
            if lineage.id not in kept:
                if len(unknown) < limit:
                    unknown.append(
                        Shadow(lineage.id, lineage.name, lineage.size, lineage.template.text)
                    )
                continue
            explained += lineage.size
            slug, version = kept[lineage.id]
            if drift := await _drift(tx, slug, version, lineage):
                drifted.append(drift)
    return Adoption(tuple(unknown), tuple(drifted), explained, total)


async def _drift(
    tx: Transaction, slug: str, version: PromptVersion, lineage: Lineage
) -> Drift | None:
    """What traffic says now, where that is another template than was adopted."""
    adopted = next((each.id for each in version.origins if each.kind == TEMPLATE), "")
    now = lineage.template
    if adopted == now.id:
        return None
    try:
        was = (await tx.templates.get(adopted)).version
    except NotFound:
        was = "?"
    return Drift(slug, version.number, lineage.id, was, now.version, now.text)


async def _template(tx: Transaction, template_id: str) -> tuple[Lineage, Template]:
    with suppress(NotFound):
        lineage = await tx.templates.lineage(template_id)
        return lineage, lineage.template
    template = await tx.templates.get(template_id)
    return await tx.templates.lineage(template.lineage_id), template


async def _newest(tx: Transaction, tenant: str) -> AsyncIterator[tuple[str, PromptVersion]]:
    cursor: str | None = None
    while True:
        page = await tx.library.list(tenant, cursor=cursor, limit=AT_ONCE)
        newest = await tx.library.newest([each.id for each in page.items])
        for each in page.items:
            yield each.slug, newest[each.id]
        cursor = page.next_cursor
        if cursor is None:
            return


async def _lineages(tx: Transaction) -> AsyncIterator[Lineage]:
    cursor: str | None = None
    while True:
        page = await tx.templates.list(cursor=cursor, limit=AT_ONCE)
        for each in page.items:
            yield each
        cursor = page.next_cursor
        if cursor is None:
            return


def _content(template: Template, cut: Cut) -> PromptContent:
    """The template in Mustache; as a format string where its own text would read as Mustache."""
    parts = cut(template.text)
    mustache = not any(isinstance(part, str) and "{{" in part for part in parts)
    written = "".join(
        (part if mustache else part.replace("{", "{{").replace("}", "}}"))
        if isinstance(part, str)
        else (f"{{{{{_name(part.name)}}}}}" if mustache else f"{{{_name(part.name)}}}")
        for part in parts
    )
    slots = tuple(_declared(slot) for slot in template.slots)
    return PromptContent(written, syntax="mustache" if mustache else "fstring", slots=slots)


def _declared(slot: Slot) -> DeclaredSlot:
    """The miner's slot. What was seen is an example and no closed set: more may come."""
    return DeclaredSlot(
        name=_name(slot.name),
        type=slot.type,
        required=slot.required,
        examples=tuple(each.value for each in slot.examples[:EXAMPLES]),
    )


def _name(name: str) -> str:
    return name.lstrip("_") or "slot"
