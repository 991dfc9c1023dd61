"""Changes of labelled traffic through `promptuary eval evolution`: found in time, told rightly.

`python -m bench evolution`. Prompts come in week by week; nothing is set.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.processes import python, run
from bench.speed import row

GOAL = ">= .90"
PEER = "peers: .10 to .14"


def main(output: Path, data: Path) -> None:
    """Evaluate on the labelled weeks."""
    canon = data / "canon"
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = ["eval", "evolution", str(canon / "evolution.jsonl"), "--json"]
        command += ["--events", str(canon / "evolution_events.jsonl")]
        command += ["--run", f"{folder}/run.jsonl"]
        cost = run(python("-m", "promptuary.cli", *command), output=answer)
        said: Mapping[str, Any] = json.loads(answer.read_text("utf-8"))["figures"]
    rows = [
        row("events, typed F1", GOAL, round(said["F1"], 3), "", PEER, None),
        row("mean of the types' F1", GOAL, round(said["macro_F1"], 3), "", "", None),
        row("median delay", "", round(said["median_delay_days"], 2), "days", "", None),
        row(
            "false events of a template without changes",
            "",
            round(said["false_events_per_lineage_week"], 4),
            "a week",
            "",
            None,
        ),
    ]
    for name, part in said.items():
        if isinstance(part, Mapping):
            what = f"{name}: F1 ({part['true']:.0f} true, {part['found']:.0f} found)"
            rows.append(row(what, GOAL, round(part["F1"], 3), "", "", None))
    rows.append(row("whole evaluation, CPU", "", cost.cpu_seconds, "s", "", None))
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
