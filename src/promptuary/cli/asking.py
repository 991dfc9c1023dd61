"""`promptuary ask`: one question, or one after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.text import Text

from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Home, InCollection
from promptuary.cli.printing import console, one_line, safe, write_json
from promptuary.domain.answers import Answer, Citation, Refusal
from promptuary.domain.documents import Passage
from promptuary.domain.errors import Rejected
from promptuary.domain.filters import AllOf
from promptuary.retrieval.filter_text import parse

ENDS = ("end", "exit", "quit")
Ask: TypeAlias = Callable[[str], Answer | Refusal]


def ask(
    question: Annotated[
        str | None, typer.Argument(help="Without one you are asked, until you say `end`.")
    ] = None,
    *,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="FILTER", help="Only documents such as 'format = pdf'."),
    ] = None,
    passages: Annotated[
        int | None,
        typer.Option("--max-chunks", min=1, max=50, help="How many passages are looked at."),
    ] = None,
    min_confidence: Annotated[
        float | None,
        typer.Option("--min-confidence", min=0, max=1, help="Below that it is a refusal."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why, and how sure that is.")
    ] = False,
    collection: InCollection = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask your documents: an answer with its sources, or an honest no.

    The exit code is 0 for an answer and 1 for a refusal.
    """
    parts = tuple(map(parse, where or ()))
    only = AllOf(parts) if parts else None
    with looked_at(home) as promptuary:

        def asked(text: str) -> Answer | Refusal:
            return promptuary.ask(
                text,
                collection=collection,
                where=only,
                passages=passages,
                min_confidence=min_confidence,
            )

        if question is None:
            _converse(console(), asked, explain=explain, as_json=as_json)
            return
        outcome = asked(question)
    _show(console(), outcome, explain=explain, as_json=as_json)
    if isinstance(outcome, Refusal):
        raise typer.Exit(1)


def _converse(out: Console, asked: Ask, *, explain: bool, as_json: bool) -> None:
    """Question after question until one of ENDS, or the end of the input."""
    while True:
        try:
            question = out.input(Text("? ", "bold")).strip()
        except EOFError:
            return
        if question.casefold() in ENDS:
            return
        if not question:
            continue
        try:
            outcome = asked(question)
        except Rejected as error:
            out.print(Text(safe(str(error)), "red"))
            continue
        _show(out, outcome, explain=explain, as_json=as_json)


def _show(out: Console, outcome: Answer | Refusal, *, explain: bool, as_json: bool) -> None:
    if as_json:
        write_json({"refused": isinstance(outcome, Refusal), "outcome": outcome})
    elif isinstance(outcome, Answer):
        _print_answer(out, outcome)
    else:
        _print_refusal(out, outcome)
    if explain and not as_json:
        for reason in outcome.reasons:
            out.print(Text(f"  {safe(reason)}", "dim"))


def _print_answer(out: Console, answer: Answer) -> None:
    out.print(Text(safe(answer.text)))
    out.print()
    for each in answer.citations:
        out.print(Text(f"[{each.rank}] ", "bold").append(safe(_place(each)), "cyan"))
        if answer.model != "extractive":
            out.print(Text(f"    “{one_line(each.quote, 2 * out.width)}”"))
    out.print(Text(f"confidence {answer.confidence:.2f}, {answer.model}", "dim"))
    for question in answer.follow_ups:
        out.print(Text(f"→ {safe(question)}", "dim"))


def _print_refusal(out: Console, refusal: Refusal) -> None:
    out.print(Text(safe(refusal.message), "yellow"))
    for passage in refusal.nearest[:3]:
        out.print(Text("nearest ", "dim").append(safe(_place(passage)), "cyan"))
        out.print(Text(f"    {one_line(passage.text, 2 * out.width)}"))
    out.print(Text(f"confidence {refusal.confidence:.2f} ({refusal.reason})", "dim"))


def _place(found: Citation | Passage) -> str:
    """`source:line`, or the page."""
    if found.page is not None:
        return f"{found.source}, page {found.page}"
    return found.source if found.line is None else f"{found.source}:{found.line}"
