"""The path of an export: a template and its prompts -> what another tool opens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, assert_never

from promptuary.canon.exporting import caching, patterns, syntaxes
from promptuary.canon.exporting.patterns import Tried
from promptuary.canon.templates.filling import parse
from promptuary.canon.templates.slots import json_schema
from promptuary.domain.errors import InvalidInput
from promptuary.domain.exporting import FORMS, Member, TemplateExport, TemplateForm
from promptuary.domain.pages import each_page
from promptuary.domain.templates import Lineage, Template
from promptuary.lineages import with_lineage
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

MOST_MEMBERS: Final = 20_000
"""With so many of its newest prompts a pattern is tried."""
PAGE: Final = 1_000
_JSON: Final = "application/json"


async def export(record: UnitOfWork, template_id: str, form: TemplateForm) -> TemplateExport:
    """That template (a cluster's id gives its current one) in that form.

    Raises NotFound, InvalidInput for a form that there is not, and Unsupported for a template that
    the form cannot say.
    """
    if form not in FORMS:
        raise InvalidInput(f"there is no form {form!r}; there are {', '.join(FORMS)}")
    async with record.read() as tx:
        lineage, template = await with_lineage(tx, template_id)
        members = await _members(tx, template) if form in {"regex", "re2"} else []
    return said(lineage, template, form, members)


def said(
    lineage: Lineage, template: Template, form: TemplateForm, members: Sequence[Member] = ()
) -> TemplateExport:
    """The template in that form; a pattern is tried with these members. Raises Unsupported."""
    parts = parse(template.text)
    match form:
        case "jinja":
            names = syntaxes.jinja_names(parts)
            text = syntaxes.jinja(parts, names)
            return TemplateExport(form, text, "text/plain", ".j2", names)
        case "mustache":
            return TemplateExport(form, syntaxes.mustache(parts), "text/plain", ".mustache")
        case "fstring":
            return TemplateExport(form, syntaxes.fstring(parts), "text/plain", ".txt")
        case "dotprompt":
            text = syntaxes.dotprompt(template, lineage.name or template.id, parts)
            return TemplateExport(form, text, "text/plain", ".prompt")
        case "json-schema":
            schema = json.dumps(json_schema(template.slots), ensure_ascii=False, indent=2)
            return TemplateExport(form, schema + "\n", "application/schema+json", ".json")
        case "caching":
            return TemplateExport(form, caching.hints(template), _JSON, ".json")
        case "regex":
            return _pattern(form, patterns.python(template.text, members))
        case "re2":
            return _pattern(form, patterns.re2(template.text, members))
    assert_never(form)


def _pattern(form: TemplateForm, tried: Tried) -> TemplateExport:
    bare = TemplateExport(form, tried.pattern, "text/plain", ".regex")
    return replace(bare, members=tried.members, matched=tried.members, filled=tried.filled)


async def _members(tx: Transaction, template: Template) -> list[Member]:
    """The newest prompts that stand under that version."""
    members: list[Member] = []
    home = template.lineage_id
    async for page in each_page(lambda at: tx.prompts.list(lineage_id=home, cursor=at, limit=PAGE)):
        texts = {prompt.id: prompt.text for prompt in page.items}
        members += [
            Member(texts[each.prompt_id], each.slots, each.residual)
            for each in await tx.templates.placements(list(texts))
            if each.template_id == template.id
        ]
        if len(members) >= MOST_MEMBERS:
            break
    return members
