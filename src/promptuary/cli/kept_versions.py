"""`promptuary library versions|diff|label|unlabel|merge|render|search|similar|misses`."""

from __future__ import annotations

import json
from typing import Annotated, Literal, TypeAlias, cast

import typer
from rich.text import Text

from promptuary.cli.kept_prompts import Revision, Slug, Version, read_text
from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Cursor, Home, Limit
from promptuary.cli.printing import as_plain, console, foot, one_line, page_json, safe, write_json
from promptuary.cli.searching import print_answer
from promptuary.domain.errors import InvalidInput
from promptuary.domain.filters import AllOf
from promptuary.domain.library import LATEST, MAIN, Domain, Expertise
from promptuary.library.syntaxes.compiled import Value
from promptuary.retrieval.filter_text import parse

Override: TypeAlias = Annotated[
    bool, typer.Option("--protected", help="Move it although it is protected.")
]


def versions(
    slug: Slug,
    branch: Annotated[str | None, typer.Option(help="Only of this branch.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List versions, newest first."""
    with looked_at(home) as promptuary:
        page = promptuary.library.versions(slug, branch=branch, cursor=cursor, limit=limit)
        labels = promptuary.library.labels(slug)
    if as_json:
        page_json(page)
        return
    out = console()
    for each in page.items:
        head = Text(f"v{each.number:<4}", "bold").append(f"{each.id[:12]}  ", "dim")
        names = [f"[{label.name}]" for label in labels if label.version_id == each.id]
        head.append(f"{' '.join([each.branch, *names])}  ", "cyan")
        out.print(head.append(one_line(each.message, 60)).append(f"  {safe(each.author)}", "dim"))
    foot(out, page, "version")


def diff(
    slug: Slug,
    before: Annotated[str, typer.Argument(metavar="VERSION", help="As `show` takes it.")],
    after: Annotated[str, typer.Argument(metavar="VERSION", help="As `show` takes it.")] = LATEST,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show how two versions differ."""
    with looked_at(home) as promptuary:
        found = promptuary.library.diff(slug, before, after)
    if as_json:
        write_json(found)
        return
    out = console()
    for line in found.lines:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "none")
        out.print(Text(safe(line), style))
    for what, names in (
        ("new slots", found.slots_added),
        ("slots gone", found.slots_removed),
        ("slots changed", found.slots_changed),
    ):
        if names:
            out.print(f"{what}: {safe(', '.join(names))}")
    if found.config_changed:
        out.print("the configuration changed")


def label(
    slug: Slug,
    name: Annotated[str, typer.Argument(metavar="LABEL", help="Such as production.")],
    version: Annotated[str, typer.Argument(metavar="VERSION", help="As `show` takes it.")] = LATEST,
    protect: Annotated[
        bool | None, typer.Option("--protect/--unprotect", help="Whether it is protected then.")
    ] = None,
    override: Override = False,
    revision: Revision = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Point a label at a version."""
    with looked_at(home) as promptuary:
        found = promptuary.library.label(
            slug, name, version, protected=protect, expected_revision=revision, override=override
        )
        number = promptuary.library.get(slug, found.version_id, count=False).version.number
    if as_json:
        write_json({**cast("dict[str, object]", as_plain(found)), "number": number})
    else:
        console().print(f"{safe(found.name)} points at version {number} ({found.version_id[:12]})")


def unlabel(
    slug: Slug,
    name: Annotated[str, typer.Argument(metavar="LABEL", help="The one to take away.")],
    override: Override = False,
    revision: Revision = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Take a label away."""
    with looked_at(home) as promptuary:
        promptuary.library.unlabel(slug, name, expected_revision=revision, override=override)
    if as_json:
        write_json({"slug": slug, "removed": name})
    else:
        console().print(f"{safe(name)} is gone")


def merge(
    slug: Slug,
    branch: Annotated[str, typer.Argument(metavar="BRANCH", help="The one to bring in.")],
    into: Annotated[str, typer.Option(help="Where it goes.")] = MAIN,
    prefer: Annotated[
        Literal["ours", "theirs"] | None,
        typer.Option(help="Whose change counts where both changed the same."),
    ] = None,
    message: Annotated[str, typer.Option("--message", "-m", help="What it brings.")] = "",
    revision: Revision = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Bring a branch into another, word by word and slot by slot."""
    with looked_at(home) as promptuary:
        kept = promptuary.library.merge(
            slug, branch, into, prefer=prefer, message=message, expected_revision=revision
        )
    said = f"{into} is at version {kept.version.number}"
    write_json(kept) if as_json else console().print(said)


def render(
    slug: Slug,
    values: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=VALUE", help="Values of slots.")
    ] = None,
    version: Version = LATEST,
    file: Annotated[
        str | None,
        typer.Option("--values", metavar="FILE", help="Values as a JSON object; - is the input."),
    ] = None,
    user: Annotated[str, typer.Option(help="Who uses it, for the analytics.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Fill a prompt's slots. Values are data: nothing in them is read as a template."""
    given = {**_object(file), **dict(map(_pair, values or ()))}
    with looked_at(home) as promptuary:
        made = promptuary.library.render(slug, given, version=version, user=user)
    if as_json:
        write_json(made)
        return
    out = console()
    for turn in made.turns:
        out.print(Text(f"[{turn.role}] ", "magenta").append(safe(turn.content), "none"))
    if made.text:
        out.print(Text(safe(made.text)))
    for warning in made.warnings:
        typer.echo(f"promptuary: {safe(warning)}", err=True)


def search(
    query: Annotated[str, typer.Argument(help="Words, or a description of what is meant.")],
    *,
    mode: Annotated[
        Literal["hybrid", "words", "meaning"], typer.Option(help="What the ranking looks at.")
    ] = "hybrid",
    domain: Annotated[Domain | None, typer.Option(help="Only of this domain.")] = None,
    expertise: Annotated[Expertise | None, typer.Option(help="Only for these.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="All of these.")] = None,
    folder: Annotated[str | None, typer.Option(help="This one and those inside it.")] = None,
    min_rating: Annotated[float | None, typer.Option(help="At least so many stars.")] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="FILTER", help="Such as 'slots = city'.")
    ] = None,
    sort: Annotated[
        Literal["relevance", "newest", "updated", "rating", "slug"],
        typer.Option(help="What comes first."),
    ] = "relevance",
    facet: Annotated[
        list[str] | None, typer.Option("--facet", metavar="FIELD", help="Count its values too.")
    ] = None,
    prefix: Annotated[bool, typer.Option("--prefix", help="The last word is unfinished.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say why each was found.")] = False,
    limit: Limit = 10,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Find kept prompts by words, by meaning or by both."""
    parts = tuple(map(parse, where or ()))
    with looked_at(home) as promptuary:
        answer = promptuary.library.search(
            query,
            mode=mode,
            domain=domain,
            expertise=expertise,
            tags=tag or (),
            folder=folder,
            min_rating=min_rating,
            where=AllOf(parts) if parts else None,
            facets=facet or (),
            sort=sort,
            cursor=cursor,
            limit=limit,
            prefix=prefix,
        )
    write_json(answer) if as_json else print_answer(console(), answer, explain=explain)


def similar(slug: Slug, limit: Limit = 10, home: Home = None, as_json: AsJson = False) -> None:
    """Find kept prompts like one."""
    with looked_at(home) as promptuary:
        answer = promptuary.library.similar(slug, limit=limit)
    write_json(answer) if as_json else print_answer(console(), answer, explain=False)


def misses(
    limit: Limit = 50, cursor: Cursor = None, home: Home = None, as_json: AsJson = False
) -> None:
    """Say what was looked for in the library and not found."""
    with looked_at(home) as promptuary:
        page = promptuary.library.misses(cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    out = console()
    for each in page.items:
        out.print(Text(f"{each.count:>6}  ").append(one_line(each.query, 80)))
    foot(out, page, "query")


def _pair(text: str) -> tuple[str, Value]:
    name, sign, value = text.partition("=")
    if not sign:
        raise InvalidInput(f"a value is given as NAME=VALUE, not {text[:40]!r}")
    return name, value


def _object(file: str | None) -> dict[str, Value]:
    if file is None:
        return {}
    try:
        found = json.loads(read_text(file))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        message = f"{file} holds no JSON object"
        raise InvalidInput(message, fields={"values": "no JSON object"})
    return cast("dict[str, Value]", found)
