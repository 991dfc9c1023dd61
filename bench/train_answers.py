"""Train `answering/confidence_model.json`: how sure an answer is.

PROMPTUARY_BENCH_DATA=FOLDER python bench/train_answers.py OUT.json

Learnt from two collections under the MIT licence (speeches and chats with marked evidence, pages of
documentation with the right ones named), asked by the ordinary path: their own questions, questions
to the other collection, and generated near misses. Nothing of other data is looked at.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import numpy as np
from near_misses import near_misses
from sklearn.linear_model import LogisticRegression

from promptuary.answering.citing import choose, cite
from promptuary.answering.confidence import FEATURES, portray
from promptuary.answering.evaluating.scoring import auroc, calibration_error
from promptuary.answering.evidence import weigh
from promptuary.answering.question import read
from promptuary.app import Promptuary
from promptuary.knowledge.adding import GivenText
from promptuary.knowledge.asking import Asked, rarity_of, retrieved
from promptuary.settings import Settings

PERMITTED = {"chunk_eval": ("state_of_the_union", "chatlogs"), "ret_claudedocs": ()}
"""The collections, and the documents of each that may be learnt from (all of them without any)."""
ORDER = {"own": 1.0, "near": 0.4, "outside": 0.6}
PRIOR = {"own": 1.0, "near": 0.3, "outside": 1.0}
"""What kinds of questions weigh beside each other, for each question of a collection."""
PENALTY = 1.0


@dataclass(frozen=True)
class Sample:
    """The portrait of an answer, whether it is right, and what kind of question it was."""

    features: dict[str, float]
    right: bool
    kind: str


@dataclass(frozen=True)
class Set:
    """Documents and questions."""

    texts: list[GivenText]
    questions: list[dict[str, Any]]


def read_set(folder: Path, only: Sequence[str]) -> Set:
    texts = [
        GivenText(row["id"], row["text"], row.get("title", ""))
        for row in map(json.loads, (folder / "corpus.jsonl").read_text("utf-8").splitlines())
        if not only or row["id"] in only
    ]
    kept = {text.id for text in texts}
    rows = map(json.loads, (folder / "qa.jsonl").read_text("utf-8").splitlines())
    return Set(texts, [row for row in rows if kept & set(row["gold_docs"])])


async def samples(own: Set, other: Set, chance: random.Random) -> list[Sample]:
    """All kinds of questions to the documents of one collection."""
    asked = [(row["question"], "own", row) for row in own.questions]
    asked += [(row["question"], "outside", None) for row in other.questions]
    asked += [(question, "near", None) for question in _near(own, chance)]
    found = []
    with TemporaryDirectory() as home:
        async with await Promptuary.open(settings=Settings(home=Path(home))) as promptuary:
            await promptuary.add_documents(own.texts)
            for question, kind, row in asked:
                found += [one async for one in _sample(promptuary, question, kind, row)]
    return found


def _near(own: Set, chance: random.Random) -> Iterator[str]:
    texts = {text.id: text.text for text in own.texts}
    others = [row["question"] for row in own.questions]
    for row in own.questions:
        there = " ".join(_evidence(row, texts))
        yield from near_misses(row["question"], there, others, chance)


def _evidence(row: dict[str, Any], texts: dict[str, str]) -> Iterator[str]:
    for document in row["gold_docs"]:
        text = texts.get(document, "")
        spans = row.get("spans") or [[0, len(text)]]
        yield from (text[max(0, start - 500) : end + 500] for start, end in spans)


async def _sample(promptuary: Promptuary, text: str, kind: str, row: Any) -> Any:
    parts = promptuary._asking
    question = read(text)
    found = await retrieved(parts, Asked(text))
    rarity = await rarity_of(parts.index, text)
    evidence = weigh(question, found, parts.answering.thesaurus, rarity)
    if evidence:
        features = portray(question, evidence)
        cited = cite(choose(question, evidence))
        yield Sample(features, kind == "own" and any(_right(each, row) for each in cited), kind)


def _right(citation: Any, row: dict[str, Any]) -> bool:
    if citation.source not in row["gold_docs"]:
        return False
    spans = row.get("spans")
    return not spans or any(
        min(citation.end, end) - max(citation.start, start)
        > 0.3 * min(citation.end - citation.start, end - start)
        for start, end in spans
    )


def fit(found: Sequence[Sample]) -> dict[str, Any]:
    """A logistic model, whose order is learnt with many near misses (ORDER) and whose probabilities
    are made true for few of them (PRIOR), by Platt's two numbers."""
    x = np.array([[one.features[name] for name in FEATURES] for one in found])
    y = np.array([one.right for one in found])
    model = LogisticRegression(C=1 / PENALTY, max_iter=1_000)
    model.fit(x, y, sample_weight=_weights(found, ORDER))
    logits = model.decision_function(x)[:, None]
    platt = LogisticRegression(C=1e6).fit(logits, y, sample_weight=_weights(found, PRIOR))
    slope, shift = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    coefficients = zip(FEATURES, slope * model.coef_[0], strict=True)
    return {
        "bias": round(slope * float(model.intercept_[0]) + shift, 4),
        "weights": {name: round(float(value), 4) for name, value in coefficients},
    }


def _weights(found: Sequence[Sample], shares: dict[str, float]) -> Any:
    """Kinds weigh as `shares` say, however many there are of each."""
    many = Counter(one.kind for one in found)
    return np.array([shares[one.kind] * many["own"] / many[one.kind] for one in found])


def told(model: dict[str, Any], found: Sequence[Sample]) -> str:
    """How well it tells the kinds apart, on samples it need not have seen."""
    logits = np.array(
        [
            model["bias"] + sum(w * one.features[n] for n, w in model["weights"].items())
            for one in found
        ]
    )
    kinds = np.array([one.kind for one in found])
    right = np.array([float(one.right) for one in found])
    sure = 1 / (1 + np.exp(-logits))
    lines = []
    for kind in ("outside", "near"):
        these = (kinds == "own") | (kinds == kind)
        lines.append(
            f"{kind}: AUROC {auroc(sure[these], kinds[these] == 'own'):.4f}, "
            f"ECE {calibration_error(sure[these], right[these]):.4f}"
        )
    return "; ".join(lines)


async def both(folder: Path) -> tuple[list[Sample], list[Sample]]:
    first, second = (read_set(folder / name, only) for name, only in PERMITTED.items())
    chance = random.Random(7)
    return await samples(first, second, chance), await samples(second, first, chance)


def main() -> None:
    """Train on both collections and write the model; tell how well each half serves the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    first, second = anyio.run(both, Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "rag")
    print("learnt from the second, on the first:", told(fit(second), first))
    print("learnt from the first, on the second:", told(fit(first), second))
    model = fit([*first, *second])
    print("learnt from both, on both:", told(model, [*first, *second]))
    asked.out.write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
