"""From what traffic shows to what is kept: templates of `canon` become prompts of the library."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from textwrap import shorten
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
from promptuary.domain.pages import each_page
from promptuary.domain.slugs import checked_slug, slug_of
from promptuary.domain.templates import Lineage, Slot, SlotTally, Template
from promptuary.library.changing import Opened
from promptuary.library.explaining import Explaining
from promptuary.library.finding import Cut
from promptuary.library.labels import label as point
from promptuary.library.reading import get
from promptuary.library.saving import save
from promptuary.lineages import with_lineage
from promptuary.ports.unit_of_work import Transaction

TEMPLATE: Final = "template"
LINEAGE: Final = "lineage"
EXAMPLES: Final = 10
AT_ONCE: Final = 500
CLOSED, CLOSED_EACH = 30, 10
"""So many prompts, and so many for each different value, before a slot's values are all there are.
"""
LONGEST_TITLE: Final = 80


@dataclass(frozen=True, slots=True)
class Adopted:
    """A kept prompt and the version in which a template of a lineage was last adopted."""

    slug: str
    version: PromptVersion

    @property
    def template(self) -> str:
        """The id of the template that was adopted."""
        return next((each.id for each in self.version.origins if each.kind == TEMPLATE), "")


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
    where it came from. Again, after the template changed, that is the next version; again without
    a change it is the version there is, whatever was saved after it.

    The id is that of a template, or of a lineage for its current one. Raises NotFound, and Conflict
    when the slug (the lineage's name unless given) is that of a prompt of another origin.
    """
    async with self._record.read() as tx:
        lineage, template = await with_lineage(tx, template_id)
        slug = checked_slug(slug) if slug else slug_of(lineage.name)
        content = _content(lineage, template, self._cut)
        known = await _adopted(tx, slug, lineage.id, tenant)
    if known and known.template == template.id and known.version.content == content:
        for name in labels:
            await point(self, slug, name, known.version.number, author=author, tenant=tenant)
        return await get(self, slug, known.version.number, count=False, tenant=tenant)
    about = About(
        title=_title(template.text, self._cut) or lineage.name,
        description=f"Adopted from a template that {lineage.size:,} prompts were made of.",
        tags=("adopted",),
    )
    return await save(
        self,
        slug,
        content,
        about=None if known else about,
        message=f"adopted from template version {template.version}",
        author=author,
        labels=labels,
        origins=(Origin(LINEAGE, lineage.id), Origin(TEMPLATE, template.id, "text")),
        tenant=tenant,
    )


async def shadows(self: Opened, *, limit: int = 50, tenant: str = "") -> Adoption:
    """How much of the traffic comes from prompts that are kept: shadow prompts (templates that no
    kept prompt explains), largest first, and what traffic has drifted away from.

    A prompt explains the templates that were adopted for any of its versions, and those that say
    what one of its versions says. Traffic has drifted when it says what none of the versions says.
    """
    unknown: list[Shadow] = []
    drifted: list[Drift] = []
    explained = total = 0
    async with self._record.read() as tx:
        adopted: dict[str, Adopted] = {}
        saying = Explaining(self._cut)
        async for slug, version in _versions(tx, tenant):
            saying.add(slug, version)
            for origin in version.origins:
                if origin.kind == LINEAGE:
                    adopted[origin.id] = Adopted(slug, version)
        async for lineage in _lineages(tx):
            total += lineage.size
            text = lineage.template.text
            known = adopted.get(lineage.id)
            if known is None and not saying.explaining(text):
                if len(unknown) < limit:
                    unknown.append(Shadow(lineage.id, lineage.name, lineage.size, text))
                continue
            explained += lineage.size
            if known is None or known.template == lineage.template.id:
                continue
            if known.slug not in saying.saying(text):
                drifted.append(await _drift(tx, known, lineage))
    return Adoption(tuple(unknown), tuple(drifted), explained, total)


async def _drift(tx: Transaction, known: Adopted, lineage: Lineage) -> Drift:
    """What traffic says now, and which template it said when it was adopted."""
    now = lineage.template
    try:
        was = (await tx.templates.get(known.template)).version
    except NotFound:
        was = "?"
    return Drift(known.slug, known.version.number, lineage.id, was, now.version, now.text)


async def _adopted(tx: Transaction, slug: str, lineage_id: str, tenant: str) -> Adopted | None:
    """Where that lineage was adopted under that slug; None where nothing has the slug. Raises
    Conflict for a prompt of another origin."""
    try:
        prompt = await tx.library.get(slug, tenant)
    except NotFound:
        return None
    versions = (await tx.library.every_version([prompt.id]))[prompt.id]
    for version in reversed(versions):
        if Origin(LINEAGE, lineage_id) in version.origins:
            return Adopted(slug, version)
    raise Conflict(f"{slug!r} is a prompt of another origin; give another slug")


async def _versions(tx: Transaction, tenant: str) -> AsyncIterator[tuple[str, PromptVersion]]:
    """Every version of every prompt, those of a prompt in the order of their numbers."""
    async for page in each_page(lambda at: tx.library.list(tenant, cursor=at, limit=AT_ONCE)):
        versions = await tx.library.every_version([each.id for each in page.items])
        for prompt in page.items:
            for version in versions.get(prompt.id, ()):
                yield prompt.slug, version


async def _lineages(tx: Transaction) -> AsyncIterator[Lineage]:
    async for page in each_page(lambda at: tx.templates.list(cursor=at, limit=AT_ONCE)):
        for each in page.items:
            yield each


def _title(text: str, cut: Cut) -> str:
    """How the template begins, with an ellipsis for each slot."""
    told = " ".join("".join(part if isinstance(part, str) else "…" for part in cut(text)).split())
    return shorten(told, LONGEST_TITLE, placeholder=" …").strip(" .:;,…")


def _content(lineage: Lineage, template: Template, cut: Cut) -> PromptContent:
    """The template in Mustache; as a format string where its own text would read as Mustache."""
    parts = cut(template.text)
    mustache = not any(isinstance(part, str) and "{{" in part for part in parts)
    written = "".join(
        (part if mustache else part.replace("{", "{{").replace("}", "}}"))
        if isinstance(part, str)
        else (f"{{{{{_name(part.name)}}}}}" if mustache else f"{{{_name(part.name)}}}")
        for part in parts
    )
    slots = tuple(
        _declared(slot, lineage.tallies.get(slot.name, SlotTally())) for slot in template.slots
    )
    return PromptContent(written, syntax="mustache" if mustache else "fstring", slots=slots)


def _declared(slot: Slot, tally: SlotTally) -> DeclaredSlot:
    """The miner's slot. Values that are a closed set are its choices; of any other slot what was
    seen is an example: more may come."""
    seen = [each.value for each in slot.examples]
    closed = slot.type == "enum" and _is_closed(tally)
    if closed:
        ranked = sorted(tally.counts, key=lambda value: (-tally.counts[value], value))
        seen = list(dict.fromkeys([*seen, *(each for each in ranked if each.strip())]))
    return DeclaredSlot(
        name=_name(slot.name),
        type=slot.type,
        required=slot.required,
        choices=tuple(seen) if closed else (),
        examples=tuple(seen[:EXAMPLES]),
    )


def _is_closed(tally: SlotTally) -> bool:
    """Whether all values of a slot were seen, as far as one can tell: none but once (the chance of
    another is about the share of those seen once: Good 1953), and each so often that with none
    new among so many prompts another is rare."""
    counts = [count for value, count in tally.counts.items() if value.strip()]
    total = sum(counts)
    return total >= max(CLOSED, CLOSED_EACH * len(counts)) and min(counts) > 1


def _name(name: str) -> str:
    return name.lstrip("_") or "slot"
