"""Quality on machine lines through `promptuary eval canon`, beside Drain3 on the same rows.

`python -m bench logs`. Nothing is set for any of the sets, neither here nor for the peer, whose
default settings are used.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig

from bench.processes import python, run
from bench.speed import Row, row
from promptuary.canon.evaluating.labelled import read_truth, score
from promptuary.canon.evaluating.scoring import Labelled, RunRow

Figures = Mapping[str, float]

GOALS = {"GA": ">= .92", "FGA": ">= .92", "PA": ">= .88", "FTA": ">= .82"}


def main(output: Path, data: Path) -> None:
    """Evaluate on every set of lines."""
    file = data / "canon" / "logs.jsonl"
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = ["eval", "canon", str(file), "--run", f"{folder}/run.jsonl", "--json"]
        cost = run(python("-m", "promptuary.cli", *command), output=answer)
        said: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    ours: dict[str, Figures] = said["figures"]["per_dataset"]
    theirs = _peer(read_truth(file))
    rows = [
        _row(f"{what}, mean of the sets (spread)", goal, _over(ours, what), _over(theirs, what))
        for what, goal in GOALS.items()
    ]
    rows += [
        _row(f"{name}: {' / '.join(GOALS)}", "", _all(ours[name]), _all(theirs[name]))
        for name in sorted(ours)
    ]
    exact = said["roundtrip_with_residual"]
    rows.append(row("round trip with residual", "1.000", exact, "", "", None))
    rows.append(row("whole evaluation, CPU", "", cost.cpu_seconds, "s", "", None))
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def _row(what: str, goal: str, now: str, peer: str) -> Row:
    """A line of the table with several figures in one place."""
    return {
        "what": what,
        "goal": goal,
        "now": now,
        "unit": "",
        "peer": "drain3",
        "peer_now": peer,
    }


def _over(sets: Mapping[str, Figures], what: str) -> str:
    values = [figures[what] for figures in sets.values()]
    return f"{fmean(values):.3f} ({pstdev(values):.3f})"


def _all(figures: Figures) -> str:
    return " / ".join(f"{figures[what]:.3f}" for what in GOALS)


def _peer(truth: Sequence[Labelled]) -> Mapping[str, Figures]:
    """Drain3's figures: one miner with its defaults for each set."""
    sets: dict[str, list[Labelled]] = {}
    for one in truth:
        sets.setdefault(str(one.dataset), []).append(one)
    found = {one.id: one for rows in sets.values() for one in _mined(rows)}
    figures = score(truth, found)
    if figures is None:
        raise ValueError("the rows have no truth to compare with")
    parts: dict[str, Figures] = figures.nested()["per_dataset"]  # type: ignore[assignment]  # nested
    return parts


def _mined(rows: Sequence[Labelled]) -> list[RunRow]:
    miner = TemplateMiner(config=TemplateMinerConfig())
    groups = [int(miner.add_log_message(one.text)["cluster_id"]) for one in rows]
    text = {one.cluster_id: str(one.get_template()) for one in miner.drain.clusters}
    return [
        RunRow(one.id, f"{one.dataset}:{group}", text[group], {}, None)
        for one, group in zip(rows, groups, strict=True)
    ]
