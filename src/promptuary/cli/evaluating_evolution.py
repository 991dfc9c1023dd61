"""`promptuary eval evolution`: changes of labelled traffic, found in time and told rightly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promptuary.canon.evaluating.events import FoundEvent, score_events
from promptuary.canon.evaluating.labelled import batches_of, read_events, read_rows, read_seen
from promptuary.cli.effort import Effort, cost_line, workplace
from promptuary.cli.exporting import json_lines
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, write_json
from promptuary.cli.progress import progress
from promptuary.cli.scores import print_figures

COLLECTION = "eval"
NAMES = {"DRIFT_DETECTED": "DRIFT", "MERGED": "MERGE"}
"""Types that files of labelled events call otherwise."""
PAGE = 1_000


def evolution(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.jsonl", help="Rows {id, text, created_at, family_id}.")
    ],
    run: Annotated[
        Path, typer.Option("--run", metavar="OUT.jsonl", help="Where to write what was found.")
    ],
    events: Annotated[
        Path | None,
        typer.Option(
            "--events",
            metavar="EVENTS.jsonl",
            help="The truth: rows {type, family_id, created_at, end_at}.",
        ),
    ] = None,
    seed: Annotated[  # noqa: ARG001 - every `eval` takes one
        int | None, typer.Option("--seed", help="Taken for sameness: nothing here is drawn.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ingest prompts week by week, write the events that were found, then compare with the truth.

    A row of the run is `{type, at, prompt_ids}`. Truth is read only after the run is written.
    """
    rows = read_rows(file)
    effort = Effort.begin()
    with workplace(home) as folder, opened(folder) as promptuary, progress() as told:
        for batch in batches_of(rows):
            promptuary.ingest(batch, collection=COLLECTION, progress=told)
        promptuary.settle(COLLECTION, progress=told)
        own = {row.prompt_id: row.id for row in promptuary.placements(COLLECTION)}
        found: list[FoundEvent] = []
        cursor: str | None = None
        while True:
            page = promptuary.evolution.list(collection=COLLECTION, cursor=cursor, limit=PAGE)
            for event in page.items:
                ids = tuple(own[key] for key in event.evidence.prompt_ids if key in own)
                kind = NAMES.get(event.type, event.type)
                found.append(FoundEvent(kind, event.created_at, ids))
            cursor = page.next_cursor
            if cursor is None:
                break
    cost = effort.cost(len(rows))
    with json_lines(run) as write:
        for each in found:
            at = each.at.isoformat()
            write({"type": each.type, "at": at, "prompt_ids": each.prompt_ids})
    figures = score_events(found, read_events(events), read_seen(file)) if events else None
    if as_json:
        write_json({"figures": figures.nested() if figures else {}, "cost": cost})
        return
    out = console()
    if figures is not None:
        print_figures(out, "", figures)
    out.print(cost_line(cost))
