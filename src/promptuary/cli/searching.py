"""`promptuary search`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias, get_args

import typer
from rich.console import Console
from rich.text import Text

from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Cursor, Home, InCollection, Limit, one_of
from promptuary.cli.printing import console, one_line, safe, templated, write_json
from promptuary.domain.filters import AllOf, Filter
from promptuary.domain.found import Found
from promptuary.domain.reports import SearchAnswer
from promptuary.retrieval.filter_text import parse

Kind: TypeAlias = Literal["template", "family", "prompt", "passage"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Explain = Annotated[bool, typer.Option("--explain", help="Say of each hit why it was found.")]


def search(
    query: Annotated[str, typer.Argument(help="Words, or a description of what is meant.")],
    *,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="|".join(KINDS),
            callback=one_of(*KINDS),
            autocompletion=lambda: KINDS,
            help="Only these; may be given again.",
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="FILTER",
            help="Such as 'size >= 10 and slots = city'; several must all hold.",
        ),
    ] = None,
    mode: Annotated[
        Literal["hybrid", "words", "meaning"], typer.Option(help="What the ranking looks at.")
    ] = "hybrid",
    facet: Annotated[
        list[str] | None,
        typer.Option("--facet", metavar="FIELD", help="Count the values of a field as well."),
    ] = None,
    phrase: Annotated[
        bool, typer.Option("--phrase", help="The words must stand together in this order.")
    ] = False,
    prefix: Annotated[
        bool, typer.Option("--prefix", help="The last word may be unfinished.")
    ] = False,
    explain: Explain = False,
    collection: InCollection = None,
    limit: Limit = 10,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Find prompts, templates, families and passages by words, by meaning or by both at once."""
    with looked_at(home) as promptuary:
        answer = promptuary.search(
            query,
            kinds=[each for each in KINDS if not kind or each in kind],
            collection=collection,
            where=_every(where or ()),
            mode=mode,
            facets=tuple(facet or ()),
            cursor=cursor,
            limit=limit,
            phrase=phrase,
            prefix=prefix,
        )
    if as_json:
        write_json(answer)
    else:
        print_answer(console(), answer, explain=explain)


def _every(texts: Sequence[str]) -> Filter | None:
    parts = tuple(map(parse, texts))
    return AllOf(parts) if parts else None


def print_answer(out: Console, answer: SearchAnswer, *, explain: bool) -> None:
    """The hits in order, and what the reader must know about them."""
    if answer.partial:
        out.print(f"not everything could be looked through: {answer.partial}", style="yellow")
    for hit in answer.hits:
        _print_hit(out, hit, explain=explain)
    for name, counts in answer.facets.items():
        values = ", ".join(f"{value} ({count:,})" for value, count in counts.items())
        out.print(Text(f"{name}: ", "bold").append(safe(values) or "none", "none"))
    count = f"{len(answer.hits)} hits" if answer.hits else "nothing found"
    out.print(Text(f"{count} in {answer.took_ms:.0f} ms", "dim"))
    if answer.next_cursor:
        out.print(Text(f"next page: --cursor {answer.next_cursor}", "dim"))


def _print_hit(out: Console, hit: Found, *, explain: bool) -> None:
    kind, size = hit.payload.get("kind", ""), hit.payload.get("size", "")
    head = Text(f"{kind:<9}", "magenta")
    head.append(one_line(hit.texts.get("title", ""), 60), "bold")
    about = {"prompt": "", "passage": f"{safe(str(hit.payload.get('source', '')))}, "}
    said = about.get(str(kind), f"{size} prompts, ")
    out.print(head.append(f"  {said}{hit.id}, score {hit.score:.3f}", "dim"))
    marked = next(iter(hit.highlights.get("text", ())), None)
    if marked is None:
        out.print(Text("  ").append_text(templated(hit.texts.get("text", ""), 2 * out.width)))
    else:
        out.print(Text("  ").append_text(_highlighted(one_line(marked, 2 * out.width))))
    if explain:
        for reason in hit.reasons:
            out.print(Text(f"    {safe(reason)}", "dim"))
    out.print()


def _highlighted(marked: str) -> Text:
    """Matched words stand between `**` in a highlight; they become bold."""
    text = Text()
    for at, piece in enumerate(re.split(r"\*\*", marked)):
        text.append(piece, "bold yellow" if at % 2 else "none")
    return text
