"""`promptuary eval events`: how well descriptions of events are found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from promptuary.cli.effort import Cost, Effort, cost_line, workplace
from promptuary.cli.evaluating_conversations import fill
from promptuary.cli.exporting import json_lines
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, write_json
from promptuary.cli.progress import progress
from promptuary.conversation.rankings import (
    DEEP,
    Judged,
    Query,
    by_group,
    figures,
    read_grades,
    read_queries,
)
from promptuary.domain.reports import Progress, Told

if TYPE_CHECKING:
    from promptuary.blocking import Promptuary

AFTER = timedelta(minutes=1)


def events(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Holds events.jsonl and queries.jsonl.")
    ],
    run: Annotated[
        Path, typer.Option("--run", metavar="OUT.jsonl", help="Where to write what was found.")
    ],
    *,
    seed: Annotated[  # noqa: ARG001 - every `eval` takes one
        int | None, typer.Option("--seed", help="Taken for sameness: nothing here is drawn.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Search the events for every query, write the rankings, then compare them with the truth.

    A row of the run is `{qid, ranking}`. A query is asked a minute after the last event, in UTC.
    """
    queries = read_queries(folder / "queries.jsonl")
    effort = Effort.begin()
    with workplace(home) as place, opened(place) as promptuary, progress() as told:
        fill(promptuary, folder / "events.jsonl", told)
        found = _found(promptuary, queries, told)
    cost = effort.cost(len(queries))
    with json_lines(run) as write:
        for key, ranking in found.items():
            write({"qid": key, "ranking": ranking})
    grades = read_grades(folder / "queries.jsonl")
    kinds = {each.id: each.kind for each in queries}
    judged = [Judged(found[key], truth, kinds[key]) for key, truth in grades.items()]
    report(figures(judged), by_group(judged), cost, as_json=as_json)


def _found(promptuary: Promptuary, queries: list[Query], told: Told) -> dict[str, list[str]]:
    last = promptuary.conversation.site().last
    now = last + AFTER if last else None
    found: dict[str, list[str]] = {}
    for number, each in enumerate(queries, 1):
        hits = promptuary.conversation.search_events(each.text, timezone="UTC", now=now, limit=DEEP)
        found[each.id] = [hit.event.id for hit in hits]
        told(Progress("search", number, len(queries)))
    return found


def report(
    whole: Mapping[str, float],
    groups: Mapping[str, Mapping[str, float]],
    cost: Cost,
    *,
    as_json: bool,
) -> None:
    """The figures, whole and by group."""
    if as_json:
        write_json({"figures": whole, "groups": groups, "cost": cost})
        return
    out = console()
    if not whole:
        out.print("nothing is judged: only the run was written")
    else:
        table = Table("", *whole, box=None, padding=(0, 2, 0, 0))
        for name, part in ({"all": whole} | dict(groups)).items():
            table.add_row(
                name, *(f"{v:,}" if v == part["n"] else f"{v:.4f}" for v in part.values())
            )
        out.print(table)
    out.print(cost_line(cost))
