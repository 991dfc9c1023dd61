"""Quality on labelled data through `promptuary eval canon`, beside Drain3 on the same rows."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from bench.peer_drain3 import group
from bench.processes import python, run
from bench.speed import Row, row

GOALS = {
    "GA_templated_only": ("grouping accuracy, templated", ">= .70"),
    "PA_templated_only": ("template right, templated", ">= .65"),
    "parse_exact_templated_only": ("template and every slot right, templated", ""),
    "slot_F1": ("slot F1", ""),
    "singletons_left_alone": ("one-offs left alone", ">= .85"),
    "roundtrip_with_residual": ("round trip with residual", "1.000"),
}


def main(output: Path, data: Path) -> None:
    """Evaluate on the development data of canonicalisation."""
    file = data / "canon" / "families.jsonl"
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = ["eval", "canon", str(file), "--run", f"{folder}/run.jsonl", "--json"]
        cost = run(python("-m", "promptuary.cli", *command), output=answer)
        said: dict[str, Any] = json.loads(answer.read_text("utf-8"))
        figures = {**said["figures"], "roundtrip_with_residual": said["roundtrip_with_residual"]}
    peer = _peer(file)
    rows: list[Row] = [
        row(what, goal, figures[key], "", "drain3" if key in peer else "", peer.get(key))
        for key, (what, goal) in GOALS.items()
    ]
    rows.append(row("family V-measure", ">= .86", figures["family"]["V"], "", "", None))
    rows.append(row("whole evaluation, CPU", "", cost.cpu_seconds, "s", "", None))
    rows.append(row("whole evaluation, peak memory", "", cost.peak_mib * 1.048576, "MB", "", None))
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def _peer(file: Path) -> dict[str, float]:
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    groups = group([one["text"] for one in rows])
    templated = [at for at, one in enumerate(rows) if one["kind"] != "singleton"]
    truth = [rows[at]["template_id"] for at in templated]
    return {"GA_templated_only": _accuracy(truth, [groups[at] for at in templated])}


def _accuracy(truth: list[str], found: list[int]) -> float:
    """Share of rows whose group holds exactly the rows of their template."""
    wanted, given = _members(truth), _members(found)
    right = [rows for rows in given.values() if wanted[truth[rows[0]]] == rows]
    return sum(len(rows) for rows in right) / len(truth)


def _members(names: list[Any]) -> dict[Any, list[int]]:
    members: dict[Any, list[int]] = {}
    for at, name in enumerate(names):
        members.setdefault(name, []).append(at)
    return members
