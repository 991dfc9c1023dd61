"""Train and cross-validate the likeness of templates on labelled prompts.

    PROMPTUARY_BENCH_DATA=FOLDER python bench/train_families.py [--write]

Templates are what the ordinary path finds in `canon/families.jsonl`; a template's family is that of
most of its prompts. The model learns from pairs of templates whose prompts' sources are under
Apache-2.0, MIT or CC0; halves of the families are held out in turn to choose and to judge, with all
of their templates. `--write` fits all permitted pairs and writes the model's file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score, v_measure_score
from train_static_text import PERMITTED

from promptuary.app import Promptuary
from promptuary.canon.evaluating.labelled import read_rows
from promptuary.canon.families import kin
from promptuary.canon.families.linkage import average_linkage
from promptuary.canon.relating import family_items
from promptuary.domain.templates import Lineage

MODEL = Path(kin.__file__).with_name("kin_model.json")
VOTES = (0.3, 0.35, 0.4, 0.45, 0.5)
SEEDS = (0, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Known:
    """A found template with the truth about it."""

    item: kin.FamilyItem
    family: str
    rows: tuple[str, ...]
    """The families of its prompts."""
    permitted: bool


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--write", action="store_true")
    write = asked.parse_args().write
    path = Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "canon" / "families.jsonl"
    truth = {one["id"]: one for one in map(json.loads, path.read_text("utf-8").splitlines())}
    known = asyncio.run(found(path, truth))
    alone = len(truth) - sum(len(one.rows) for one in known)
    print(f"{len(known)} templates, {sum(one.permitted for one in known)} to learn from")
    figures = defaultdict(list)
    for seed in SEEDS:
        for learnt, judged in halves(known, seed):
            model = fit(learnt)
            for vote in VOTES:
                figures[vote].append(judge(judged, model, vote, alone // 2))
    for vote, pairs in figures.items():
        (v, ari), (v_spread, spread) = np.mean(pairs, axis=0), np.std(pairs, axis=0)
        print(f"vote {vote:.2f}  V {v:.4f} +- {v_spread:.4f}  ARI {ari:.3f} +- {spread:.3f}")
    if write:
        bias, weights = fit(known)
        rounded = {name: round(weight, 4) for name, weight in weights.items()}
        MODEL.write_text(json.dumps({"bias": round(bias, 4), "weights": rounded}, indent=1) + "\n")
        print(MODEL.read_text())


async def found(path: Path, truth: dict[str, dict[str, Any]]) -> list[Known]:
    """What the ordinary path finds, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as home:
        async with await Promptuary.open(home) as promptuary:
            await promptuary.ingest([row.prompt for row in read_rows(path)])
            rows = defaultdict(list)
            async for placed in promptuary.placements():
                if placed.cluster_id:
                    rows[placed.cluster_id].append(truth[placed.id])
            lineages: list[Lineage] = []
            while len(lineages) < len(rows):
                page = await promptuary.templates(offset=len(lineages), limit=500)
                lineages += page.items
            items = await family_items(promptuary._embedder, lineages)
    return [_known(item, rows[item.key]) for item in items]


def _known(item: kin.FamilyItem, rows: list[dict[str, Any]]) -> Known:
    family = Counter(row["family_id"] for row in rows).most_common(1)[0][0]
    permitted = all(row["source"].startswith(PERMITTED) for row in rows)
    return Known(item, family, tuple(row["family_id"] for row in rows), permitted)


def halves(known: list[Known], seed: int):
    """Twice: templates to learn from and templates to judge, of different families."""
    names = sorted({one.family for one in known})
    random.Random(seed).shuffle(names)
    for half in (set(names[::2]), set(names[1::2])):
        yield [o for o in known if o.family not in half], [o for o in known if o.family in half]


def fit(known: list[Known], penalty: float = 3.0) -> tuple[float, dict[str, float]]:
    """Bias and weights by Newton's method, the penalty on standardised features."""
    used = [one for one in known if one.permitted]
    upper = np.triu_indices(len(used), 1)
    matrices = kin.features([one.item for one in used])
    x = np.stack([matrix[upper] for matrix in matrices.values()], axis=1).astype(np.float64)
    family = np.array([one.family for one in used])
    y = (family[upper[0]] == family[upper[1]]).astype(np.float64)
    mean, spread = x.mean(axis=0), x.std(axis=0)
    z = np.column_stack([np.ones(len(x)), (x - mean) / spread])
    ridge = penalty * np.diag([0.0] + [1.0] * x.shape[1])
    b = np.zeros(z.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-z @ b))
        b += np.linalg.solve((z * (p * (1 - p))[:, None]).T @ z + ridge, z.T @ (y - p) - ridge @ b)
    weights = b[1:] / spread
    return float(b[0] - weights @ mean), dict(zip(matrices, weights.tolist(), strict=True))


def judge(known: list[Known], model, vote: float, alone: int) -> tuple[float, float]:
    """V-measure and ARI over prompts, with so many that stand alone."""
    groups = average_linkage(kin.agreement([one.item for one in known], model), vote)
    group = {at: number for number, members in enumerate(groups) for at in members}
    truth = [family for one in known for family in one.rows]
    given = [group[at] for at, one in enumerate(known) for _ in one.rows]
    truth += [f"alone {n}" for n in range(alone)]
    given += [-1 - n for n in range(alone)]
    return v_measure_score(truth, given), adjusted_rand_score(truth, given)


if __name__ == "__main__":
    main()
