"""`promptuary show` and `promptuary diff`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from promptuary.cli.evolving import print_history
from promptuary.cli.listing import print_lineage, print_template
from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, one_line, plural, safe, templated, write_json
from promptuary.domain.errors import InvalidInput, NotFound
from promptuary.domain.namings import Naming
from promptuary.domain.pages import Page
from promptuary.domain.prompts import Prompt
from promptuary.domain.reports import PlacedPrompt, TemplateDiff
from promptuary.domain.templates import Family, Lineage, Template

if TYPE_CHECKING:
    from promptuary.cli.opening import Face

EXAMPLES = 5
OWN = 20
"""Prompts of a family that belong to it by themselves: whoever corrects it names them by id."""
SIGNS = {"=": "", "-": "red strike", "+": "bold green"}


def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of whatever it is.")],
    history: Annotated[
        bool, typer.Option("--history", help="Of a family or cluster: from its first prompt on.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show one prompt, template, cluster or family, whichever has this id."""
    with looked_at(home) as promptuary:
        if history:
            told = promptuary.evolution.history(id)
            if as_json:
                write_json(told)
            else:
                print_history(console(), told)
            return
        for look in (_show_prompt, _show_lineage, _show_template, _show_family):
            try:
                print_it = look(promptuary, id, as_json)
            except NotFound:
                continue
            print_it(console())
            return
    raise NotFound("prompt, template, cluster or family", id)


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A template or a version of it.")],
    b: Annotated[
        str | None, typer.Argument(metavar="[B]", help="Another; else A's version before.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show how two versions of a template differ; with A alone, what its latest change was."""
    with looked_at(home) as promptuary:
        before, after = (a, b) if b else _latest_change(promptuary, a)
        found = promptuary.diff(before, after)
    if as_json:
        write_json(found)
    else:
        print_diff(console(), found)


def print_diff(out: Console, found: TemplateDiff) -> None:
    """The words that went and came, in their place."""
    out.print(Text(f"{found.from_version} → {found.to_version}", "bold"))
    text = Text()
    for sign, words in found.lines:
        marked = words if sign == "=" or out.is_terminal else f"[{sign}{words}{sign}]"
        text.append(safe(marked), SIGNS[sign])
    out.print(text)
    for label, names in (("slots added", found.slots_added), ("slots gone", found.slots_removed)):
        if names:
            out.print(f"{label}: {', '.join(names)}")
    if found.moved_prompts:
        out.print(f"{plural(found.moved_prompts, 'prompt')} stand under it")


def _latest_change(promptuary: Face, id: str) -> tuple[str, str]:
    versions = promptuary.versions(id)
    at = next((n for n, version in enumerate(versions) if version.id == id), len(versions) - 1)
    if at < 1:
        only = versions[at].version if versions else "none"
        message = f"there is no version before {only} of this template to compare with"
        raise InvalidInput(f"{message}; name a second template")
    return versions[at - 1].id, versions[at].id


Printer = Callable[[Console], None]


def _show_prompt(promptuary: Face, id: str, as_json: bool) -> Printer:
    found = promptuary.prompt(id)
    if as_json:
        return lambda _: write_json(found)
    template = promptuary.template(found.placement.template_id) if found.placement else None
    return lambda out: _print_prompt(out, found, template)


def _show_lineage(promptuary: Face, id: str, as_json: bool) -> Printer:
    lineage = promptuary.lineage(id)
    history, events = promptuary.versions(id), promptuary.events(id)
    naming = _naming_of(promptuary, id)
    if as_json:
        shown = {"cluster": lineage, "versions": history, "events": events, "naming": naming}
        return lambda _: write_json(shown)

    def print_it(out: Console) -> None:
        _print_cluster(out, lineage, history)
        _print_naming(out, naming)
        for event in events:
            out.print(Text(f"{event.created_at:%Y-%m-%d} {event.type}: {event.reason}", "dim"))

    return print_it


def _show_template(promptuary: Face, id: str, as_json: bool) -> Printer:
    template = promptuary.template(id)
    if as_json:
        return lambda _: write_json(template)

    def print_it(out: Console) -> None:
        out.print(Text(f"cluster {template.lineage_id}", "dim"))
        print_template(out, template)
        out.print(Text(safe(template.reason), "dim"))

    return print_it


def _show_family(promptuary: Face, id: str, as_json: bool) -> Printer:
    family = promptuary.family(id)
    members = promptuary.templates(family_id=id, limit=100)
    prompts = promptuary.prompts(family_id=id, limit=OWN)
    naming = _naming_of(promptuary, id)
    if as_json:
        shown = {
            "family": family,
            "templates": members.items,
            "prompts": prompts.items,
            "naming": naming,
        }
        return lambda _: write_json(shown)

    def print_it(out: Console) -> None:
        _print_family(out, family, members.items, members.total, prompts)
        _print_naming(out, naming)

    return print_it


def _naming_of(promptuary: Face, id: str) -> Naming | None:
    """What a model called it. A server tells that only in the list of all, which is long."""
    look = getattr(promptuary.naming, "of", None)
    return look([id]).get(id) if look else None


def _print_naming(out: Console, naming: Naming | None) -> None:
    """What a model said of it, where it did."""
    if naming is None or naming.wording is None:
        return
    said = naming.wording
    out.print(Text(f"{safe(naming.model)} says: {safe(said.description)}", "dim"))
    for slot in said.slots:
        out.print(Text(f"  {slot.slot}: {safe(slot.name)}, {safe(slot.description)}", "dim"))


def _print_prompt(out: Console, found: PlacedPrompt, template: Template | None) -> None:
    prompt = found.prompt
    seen = f"seen {plural(prompt.count, 'time')}, {prompt.created_at:%Y-%m-%d}"
    out.print(Text(f"prompt in {prompt.collection}, {prompt.status}, {seen}", "dim"))
    out.print(Text(safe(prompt.text)))
    out.print()
    if prompt.verdict.masked:
        taken = ", ".join(f"{kind} ({n:,})" for kind, n in prompt.verdict.masked.items())
        out.print(Text(f"taken out before it was kept: {taken}", "dim"))
    if prompt.verdict.unasked:
        away = ", ".join(prompt.verdict.unasked)
        out.print(Text(f"judged while this could not be asked: {safe(away)}", "yellow"))
    if prompt.status == "rejected":
        out.print(f"refused by moderation: {safe(prompt.verdict.reason or '')}", style="yellow")
    elif found.placement is None or template is None:
        waits = "It waits to be placed." if found.waiting else "It stands alone."
        out.print(waits)
        if found.family_id:
            out.print(Text(f"asks the same as others of family {found.family_id}", "dim"))
    else:
        placement = found.placement
        match = f"match {placement.similarity:.2f}, confidence {placement.confidence:.2f}"
        out.print(Text(f"follows {placement.lineage_id} {template.version}, {match}", "dim"))
        out.print(templated(template.text))
        for name, value in placement.slots.items():
            out.print(Text(f"  {name}", "bold cyan").append(f" = {safe(value)}", "none"))
        for reason in placement.reasons:
            out.print(Text(f"  {safe(reason)}", "dim"))
        if found.family_id:
            out.print(Text(f"family {found.family_id}", "dim"))


def _print_cluster(out: Console, lineage: Lineage, history: list[Template]) -> None:
    print_lineage(out, lineage)
    if lineage.family_id:
        out.print(Text(f"family {lineage.family_id}", "dim"))
    if len(history) > 1:
        out.print(Text("versions", "bold"))
        for each in history:
            out.print(f"  {each.version}  {each.id}  {safe(each.reason)}")
    out.print(Text("for example", "bold"))
    for example in lineage.examples[:EXAMPLES]:
        out.print(Text(f"  {one_line(example, max(40, out.width - 4))}"))


def _print_family(
    out: Console,
    family: Family,
    members: tuple[Lineage, ...],
    total: int,
    prompts: Page[Prompt],
) -> None:
    head = Text(safe(family.name), "bold")
    sizes = f"{plural(family.size, 'prompt')}, {plural(family.templates, 'template')}"
    out.print(head.append(f"  {sizes}, {family.id}", "dim"))
    out.print()
    for lineage in members:
        print_lineage(out, lineage)
        out.print()
    if total > len(members):
        out.print(Text(f"the rest: promptuary templates --family {family.id}", "dim"))
    if prompts.items:
        some = f", the newest {OWN} of {prompts.total:,}" if prompts.next_cursor else ""
        out.print(Text(f"prompts that belong by themselves{some}", "bold"))
    for prompt in prompts.items:
        out.print(Text(f"  {one_line(prompt.text, max(40, out.width - 4))}"))
        out.print(Text(f"    {prompt.id}", "dim"))
