"""`promptuary library save|show|list|archive|restore|adopt|shadows|rate|audit`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Cursor, Home, Limit
from promptuary.cli.printing import console, foot, one_line, page_json, plural, safe, write_json
from promptuary.domain import plain
from promptuary.domain.errors import InvalidInput, NotFound
from promptuary.domain.library import (
    LATEST,
    MAIN,
    About,
    Domain,
    Expertise,
    KeptPrompt,
    LibraryPrompt,
    PromptContent,
    Syntax,
)

if TYPE_CHECKING:
    from promptuary.cli.opening import Face

NOTHING = "Nothing is kept here yet. Keep a prompt with: promptuary library save SLUG FILE"
Slug: TypeAlias = Annotated[
    str, typer.Argument(metavar="SLUG", help="Its name, such as support/refund-reply.")
]
Version: TypeAlias = Annotated[
    str,
    typer.Option(
        "--version", metavar="NAME", help="A number, a label, a branch, or part of an id."
    ),
]
Revision: TypeAlias = Annotated[
    int | None,
    typer.Option("--revision", min=0, help="Only if it is at this revision; 0: only if new."),
]


def save(
    slug: Slug,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The text; - is standard input.")
    ] = "-",
    *,
    syntax: Annotated[
        Syntax | None, typer.Option(help="How the text marks its slots; else as before, or jinja.")
    ] = None,
    content: Annotated[
        bool,
        typer.Option("--content", help="The file is JSON: text or turns, slots, config, syntax."),
    ] = False,
    title: Annotated[str | None, typer.Option(help="Else made of the slug.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    folder: Annotated[str | None, typer.Option(help="Else the slug's own.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="May be given again.")] = None,
    domain: Annotated[Domain | None, typer.Option(help="What it is about.")] = None,
    expertise: Annotated[Expertise | None, typer.Option(help="For whom it is.")] = None,
    message: Annotated[str, typer.Option("--message", "-m", help="What changed, and why.")] = "",
    author: Annotated[str, typer.Option(help="Who says so.")] = "",
    branch: Annotated[str, typer.Option(help="Where the version goes.")] = MAIN,
    label: Annotated[
        list[str] | None, typer.Option("--label", help="Points here then; may be given again.")
    ] = None,
    revision: Revision = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Keep a prompt, or the next version of one. The same text again changes nothing; another text
    keeps the slots that were declared, as far as it names them."""
    text = read_text(file)
    said = _content(text) if content else PromptContent(text, syntax=syntax) if syntax else text
    told = {"title": title, "description": description, "folder": folder, "domain": domain}
    told["expertise_level"] = expertise
    given = {name: value for name, value in told.items() if value is not None}
    with looked_at(home) as promptuary:
        about = _about(promptuary, slug, given, tag) if given or tag else None
        kept = promptuary.library.save(
            slug,
            said,
            about=about,
            message=message,
            author=author,
            branch=branch,
            labels=label or (),
            expected_revision=revision,
        )
    _say(kept, f"{kept.prompt.slug} is at version {kept.version.number}", as_json)


def show(
    slug: Slug,
    version: Version = LATEST,
    *,
    text: Annotated[bool, typer.Option("--text", help="Print what it says, and no more.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show a prompt with a version of it."""
    with looked_at(home) as promptuary:
        kept = promptuary.library.get(slug, version, count=False)
    if text and not as_json:
        console().print(Text(safe(kept.version.content.text)))
    else:
        show_kept(kept, as_json=as_json)


def list_(
    folder: Annotated[str | None, typer.Option(help="This one and those inside it.")] = None,
    tag: Annotated[str | None, typer.Option("--tag", help="Only with this tag.")] = None,
    domain: Annotated[Domain | None, typer.Option(help="Only of this domain.")] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Archived ones instead.")] = False,
    sort: Annotated[
        Literal["slug", "updated", "used"], typer.Option(help="What comes first.")
    ] = "slug",
    limit: Limit = 50,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List kept prompts."""
    with looked_at(home) as promptuary:
        page = promptuary.library.list(
            folder=folder,
            tag=tag,
            domain=domain,
            archived=archived,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
    if as_json:
        page_json(page)
        return
    out = console()
    if not page.items:
        out.print(NOTHING)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("slug", "title", "versions", "used", "rating", "tags"):
        table.add_column(name, overflow="fold")
    for each in page.items:
        table.add_row(*_row(each))
    out.print(table)
    foot(out, page, "prompt")


def archive(
    slug: Slug, revision: Revision = None, home: Home = None, as_json: AsJson = False
) -> None:
    """Take a prompt out of lists and searches; by its slug it is still given."""
    with looked_at(home) as promptuary:
        prompt = promptuary.library.archive(slug, expected_revision=revision)
    _tell(prompt, f"{slug} is archived", as_json)


def restore(
    slug: Slug, revision: Revision = None, home: Home = None, as_json: AsJson = False
) -> None:
    """Bring an archived prompt back."""
    with looked_at(home) as promptuary:
        prompt = promptuary.library.restore(slug, expected_revision=revision)
    _tell(prompt, f"{slug} is back", as_json)


def adopt(
    template: Annotated[
        str, typer.Argument(metavar="TEMPLATE", help="Its id, or its cluster's, as listed.")
    ],
    slug: Annotated[str | None, typer.Option("--slug", help="Else made of its name.")] = None,
    label: Annotated[
        list[str] | None, typer.Option("--label", help="Points here then; may be given again.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Keep a template that was found in traffic, with its slots, examples and origin."""
    with looked_at(home) as promptuary:
        kept = promptuary.library.adopt(template, slug, labels=label or ())
    _say(kept, f"adopted as {kept.prompt.slug}, version {kept.version.number}", as_json)


def shadows(limit: Limit = 20, home: Home = None, as_json: AsJson = False) -> None:
    """Say what traffic no kept prompt explains, and what traffic has drifted away from."""
    with looked_at(home) as promptuary:
        found = promptuary.library.shadows(limit=limit)
    if as_json:
        write_json(found)
        return
    out = console()
    share = found.explained / found.total if found.total else 0.0
    out.print(f"kept prompts explain {found.explained:,} of {found.total:,} prompts ({share:.0%})")
    for each in found.shadows:
        out.print(Text(f"{plural(each.size, 'prompt'):>14}  ").append(one_line(each.text, 80)))
        out.print(Text(f"{'':>16}promptuary library adopt {each.lineage_id}", "dim"))
    for drift in found.drifted:
        said = f"{drift.slug}: traffic has drifted from v{drift.number} "
        said += f"(template {drift.adopted}, now {drift.now}): "
        out.print(Text(said, "yellow").append(one_line(drift.text, 60)))
        adopt = f"promptuary library adopt {drift.lineage_id} --slug {drift.slug}"
        out.print(Text(f"{'':>16}{adopt}", "dim"))


def rate(
    slug: Slug,
    stars: Annotated[int, typer.Argument(min=1, max=5, help="1 (bad) to 5 (good).")],
    version: Version = LATEST,
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="KEY", help="The version that an experiment gives this key."),
    ] = None,
    comment: Annotated[str, typer.Option(help="Why.")] = "",
    author: Annotated[str, typer.Option(help="Who says so.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say what a version is worth."""
    with looked_at(home) as promptuary:
        prompt = promptuary.library.rate(
            slug, stars, version, key=key, comment=comment, author=author
        )
    said = f"{slug}: {prompt.average_rating:.2f} of {plural(prompt.ratings, 'rating')}"
    _tell(prompt, said, as_json)


def audit(
    slug: Annotated[str | None, typer.Argument(metavar="SLUG", help="Else of all.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say who did what, newest first."""
    with looked_at(home) as promptuary:
        page = promptuary.library.audit(slug, cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    out = console()
    for each in page.items:
        head = Text(f"{each.at:%Y-%m-%d %H:%M}  ", "dim").append(f"{each.action:<10}", "magenta")
        head.append(f"{each.slug}  ", "bold").append(one_line(each.detail, 60))
        out.print(head.append(f"  {safe(each.author)}", "dim"))
    foot(out, page, "entry")


def _about(promptuary: Face, slug: str, given: Mapping[str, str], tags: list[str] | None) -> About:
    try:
        known = promptuary.library.get(slug, count=False).prompt.about
    except NotFound:
        known = About(title="")
    return described(known, given, tags)


def described(known: About, given: Mapping[str, str], tags: list[str] | None) -> About:
    """What is said already, with what is said now."""
    told = json.loads(plain.encode(known))
    if tags:
        told["tags"] = tags
    return plain.decode(About, json.dumps({**told, **given}).encode())


def read_text(file: str) -> str:
    """The text of a file; `-` is standard input. Raises InvalidInput."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(f"{file} is no text in UTF-8", fields={"file": "no text"}) from None
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise InvalidInput(message, fields={"file": "cannot be read"}) from error


def _content(text: str) -> PromptContent:
    try:
        return plain.decode(PromptContent, text.encode())
    except ValueError as error:
        message = f"this is not the content of a prompt: {error}"
        raise InvalidInput(message, fields={"file": "no content"}) from error


def _row(prompt: LibraryPrompt) -> tuple[str, ...]:
    stars = "" if prompt.average_rating is None else f"{prompt.average_rating:.1f}"
    return (
        safe(prompt.slug),
        one_line(prompt.about.title, 40),
        f"{prompt.versions:,}",
        f"{prompt.usage_count:,}",
        stars,
        one_line(", ".join(prompt.about.tags), 40),
    )


def show_kept(kept: KeptPrompt, *, as_json: bool) -> None:
    """A prompt with a version of it."""
    write_json(kept) if as_json else _print(console(), kept)


def _print(out: Console, kept: KeptPrompt) -> None:
    prompt, version = kept.prompt, kept.version
    head = Text(safe(prompt.about.title), "bold").append(f"  {prompt.slug}", "none")
    out.print(head.append("  archived" if prompt.archived else "", "yellow"))
    labels = ", ".join(each.name for each in kept.labels if each.version_id == version.id)
    said = f"version {version.number} of {prompt.versions} ({labels or version.branch})"
    out.print(Text(f"{said}, revision {prompt.revision}, id {version.id[:12]}", "dim"))
    if kept.stale_since is not None:
        since = f"{kept.stale_since:%Y-%m-%d %H:%M} UTC"
        out.print(f"the server is away; this is what it had at {since}", style="yellow")
    for turn in version.content.turns:
        out.print(Text(f"[{turn.role}] ", "magenta").append(safe(turn.content), "none"))
    if version.content.text:
        out.print(Text(safe(version.content.text)))
    for slot in version.content.slots:
        kind = slot.type if slot.required else f"{slot.type}?"
        examples = ", ".join(slot.choices or slot.examples)
        out.print(
            Text(f"  {slot.name} ", "cyan").append(f"{kind}  {one_line(examples, 60)}", "dim")
        )


def _say(kept: KeptPrompt, said: str, as_json: bool) -> None:
    write_json(kept) if as_json else console().print(said)


def _tell(prompt: LibraryPrompt, said: str, as_json: bool) -> None:
    write_json(prompt) if as_json else console().print(said)
