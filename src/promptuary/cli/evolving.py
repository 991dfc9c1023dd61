"""`promptuary evolution`, and the screen of `promptuary show ID --history`."""

from __future__ import annotations

from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from promptuary.cli.conversing import moment
from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Cursor, Home, InCollection, Limit, one_of
from promptuary.cli.printing import console, foot, one_line, page_json, plural, safe, templated
from promptuary.domain.histories import History, LineageHistory
from promptuary.domain.reports import TemplateDiff
from promptuary.domain.templates import EventType, EvolutionEvent

TYPES: tuple[EventType, ...] = get_args(EventType)
NOTHING = "nothing changed that fits"
SHOWN = 3
"""Prompts of an event's evidence that the screen names."""


def evolution(
    collection: InCollection = None,
    family: Annotated[
        str | None, typer.Option("--family", metavar="ID", help="Only this family's.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ID", help="Only this cluster's.")
    ] = None,
    types: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            metavar="TYPE",
            callback=one_of(*TYPES),
            help="Only this type, such as UPDATED; may be given several times.",
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Happened then or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Happened before.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="WHO", help="rules, a model, or person:NAME.")
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List what changed in the traffic of templates, the latest first."""
    wanted = [each for each in TYPES if each in (types or ())]
    with looked_at(home) as promptuary:
        page = promptuary.evolution.list(
            collection=collection,
            family_id=family,
            lineage_id=cluster,
            types=wanted,
            since=moment(since),
            until=moment(until),
            detected_by=by,
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
    whole = Column("cluster", overflow="fold")  # ids are to be copied
    table = Table("when", "what", "version", "why", whole, box=None, padding=(0, 2, 0, 0))
    for event in page.items:
        when = f"{event.created_at:%Y-%m-%d}"
        table.add_row(when, event.type, _version(event), safe(event.reason), event.lineage_id)
    out.print(table)
    foot(out, page, "event")


def print_history(out: Console, history: History) -> None:
    """One screen from the first prompt to the latest versions."""
    if history.family is not None:
        sizes = f"{plural(history.family.size, 'prompt')}, {history.family.id}"
        out.print(Text(safe(history.family.name), "bold").append(f"  {sizes}", "dim"))
    for at, told in enumerate(history.lineages, 1):
        _print_lineage(out, at, told)
    if history.more:
        out.print(Text(f"{plural(history.more, 'smaller cluster')} left out", "dim"))
    out.print()
    out.print(Text("what happened", "bold"))
    numbers = {told.lineage.id: at for at, told in enumerate(history.lineages, 1)}
    for event in history.events:
        _print_event(out, event, numbers)
    if not history.events:
        out.print(NOTHING)
    for each in history.relations:
        one, other = numbers.get(each.lineage_id), numbers.get(each.other_id)
        if one and other:
            out.print(Text(f"  [{one}] {each.kind} [{other}] since {each.since:%Y-%m-%d}", "dim"))


def _print_lineage(out: Console, number: int, told: LineageHistory) -> None:
    line = told.lineage
    span = f"{line.created_at:%Y-%m-%d} to {line.updated_at:%Y-%m-%d}"
    out.print()
    head = Text(f"[{number}] {one_line(line.name, 60)}", "bold")
    out.print(head.append(f"  {plural(line.size, 'prompt')}, {span}, {line.id}", "dim"))
    width = max(40, out.width - 4)
    if told.first is not None:
        out.print(Text(f"  first prompt: {one_line(told.first.text, width - 14)}", "dim"))
    first = told.versions[0]
    when = f"{first.created_at:%Y-%m-%d}"
    out.print(Text(f"  {first.version}  {when}  {safe(first.reason)}"))
    for version, diff in zip(told.versions[1:], told.diffs, strict=True):
        when = f"{version.created_at:%Y-%m-%d}"
        moved = plural(diff.moved_prompts, "prompt")
        out.print(Text(f"  {version.version}  {when}  {safe(version.reason)}; {moved} under it"))
        out.print(Text("    ").append_text(_changed(diff)))
    out.print(Text("  now: ", "dim").append_text(templated(line.template.text, width - 6)))


def _changed(diff: TemplateDiff) -> Text:
    """The words that went and came, without what stayed."""
    said = Text()
    for sign, words in diff.lines:
        if sign != "=":
            style = "red" if sign == "-" else "green"
            said.append(f"{sign}{one_line(words, 60)}  ", style)
    return said


def _print_event(out: Console, event: EvolutionEvent, numbers: dict[str, int]) -> None:
    where = f"[{numbers[event.lineage_id]}] " if event.lineage_id in numbers else ""
    said = f"  {event.created_at:%Y-%m-%d}  {where}{event.type}  {safe(event.reason)}"
    sure = f"  {_version(event)} by {safe(event.detected_by)}, confidence {event.confidence:.2f}"
    out.print(Text(said).append(sure, "dim"))
    shown = event.evidence
    figures = [f"{name} {value:g}" for name, value in shown.statistics.items()]
    prompts = [f"prompt {each}" for each in shown.prompt_ids[:SHOWN]]
    if figures or prompts:
        out.print(Text(f"      {', '.join([*figures, *prompts])}", "dim"))


def _version(event: EvolutionEvent) -> str:
    before, after = event.previous_version, event.new_version
    return f"{before} → {after}" if before and after and before != after else after or before or ""
