"""`promptuary library describe|branches|slots|ratings|recommend`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from promptuary.cli.kept_prompts import Revision, Slug, Version, described
from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Cursor, Home, Limit
from promptuary.cli.printing import console, foot, one_line, page_json, safe, write_json
from promptuary.domain.errors import InvalidInput
from promptuary.domain.library import LATEST, Domain, Expertise
from promptuary.domain.recommending import Recommendations


def describe(
    slug: Slug,
    *,
    title: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    folder: Annotated[str | None, typer.Option(help="Where it is listed.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="These instead.")] = None,
    domain: Annotated[Domain | None, typer.Option(help="What it is about.")] = None,
    expertise: Annotated[Expertise | None, typer.Option(help="For whom it is.")] = None,
    revision: Revision = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Change what is said about a prompt, without a new version."""
    told = {"title": title, "description": description, "folder": folder, "domain": domain}
    told["expertise_level"] = expertise
    given = {name: value for name, value in told.items() if value is not None}
    if not given and not tag:
        raise InvalidInput("say what to change, such as --title TITLE")
    with looked_at(home) as promptuary:
        about = described(promptuary.library.get(slug, count=False).prompt.about, given, tag)
        prompt = promptuary.library.describe(slug, about, expected_revision=revision)
    said = f"{prompt.slug} is at revision {prompt.revision}"
    write_json(prompt) if as_json else console().print(said)


def branches(slug: Slug, home: Home = None, as_json: AsJson = False) -> None:
    """List branches with their newest versions."""
    with looked_at(home) as promptuary:
        found = promptuary.library.branches(slug)
    if as_json:
        write_json(dict(found))
        return
    for name, each in found.items():
        line = Text(f"{safe(name)}  ", "cyan").append(f"v{each.number}  ", "bold")
        console().print(line.append(one_line(each.message, 60), "none"))


def slots(
    slug: Slug,
    version: Version = LATEST,
    values: Annotated[
        str | None,
        typer.Option("--values", metavar="SLOT", help="Show likely values of this slot instead."),
    ] = None,
    begins: Annotated[str, typer.Option(help="How those values begin.")] = "",
    limit: Limit = 10,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say what a prompt takes, also for what it includes; or likely values of one slot."""
    out = console()
    with looked_at(home) as promptuary:
        if values is not None:
            known = promptuary.library.slot_values(slug, values, begins=begins, limit=limit)
            if as_json:
                write_json({"values": known})
            for each in () if as_json else known:
                out.print(Text(one_line(each, 100)))
            return
        found = promptuary.library.slots(slug, version)
    if as_json:
        write_json({"slots": list(found)})
        return
    for slot in found:
        kind = slot.type if slot.required and slot.default is None else f"{slot.type}?"
        said = ", ".join(slot.choices) or slot.description or ", ".join(slot.examples)
        out.print(Text(f"{slot.name}  ", "cyan").append(f"{kind}  {one_line(said, 80)}", "dim"))


def ratings(
    slug: Slug, limit: Limit = 50, cursor: Cursor = None, home: Home = None, as_json: AsJson = False
) -> None:
    """List what people thought of its versions."""
    with looked_at(home) as promptuary:
        page = promptuary.library.ratings(slug, cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    out = console()
    for each in page.items:
        line = Text(f"{each.created_at:%Y-%m-%d %H:%M}  ", "dim").append(f"{each.stars}  ", "bold")
        line.append(f"{each.version_id[:12]}  ", "dim").append(one_line(each.comment, 60), "none")
        out.print(line.append(f"  {safe(each.author)}", "dim"))
    foot(out, page, "rating")


def recommend(
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="What you are to write.")] = "",
    domain: Annotated[Domain | None, typer.Option(help="Look around in this domain.")] = None,
    expertise: Annotated[
        Expertise | None, typer.Option(help="Give the best one in words for these.")
    ] = None,
    limit: Limit = 5,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say which kept prompts do what you are about to write, and what they would add."""
    with looked_at(home) as promptuary:
        found = promptuary.library.recommend(text, domain=domain, expertise=expertise, limit=limit)
    write_json(found) if as_json else _show(found)


def _show(found: Recommendations) -> None:
    out = console()
    for each in found.prompts:
        mark = "does it already" if each.does_it else f"{each.likeness:.0%} alike"
        line = Text(f"{each.slug} v{each.number}  ", "bold").append(f"{mark}  ", "green")
        out.print(line.append(one_line(each.text, 60), "none"))
        out.print(Text(f"    {safe(each.why)}", "dim"))
    for offer in found.suggestions:
        said = f"{safe(offer.origin.id)} also says: {one_line(offer.text, 80)}"
        out.print(Text(said, "cyan"))
    if found.adapted:
        out.print()
        out.print(Text(safe(found.adapted)))
