"""`promptuary eval series`: which points of single series are told as unusual."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from promptuary.cli.effort import Effort, cost_line
from promptuary.cli.exporting import json_lines
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, write_json


def series(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILES…", help="CSV files: `timestamp,value`.")
    ],
    run: Annotated[
        Path, typer.Option("--run", metavar="OUT.jsonl", help="Where to write what was found.")
    ],
    seed: Annotated[  # noqa: ARG001 - every `eval` takes one
        int | None, typer.Option("--seed", help="Taken for sameness: nothing here is drawn.")
    ] = None,
    home: Home = None,  # noqa: ARG001 - every `eval` takes one
    as_json: AsJson = False,
) -> None:
    """Write the unusual points of each series, then compare them with `windows.json` beside them.

    A row of the run is `{series, timestamp, score}`; a score of 1 and more is an alarm.
    """
    from promptuary.conversation.insights.evaluating import (  # noqa: PLC0415 - numpy is slow
        labelled,
        scoring,
    )
    from promptuary.conversation.insights.series import scores  # noqa: PLC0415 - numpy is slow

    effort = Effort.begin()
    times, alarms, points = {}, {}, 0
    with json_lines(run) as write:
        for file in files:
            rows = labelled.read_series(file)
            points += len(rows)
            times[file.name] = [labelled.seconds(text) for text, _, _ in rows]
            found = scores((at, value) for _, at, value in rows)
            unusual = [(text, s) for (text, _, _), s in zip(rows, found, strict=True) if s >= 1]
            alarms[file.name] = [labelled.seconds(text) for text, _ in unusual]
            for text, value in unusual:
                write({"series": file.name, "timestamp": text, "score": round(value, 4)})
    cost = effort.cost(points)
    truth = files[0].parent / "windows.json"
    figures = None
    if truth.exists():
        windows = labelled.read_windows(truth)
        named = {name: each for name, each in windows.items() if name in times}
        figures = scoring.score_series(named, times, alarms)
    if as_json:
        write_json({"figures": asdict(figures) if figures else {}, "cost": cost})
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, value in (asdict(figures) if figures else {}).items():
        table.add_row(name, f"{value:.4f}" if isinstance(value, float) else str(value))
    console().print(table if figures else "no windows.json beside them: only the run was written")
    console().print(cost_line(cost))
