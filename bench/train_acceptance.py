"""Train `canon/discovery/acceptance_model.json`: what tells a template from prompts merely alike.

PROMPTUARY_BENCH_DATA=FOLDER python bench/train_acceptance.py [--half 0|1] [--seed N] OUT.json

Tables are judged that a model of static text made of families it had not seen, in corpora of
several sizes, with generated one-offs and templates among them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from boosting import Boosting, boost
from generated import generated, one_offs
from gold_words import Row
from train_static_text import half_of_families, permitted, static_belief, train

from promptuary.canon.discovery.blocks import fold_code
from promptuary.canon.discovery.corpus import lay_out
from promptuary.canon.discovery.distil import unjudged
from promptuary.canon.discovery.evidence import LogisticTrees, read_model
from promptuary.canon.discovery.maximising import group
from promptuary.canon.discovery.portrait import portrait
from promptuary.canon.discovery.quotations import believe_quotations
from promptuary.canon.discovery.residuals import cut_residuals
from promptuary.canon.discovery.typos import repair
from promptuary.canon.discovery.variants import fuse
from promptuary.canon.discovery.weighing import weigh

HOW = Boosting(trees=150, depth=3, rate=0.08, penalty=10.0, bins=24, columns=0.3, rows=0.6)
SHARES = (1.0, 0.6, 0.3, 0.15)  # of the prompts: templates of a few prompts are judged too
SEEDS = (21, 22)
MINIMUM = 3

Models = tuple[LogisticTrees, LogisticTrees]
Judged = tuple[Mapping[str, float], int]  # a portrait, and whether it is a template's


def judged_tables(rows: Sequence[Row]) -> Iterator[Judged]:
    """Portraits from each half of the families, words judged by a model of the other half."""
    for half in (0, 1):
        first, second = train(half_of_families(rows, half), Boosting())["rounds"]
        models = read_model(first), read_model(second)
        for corpus in _corpora(half_of_families(rows, 1 - half)):
            yield from _judged(corpus, models)


def fit(judged: Sequence[Judged]) -> dict[str, Any]:
    """Boosted trees; templates and prompts merely alike weigh the same; large ones more."""
    names = list(judged[0][0])
    x = np.array([[one[name] for name in names] for one, _ in judged], dtype=np.float32)
    y = np.array([right for _, right in judged], dtype=np.float64)
    size = np.exp2(x[:, names.index("rows")] / 2)
    balance = np.where(y > 0, size * 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    model: dict[str, Any] = boost(x, y, balance, names, HOW)
    return model


def _corpora(rows: Sequence[Row]) -> Iterator[list[Row]]:
    for seed in SEEDS:
        chance = random.Random(seed)
        everything = [*generated(rows, seed), *one_offs(rows, seed)]
        for part in (list(rows), [*rows, *one_offs(rows, seed + 50)], everything):
            for share in SHARES:
                yield [row for row in part if chance.random() < share]


def _judged(rows: Sequence[Row], models: Models) -> Iterator[Judged]:
    """Portraits of the tables of a corpus, and whether most rows are of one true template."""
    by_text = {row["text"]: row for row in rows}
    corpus = cut_residuals(repair(lay_out(list(by_text))))
    belief = believe_quotations(corpus, static_belief(corpus, *models))
    corpus, belief = fold_code(corpus, belief)
    weighed, groups = group(weigh(corpus, belief), vocabulary=len(corpus.words))
    tables, origins, around = unjudged(corpus, belief, weighed, fuse(groups, MINIMUM), MINIMUM)
    known = list(by_text.values())
    for table, everyone in zip(tables, origins, strict=True):
        mates = [known[d] for d in table.rows]
        true = Counter(row["template_id"] for row in mates if row["kind"] != "singleton")
        most = max(true.values(), default=0)
        yield portrait(table, everyone, around), int(2 * most > len(mates))


def main() -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1), help="only of this half")
    parser.add_argument("--seed", type=int, default=0, help="which halving of the families")
    asked = parser.parse_args()
    source = Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "canon" / "families.jsonl"
    rows: list[Row] = [json.loads(line) for line in source.read_text("utf-8").splitlines()]
    numbers = (0, 1) if asked.half is None else (asked.half,)
    halves = [permitted(half_of_families(rows, half, asked.seed)) for half in numbers]
    model = fit([one for half in halves for one in judged_tables(half)])
    asked.out.write_text(json.dumps(model, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
