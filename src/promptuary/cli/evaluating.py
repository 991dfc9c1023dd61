"""`promptuary eval canon`: quality on labelled data, by the ordinary path on ordinary defaults.

Its neighbours `eval retrieval` and `eval prompts` are in `measuring.py`, `eval qa` and
`eval chunks` in `evaluating_answers.py`, `eval conversation` in `evaluating_conversations.py`,
`eval events` in `evaluating_events.py`, `eval turns` in `evaluating_turns.py`; `eval all`, which
runs them all, in `evaluating_all.py`.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from promptuary.canon.evaluating.labelled import batches_of, read_rows, read_truth, run_row, score
from promptuary.canon.evaluating.scoring import Figures, RunRow
from promptuary.canon.reading.records import ReadPrompt
from promptuary.canon.templates.filling import fill
from promptuary.canon.templates.residual import apply
from promptuary.cli.effort import Cost, Effort, cost_line, workplace
from promptuary.cli.evaluating_all import all_
from promptuary.cli.evaluating_answers import chunks, qa
from promptuary.cli.evaluating_conversations import conversation
from promptuary.cli.evaluating_events import events
from promptuary.cli.evaluating_evolution import evolution
from promptuary.cli.evaluating_insights import insights
from promptuary.cli.evaluating_series import series
from promptuary.cli.evaluating_turns import turns
from promptuary.cli.exporting import json_lines
from promptuary.cli.lazy import bare
from promptuary.cli.measuring import prompts, retrieval
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, write_json
from promptuary.cli.progress import progress
from promptuary.cli.scores import print_figures
from promptuary.domain.reports import PlacementRow, Told

if TYPE_CHECKING:
    from promptuary.blocking import Promptuary

app = bare("Measure quality on labelled data of your own.")
app.command("all")(all_)
app.command()(retrieval)
app.command()(prompts)
app.command()(qa)
app.command()(chunks)
app.command()(conversation)
app.command()(events)
app.command()(insights)
app.command()(evolution)
app.command()(series)
app.command()(turns)
DEFAULT_COLLECTION = "eval"


@app.callback()
def evaluate() -> None:
    """Measure quality on labelled data of your own."""


@app.command()
def canon(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.jsonl", help="Rows {id, text or line, created_at?, dataset?}."
        ),
    ],
    run: Annotated[
        Path, typer.Option("--run", metavar="OUT.jsonl", help="Where to write what was found.")
    ],
    seed: Annotated[
        int | None, typer.Option("--seed", help="Take the rows in an order drawn from this seed.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ingest labelled prompts, write what was found, then compare it with the truth.

    Truth is read only after the run is written: `template_id` or `event_id` with `template`
    (and `family_id`, `slots`, `kind`), or `label` (and `oos`). Without `--home` the work is done
    in a temporary folder.
    """
    rows = read_rows(file)
    if seed is not None:
        random.Random(seed).shuffle(rows)  # noqa: S311 - an order, not a secret
    effort = Effort.begin()
    with workplace(home) as folder, opened(folder) as promptuary, progress() as told:
        found, restored = _run(promptuary, rows, told)
    cost = effort.cost(len(rows))
    with json_lines(run) as write:
        for row in rows:
            write(found[str(row.prompt.id)])
    figures = score(read_truth(file), found)
    if as_json:
        nested = figures.nested() if figures else {}
        write_json({"figures": nested, "roundtrip_with_residual": restored, "cost": cost})
    else:
        _print(console(), figures, restored, cost)


def _run(
    promptuary: Promptuary, rows: Sequence[ReadPrompt], told: Told
) -> tuple[Mapping[str, RunRow], float | None]:
    """What was found for each row, and the share of placed ones that were given back exactly."""
    by: dict[str, list[ReadPrompt]] = defaultdict(list)
    for row in rows:
        by[row.dataset or DEFAULT_COLLECTION].append(row)
    found: dict[str, RunRow] = {}
    exact = placed = 0
    for collection, mine in by.items():
        texts = {str(row.prompt.id): row.prompt.text for row in mine}
        found |= {key: RunRow(key, None, text, {}, None) for key, text in texts.items()}
        for batch in batches_of(mine):
            promptuary.ingest(batch, collection=collection, progress=told)
        promptuary.settle(collection, progress=told)
        for placement in promptuary.placements(collection):
            if placement.id not in texts:
                continue
            found[placement.id] = run_row(placement)
            if placement.cluster_id is None:
                found[placement.id] = replace(found[placement.id], template=texts[placement.id])
            else:
                placed += 1
                exact += _restored(placement) == texts[placement.id]
    return found, exact / placed if placed else None


def _restored(row: PlacementRow) -> str:
    return apply(row.residual or "", fill(row.template or "", row.slots))


def _print(out: Console, figures: Figures | None, restored: float | None, cost: Cost) -> None:
    if figures is None:
        out.print("the rows have no truth to compare with: only the run was written")
    else:
        print_figures(out, "", figures)
    if restored is not None:
        out.print(f"given back exactly by template, slots and residual: {restored:.4f}")
    out.print(cost_line(cost))
