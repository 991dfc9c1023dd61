"""Our figures against an outside scorer's: runs made worse on purpose, compared to 1e-6.

python bench/scorer_agreement.py     (PROMPTUARY_BENCH_DATA names the folder that holds canon/)
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from promptuary.canon.evaluating.labelled import read_truth, score
from promptuary.canon.evaluating.scoring import Labelled, RunRow

FILES = {
    "families.jsonl": "families",
    "evolution.jsonl": "families",
    "logs.jsonl": "logs",
    "intents_banking77.jsonl": "intents",
    "intents_clinc150.jsonl": "intents",
}
TOLERANCE = 1e-6


def main() -> int:
    """Compare every file there is; the exit code is 1 when a figure differs."""
    folder = Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "canon"
    outside = _load(folder / "score.py")
    worst = 0.0
    for name, task in FILES.items():
        if (path := folder / name).is_file():
            worst = max(worst, _compare(outside, task, path))
    print(f"largest difference {worst:.2e}, allowed {TOLERANCE:.0e}")
    return int(worst > TOLERANCE)


def _compare(outside: ModuleType, task: str, path: Path) -> float:
    truth = read_truth(path)
    run = {row.id: row for row in _worsened(truth, random.Random(11))}
    figures = score(truth, run)
    assert figures is not None
    theirs = getattr(outside, task)(outside.rd(path), [_plain(row) for row in run.values()])
    ours = dict(_flat(figures.nested()))
    differences = {
        name: abs(value - ours.get(name, float("inf")))
        for name, value in _flat(json.loads(json.dumps(theirs, default=float)))
    }
    slack = 5e-5 if task == "logs" else 0.0  # that scorer rounds its figures per data set
    wrong = {
        name: max(0.0, each - slack * ("per_dataset" in name)) for name, each in differences.items()
    }
    name = max(wrong, key=lambda each: wrong[each])
    print(f"{path.name}: {len(wrong)} figures, largest difference {wrong[name]:.2e} ({name})")
    return wrong[name]


def _worsened(truth: Sequence[Labelled], luck: random.Random) -> Iterator[RunRow]:
    """The truth, much of it broken: groups split and merged, templates and slots off."""
    for row in truth:
        group = row.group or row.label or ""
        if luck.random() < 0.1:
            group = f"{group[:2]}-merged"
        if luck.random() < 0.1:
            group = f"{group}/{luck.randrange(3)}"
        family = row.family or group
        template = row.template or row.text
        slots = dict(row.slots or {})
        if luck.random() < 0.2:
            template = template.replace(" the ", " {x} ").upper()
        if slots and luck.random() < 0.2:
            slots.popitem()
        if luck.random() < 0.2:
            slots["extra"] = luck.choice(row.text.split() or [""])
        cluster = None if luck.random() < 0.1 else group
        alone = cluster is None or luck.random() < 0.1
        yield RunRow(row.id, cluster, template, slots, None if alone else family)


def _plain(row: RunRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "cluster_id": row.cluster_id,
        "template": row.template,
        "slots": dict(row.slots),
        "family_cluster": row.family_cluster,
    }


def _flat(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", float(value)


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("outside_scorer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
