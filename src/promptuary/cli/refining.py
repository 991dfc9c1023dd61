"""`promptuary refine`: a quick note becomes a prompt."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, one_line, safe, templated, write_json
from promptuary.domain.library import Domain, Expertise, OutputFormat
from promptuary.domain.refining import Refined, Wishes

COLOURS = {"error": "red", "warning": "yellow", "hint": "dim"}


def refine(
    text: Annotated[str, typer.Argument(help="What you jotted down; `-` reads standard input.")],
    *,
    domain: Annotated[Domain, typer.Option(help="What it is about.")] = "general",
    expertise: Annotated[Expertise, typer.Option(help="Who reads the answer.")] = "intermediate",
    form: Annotated[
        OutputFormat, typer.Option("--format", help="The form of the answer.")
    ] = "detailed",
    practices: Annotated[
        bool, typer.Option("--practices/--no-practices", help="Add lines of good practice.")
    ] = True,
    examples: Annotated[
        bool, typer.Option("--examples/--no-examples", help="Ask for an example.")
    ] = True,
    model: Annotated[
        bool, typer.Option("--model", help="Let the chat model word it, through the same gate.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the prompt alone, for a pipe.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Put a quick note in order. Nothing you wrote is lost, and nothing is kept."""
    said = sys.stdin.read() if text == "-" else text
    wishes = Wishes(domain, expertise, form, practices, examples)
    with looked_at(home) as promptuary:
        refined = promptuary.library.refine(said, wishes, engine="model" if model else "rules")
    if as_json:
        write_json(refined)
    elif quiet:
        console().print(Text(safe(refined.text)))
    else:
        _show(console(), refined)


def _show(out: Console, refined: Refined) -> None:
    out.print(templated(refined.text))
    out.print()
    topics = ", ".join(topic.name for topic in refined.topics)
    out.print(Text(f"topics {safe(topics)}; worded by {refined.engine}", "dim"))
    if refined.fell_back_because:
        out.print(Text(safe(refined.fell_back_because), "yellow"))
    for each in refined.findings:
        quote = f" ({one_line(each.quote, 60)})" if each.quote else ""
        out.print(Text(f"{each.code}{quote}: {each.reason}", COLOURS[each.severity]))
    for lent in refined.borrowed:
        out.print(Text(f"borrowed from {safe(lent.origin.id)}: {one_line(lent.text, 80)}", "cyan"))
    for offer in refined.suggestions:
        said = f"{safe(offer.origin.id)} also says: {one_line(offer.text, 80)}"
        out.print(Text(said, "cyan"))
    for question in refined.questions:
        out.print(Text(f"→ {safe(question)}", "bold"))
