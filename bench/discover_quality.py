"""Run discovery on labelled prompts and print the official figures.

PROMPTUARY_BENCH_DATA=FOLDER python bench/discover_quality.py [--model M.json]
    [--acceptance A.json] [--half 0|1] [--seed N] [--logs]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from train_static_text import half_of_families

from promptuary.canon.discovery import acceptance, evidence
from promptuary.canon.discovery.discover import Proposal, discover

Row = Mapping[str, Any]
SHOWN = (
    "GA_templated_only",
    "FGA",
    "PA_templated_only",
    "PA_strict",
    "parse_exact_templated_only",
    "slot_F1",
    "singletons_left_alone",
    "clusters_pred",
    "roundtrip_exact",
)


def main() -> None:
    """Discover, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--acceptance", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--seed", type=int, default=0, help="which halving of the families")
    parser.add_argument("--logs", action="store_true")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    if asked.model:
        _use(asked.model)
    if asked.acceptance:
        judge = evidence.read_model(json.loads(asked.acceptance.read_text("utf-8")))
        acceptance.shipped_acceptance = lambda: judge  # type: ignore[assignment]  # for this run
    folder = Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "canon"
    rows = _read(folder / ("logs.jsonl" if asked.logs else "families.jsonl"))
    if asked.half is not None:
        rows = half_of_families(rows, asked.half, asked.seed)
    started = time.process_time()
    predicted = [one for part in _parts(rows) for one in predict(part)]
    seconds = time.process_time() - started
    if asked.out:
        asked.out.write_text("".join(json.dumps(p) + "\n" for p in predicted), encoding="utf-8")
    score = _scorer(folder)
    figures = score.logs(rows, predicted)["mean"] if asked.logs else score.families(rows, predicted)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shown = figures if asked.logs else {name: round(figures[name], 4) for name in SHOWN}
    speed = f"{len(rows) / seconds:.0f} prompts/s of processor time, peak {memory:.0f} MB"
    sys.stdout.write(f"{json.dumps(shown)}\n{speed}\n")


def predict(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Predictions in the scorer's form (it takes single braces for slots)."""
    texts = [row.get("text", row.get("line")) for row in rows]
    proposals = discover(texts)
    for number, proposal in enumerate(proposals):
        yield from _predicted(rows, proposal, f"{rows[0].get('dataset', '')}:{number}")
    # a prompt that stands alone is its own template, as in the gold rows
    found = {member.index for proposal in proposals for member in proposal.members}
    for index, row in enumerate(rows):
        if index not in found:
            yield {"id": row["id"], "cluster_id": None, "template": texts[index], "slots": {}}


def _predicted(rows: Sequence[Row], proposal: Proposal, cluster: str) -> Iterator[dict[str, Any]]:
    template = proposal.text.replace("{{", "{").replace("}}", "}")
    for member in proposal.members:
        slots = dict(member.values)
        yield {
            "id": rows[member.index]["id"],
            "cluster_id": cluster,
            "template": template,
            "slots": slots,
        }


def _parts(rows: Sequence[Row]) -> list[list[Row]]:
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(row.get("dataset", ""), []).append(row)
    return list(parts.values())


def _read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _use(model: Path) -> None:
    first, second = json.loads(model.read_text("utf-8"))["rounds"]
    read = evidence.read_model(first), evidence.read_model(second)
    evidence.shipped_model = lambda: read  # type: ignore[assignment]  # another model for this run


def _scorer(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(folder / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
