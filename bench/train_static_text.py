"""Train `canon/discovery/static_text_model.json` on labelled prompts whose licence allows it.

PROMPTUARY_BENCH_DATA=FOLDER python bench/train_static_text.py [--half 0|1] [--seed N] OUT.json
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from boosting import Boosting, boost
from generated import generated
from gold_words import Row, labels
from numpy.typing import NDArray

from promptuary.canon.discovery.corpus import Corpus, lay_out
from promptuary.canon.discovery.evidence import LogisticTrees, probability, read_model
from promptuary.canon.discovery.features import first_look, second_look
from promptuary.canon.discovery.ngrams import Floats, Windows, windows
from promptuary.canon.discovery.residuals import cut_residuals
from promptuary.canon.discovery.typos import repair

# Apache-2.0, MIT or CC0 by the table of bench/canon/README.md
PERMITTED = ("flan:", "ps:", "xp3mt:", "allenai/", "f/awesome-chatgpt-prompts", "PlexPt/")
PER_TEMPLATE = 8  # prompts of one template that are learned from
FOLDS = 3
SCALES = (1, 2)  # the whole corpus, and halves of its families: counts depend on the size

GENERATED = (11, 12)  # seeds of corpora that also hold generated templates


class Batch:
    """One corpus with its features, labels and weights."""

    def __init__(self, rows: Sequence[Row], seed: int) -> None:
        self.rows = rows
        self.corpus: Corpus = cut_residuals(repair(lay_out([row["text"] for row in rows])))
        self.grams: dict[int, Windows] = dict(windows(self.corpus))
        self.features: dict[str, Floats] = dict(first_look(self.corpus, self.grams))
        self.labels = labels(self.corpus, rows)
        self.weights = _weights(rows, self.corpus)
        self.used = (self.labels >= 0) & _sampled(rows, self.corpus, seed)
        self.fold = np.array([_fold(row["family_id"]) for row in rows])[self.corpus.owner]


def _fold(family: str) -> int:
    return random.Random(family).randrange(FOLDS)


def _weights(rows: Sequence[Row], corpus: Corpus) -> NDArray[np.float64]:
    count = Counter(row["template_id"] for row in rows)
    template = np.array([min(PER_TEMPLATE, count[row["template_id"]]) ** -0.5 for row in rows])
    return (template / np.maximum(1, corpus.lengths) ** 0.5)[corpus.owner]


def _sampled(rows: Sequence[Row], corpus: Corpus, seed: int) -> NDArray[np.bool_]:
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    seen: Counter[str] = Counter()
    kept = np.zeros(len(rows), dtype=bool)
    for number in order:
        seen[rows[number]["template_id"]] += 1
        kept[number] = seen[rows[number]["template_id"]] <= PER_TEMPLATE
    return kept[corpus.owner]


def train(rows: Sequence[Row], how: Boosting) -> dict[str, Any]:
    """Both rounds; the second learns from what the first says out of fold."""
    parts = [*_parts(rows), *(generated(rows, seed) for seed in GENERATED)]
    batches = [Batch(part, seed) for seed, part in enumerate(parts)]
    beliefs = [np.zeros(len(batch.labels), dtype=np.float32) for batch in batches]
    for fold in range(FOLDS):
        model = read_model(_fit(batches, how, partial(_outside_of, fold)))
        for batch, belief in zip(batches, beliefs, strict=True):
            held = batch.fold == fold
            belief[held] = probability(model, batch.features)[held]
    first = _fit(batches, how, lambda batch: batch.fold >= 0)
    for batch, belief in zip(batches, beliefs, strict=True):
        batch.features.update(second_look(batch.corpus, batch.grams, belief))
    return {"rounds": [first, _fit(batches, how, lambda batch: batch.fold >= 0)]}


def static_belief(corpus: Corpus, first: LogisticTrees, second: LogisticTrees) -> Floats:
    """What both rounds say of a corpus, as `evidence.static_text` with other models."""
    grams = windows(corpus)
    features = dict(first_look(corpus, grams))
    features.update(second_look(corpus, grams, probability(first, features)))
    return probability(second, features)


def _outside_of(fold: int, batch: Batch) -> NDArray[np.bool_]:
    outside: NDArray[np.bool_] = batch.fold != fold
    return outside


def _parts(rows: Sequence[Row]) -> list[list[Row]]:
    families = sorted({row["family_id"] for row in rows})
    random.Random(3).shuffle(families)
    parts = []
    for scale in SCALES:
        for share in range(scale):
            chosen = set(families[share::scale])
            parts.append([row for row in rows if row["family_id"] in chosen])
    return parts


def _fit(
    batches: Sequence[Batch], how: Boosting, chosen: Callable[[Batch], NDArray[np.bool_]]
) -> dict[str, Any]:
    names = list(batches[0].features)
    masks = [batch.used & chosen(batch) for batch in batches]
    pairs = list(zip(batches, masks, strict=True))
    x = np.vstack([np.stack([b.features[n][m] for n in names], 1) for b, m in pairs])
    y = np.concatenate([b.labels[m] for b, m in pairs]).astype(np.float64)
    w = np.concatenate([b.weights[m] for b, m in pairs])
    return boost(x, y, w, names, how)


def permitted(rows: Sequence[Row]) -> list[Row]:
    """Rows whose licence allows a model to be shipped that has learned from them."""
    return [row for row in rows if row["source"].startswith(PERMITTED)]


def half_of_families(rows: Sequence[Row], half: int, seed: int = 0) -> list[Row]:
    """The rows of one random half of the families."""
    families = sorted({row["family_id"] for row in rows})
    random.Random(seed).shuffle(families)
    chosen = set(families[half::2])
    return [row for row in rows if row["family_id"] in chosen]


def main() -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--seed", type=int, default=0, help="which halving of the families")
    asked = parser.parse_args()
    source = Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "canon" / "families.jsonl"
    rows: list[Row] = [json.loads(line) for line in source.read_text("utf-8").splitlines()]
    if asked.half is not None:
        rows = half_of_families(rows, asked.half, asked.seed)
    model = train(permitted(rows), Boosting())
    asked.out.write_text(json.dumps(model, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
