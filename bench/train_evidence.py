"""Train `answering/evidence_model.json`: which piece of the found passages answers a question.

PROMPTUARY_BENCH_DATA=FOLDER python bench/train_evidence.py OUT.json [--contextual] [--keep FILE]

A softmax over the pieces of a question (a listwise loss, Cao et al. 2007), linear in their
standardised features, learnt from the development questions whose licence allows it: SQuAD 2.0
(CC BY-SA 4.0, Rajpurkar et al. 2018) and speeches and chats with marked evidence (MIT). Their
documents are asked by the ordinary path. With `--contextual`, for `contextual_evidence_model.json`,
MiniLM is the embedder, and what it makes of each word in its place counts too. No text goes into
the model, only a weight for each feature. Every fold leaves out whole documents; each collection is
also judged by the other's model.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import numpy as np
from scipy.optimize import minimize

from promptuary.answering.evaluating.labelled import read_gold
from promptuary.answering.evaluating.scoring import Gold, holds
from promptuary.answering.evidence import FEATURES, Evidence, standardised, weigh
from promptuary.answering.interaction import LATE
from promptuary.answering.question import read
from promptuary.app import Promptuary
from promptuary.knowledge.adding import GivenText
from promptuary.knowledge.asking import Asked, rarity_of, retrieved
from promptuary.retrieval.evaluating.collections import read_corpus
from promptuary.settings import Settings

COLLECTIONS = ("qa_squad2", "chunk_eval")
PENALTY = 30.0
FOLDS = 4

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Sample:
    """The pieces of a question: features as they are, and which of them answer it."""

    part: str
    features: Array
    right: np.ndarray[Any, np.dtype[np.bool_]]


async def collect(folder: Path, embedder: str) -> list[Sample]:
    """Every answerable question of a collection, asked on the ordinary path."""
    gold = [one for one in read_gold(folder / "qa.jsonl") if not one.unanswerable]
    with TemporaryDirectory() as home:
        settings = Settings(home=Path(home), embedder=embedder)
        async with await Promptuary.open(settings=settings) as promptuary:
            texts = [GivenText(each.id, each.text, each.title) for each in read_corpus(folder)]
            await promptuary.add_documents(texts)
            return [sample for one in gold for sample in await _sample(promptuary, one)]


async def _sample(promptuary: Promptuary, gold: Gold) -> list[Sample]:
    parts = promptuary._asking
    found = await retrieved(parts, Asked(gold.question, explained=False))
    rarity = await rarity_of(parts.sides.first.index, gold.question)
    answering = parts.answering
    question = read(gold.question)
    evidence = weigh(question, found, answering.thesaurus, rarity, answering.contextual)
    return [portrayed(gold, evidence)] if evidence else []


def portrayed(gold: Gold, evidence: Sequence[Evidence]) -> Sample:
    """What is learnt from a question."""
    names = [name for name in (*FEATURES, *LATE) if name in evidence[0].features]
    features = np.array([[one.features[name] for name in names] for one in evidence])
    right = np.array([_right(gold, one) for one in evidence])
    return Sample(gold.documents[0].split("_")[0], features, right)


def _right(gold: Gold, one: Evidence) -> bool:
    """Where places are marked, half of the piece lies in one; else it holds the answer."""
    if one.piece.kind == "heading":
        return False
    if not gold.spans:
        return holds(one.quote, gold.answers)
    passage = one.retrieved.passage
    start, end = passage.start + one.piece.start, passage.start + one.piece.end
    inside = (min(end, b) - max(start, a) for a, b in gold.spans)
    return passage.source in gold.documents and max(inside) > (end - start) / 2


def fit(samples: Sequence[Sample]) -> Array:
    """The weights that make the right pieces of each question likely."""
    told = [one for one in samples if one.right.any()]
    x = np.concatenate([standardised(one.features) for one in told])
    y = np.concatenate([one.right for one in told])
    sizes = [len(one.right) for one in told]
    starts, of = np.r_[0, np.cumsum(sizes)[:-1]], np.repeat(np.arange(len(told)), sizes)

    def loss(weights: Array) -> tuple[float, Array]:
        scores = x @ weights
        odds = np.exp(scores - np.maximum.reduceat(scores, starts)[of])
        every = np.add.reduceat(odds, starts)
        right = np.maximum(np.add.reduceat(odds * y, starts), 1e-12)
        gradient = x.T @ (odds / every[of] - odds * y / right[of]) + 2 * PENALTY * weights
        return float(np.log(every / right).sum() + PENALTY * weights @ weights), gradient

    found: Array = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x
    return found


def judged(samples: Sequence[Sample], weights: Array) -> tuple[float, float]:
    """The share of questions whose best piece is right, and of those with one among two."""
    first, second = 0, 0
    for one in samples:
        order = np.argsort(-(standardised(one.features) @ weights), kind="stable")
        first += one.right[order[0]]
        second += one.right[order[:2]].any()
    return first / len(samples), second / len(samples)


def _told(what: str, figures: tuple[float, float]) -> str:
    return f"{what}: one {figures[0]:.4f}, two {figures[1]:.4f}"


def crossed(samples: Sequence[Sample]) -> Iterator[tuple[float, float, int]]:
    """Each fold judged by weights that its documents had no part in."""
    parts = sorted({one.part for one in samples})
    for fold in range(min(FOLDS, len(parts))):
        out = set(parts[fold::FOLDS])
        inside = [one for one in samples if one.part not in out]
        rest = [one for one in samples if one.part in out]
        yield (*judged(rest, fit(inside)), len(rest))


def main() -> None:
    """Judge by cross-validation, then learn from all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--keep", type=Path, help="samples are read from here if they are there")
    parser.add_argument("--contextual", action="store_true", help="with MiniLM as the embedder")
    asked = parser.parse_args()
    folder = Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "rag"
    if asked.keep and asked.keep.is_file():
        sets = pickle.loads(asked.keep.read_bytes())
    else:
        embedder = "minilm" if asked.contextual else "static:"
        sets = {name: anyio.run(collect, folder / name, embedder) for name in COLLECTIONS}
        if asked.keep:
            asked.keep.write_bytes(pickle.dumps(sets))
    report(sets)
    weights = fit([one for each in sets.values() for one in each])
    names = (*FEATURES, *LATE) if asked.contextual else FEATURES
    model = {name: round(float(w), 4) for name, w in zip(names, weights, strict=True)}
    asked.out.write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")


def report(sets: dict[str, list[Sample]]) -> None:
    """How each collection fares by folds, and by what the other taught."""
    for name, samples in sets.items():
        rows = list(crossed(samples))
        total = sum(n for *_, n in rows)
        figures = tuple(sum(row[at] * row[2] for row in rows) / total for at in (0, 1))
        print(_told(f"{name}, documents left out", (figures[0], figures[1])))
        for other, taught in sets.items():
            if other != name:
                print(_told(f"{name}, learnt from {other}", judged(samples, fit(taught))))


if __name__ == "__main__":
    main()
