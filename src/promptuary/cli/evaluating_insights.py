"""`promptuary eval insights`: what is unusual in a stream, told in time and told rightly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from promptuary.cli.effort import Cost, Effort, cost_line
from promptuary.cli.events import read_cameras, read_events
from promptuary.cli.exporting import json_lines
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, write_json
from promptuary.conversation.receiving import event_of

if TYPE_CHECKING:
    from promptuary.domain.insights import Insight, Site


def insights(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Holds stream.jsonl, cameras.json, calendar.json."),
    ],
    run: Annotated[
        Path, typer.Option("--run", metavar="OUT.jsonl", help="Where to write what was told.")
    ],
    seed: Annotated[  # noqa: ARG001 - every `eval` takes one
        int | None, typer.Option("--seed", help="Taken for sameness: nothing here is drawn.")
    ] = None,
    home: Home = None,  # noqa: ARG001 - every `eval` takes one
    as_json: AsJson = False,
) -> None:
    """Replay the stream as it came, write what was noticed, then compare it with anomalies.json.

    A row of the run is `{camera_id, start, end, type, label, score, detected_at, evidence_ids}`.
    """
    from promptuary.conversation.following import sighting_of  # noqa: PLC0415 - numpy is slow
    from promptuary.conversation.insights.evaluating import labelled, scoring  # noqa: PLC0415 - numpy is slow
    from promptuary.conversation.insights.watching import noticed  # noqa: PLC0415 - numpy is slow

    effort = Effort.begin()
    events = [event_of(row) for row in read_events(folder / "stream.jsonl")]
    seen = sorted((sighting_of(each) for each in events), key=lambda each: each.at)
    last: dict[str, Insight] = {}
    for each in noticed(seen, site_in(folder)):
        last[each.id] = each
    told = sorted(last.values(), key=lambda each: each.detected_at)
    cost = effort.cost(len(events))
    with json_lines(run) as write:
        for each in told:
            write(
                {
                    "camera_id": each.camera_id,
                    "start": labelled.moment(each.start),
                    "end": labelled.moment(each.end),
                    "type": each.type,
                    "label": each.label,
                    "score": 1 - each.p_value,
                    "detected_at": labelled.moment(each.detected_at),
                    "evidence_ids": each.evidence_ids,
                }
            )
    truth = labelled.read_truth(folder / "anomalies.json")
    _report(asdict(scoring.score(truth, told)) if truth else {}, cost, as_json=as_json)


def site_in(folder: Path) -> Site:
    """What the files of a folder say of a site beforehand."""
    from promptuary.conversation.following import site_of  # noqa: PLC0415 - numpy is slow
    from promptuary.conversation.insights.calendar import Calendar, read_calendar  # noqa: PLC0415 - numpy is slow

    cameras, calendar = folder / "cameras.json", folder / "calendar.json"
    return site_of(
        read_cameras(cameras) if cameras.exists() else [],
        read_calendar(calendar) if calendar.exists() else Calendar(),
        "UTC",
    )


def _report(figures: Mapping[str, Any], cost: Cost, *, as_json: bool) -> None:
    if as_json:
        write_json({"figures": figures, "cost": cost})
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    by_type: Mapping[str, float] = figures.get("recall_by_type", {})
    flat = {name: value for name, value in figures.items() if name != "recall_by_type"}
    flat |= {f"recall, {name}": value for name, value in by_type.items()}
    for name, value in flat.items():
        table.add_row(name, f"{value:.4f}" if isinstance(value, float) else str(value))
    console().print(table if figures else "no anomalies.json: only the run was written")
    console().print(cost_line(cost))
