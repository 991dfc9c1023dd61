"""Every evaluation that the data folder allows, by `promptuary eval all`: one row a figure.

Fails when a figure is worse than at the run before by more than NOISE.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from bench.processes import python
from bench.speed import Row, row

NOISE = 0.005
"""Of figures between 0 and 1, which come out alike to some thousandths on any machine."""
LESS_IS_BETTER = ("risk", "AURC", "ECE", "noise_share", "false_alarms", "latency", "delay")
"""Parts of the names of figures."""
COUNTS = ("n", "clusters_")


def main(output: Path, data: Path) -> None:
    """Run them all; what was measured before stands in the newest older result."""
    report = output.with_suffix(".report")
    command = python("-m", "promptuary.cli", "-q", "eval", "all", str(data), "--report", report)
    subprocess.run([*map(str, command)], check=True)
    read = json.loads(report.read_text("utf-8"))
    report.unlink()
    rows = [each for one in read["evaluations"] for each in _rows(one)]
    older = sorted(set(output.parent.glob("*-evaluations.json")) - {output})
    before = (
        {r["what"]: r["now"] for r in json.loads(older[-1].read_text("utf-8"))} if older else {}
    )
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    if worse := [each["what"] for each in rows if _worse(each, before)]:
        raise SystemExit(f"worse than before: {', '.join(worse)}")


def _rows(evaluation: dict[str, Any]) -> list[Row]:
    """Without those of parts."""
    title = f"{evaluation['kind']} {evaluation['name']}"
    figures = {n: v for n, v in evaluation["figures"].items() if "/" not in n}
    return [row(f"{title}: {name}", "", value, "", "", None) for name, value in figures.items()]


def _worse(now: Row, before: dict[str, float]) -> bool:
    name, was = now["what"].rpartition(": ")[2], before.get(now["what"])
    if was is None or name == "n" or name.startswith(COUNTS[1]) or not 0 <= was <= 1:
        return False
    lost = now["now"] - was if any(each in name for each in LESS_IS_BETTER) else was - now["now"]
    return bool(lost > NOISE)
