"""Train `answering/confidence_model.json`: how sure an answer is.

PROMPTUARY_BENCH_DATA=FOLDER python bench/train_answers.py OUT.json [--keep FILE]

Learnt from the development questions whose licence allows it: SQuAD 2.0 and questions to
StackExchange (CC BY-SA), speeches and chats, pages of documentation (MIT). Each collection is asked
by the ordinary path: its own questions, questions to the others, and near misses (SQuAD's, by
people; else generated). No text goes into the models, only weights. Each collection is judged by
models that it had no part in, SQuAD also with the documents left out that are asked about.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import numpy as np
from near_misses import near_misses
from sklearn.linear_model import LogisticRegression

from promptuary.answering.citing import choose, cite, worded
from promptuary.answering.confidence import ABOUT, ANSWERED, Calibration, Logistic, portray
from promptuary.answering.evaluating.labelled import read_gold
from promptuary.answering.evaluating.scoring import Gold, auroc, calibration_error, holds
from promptuary.answering.evidence import weigh
from promptuary.answering.question import read
from promptuary.app import Promptuary
from promptuary.knowledge.adding import GivenText
from promptuary.knowledge.asking import Asked, rarity_of, retrieved
from promptuary.retrieval.evaluating.collections import read_corpus, read_qrels, read_queries
from promptuary.settings import Settings

COLLECTIONS = ("qa_squad2", "chunk_eval", "ret_claudedocs", "ret_stackfaq")
PEOPLE = "qa_squad2"
"""Its near misses were written by people."""
OWN, NEAR, STRANGE = 400, 400, 80
"""So many questions of each kind are drawn for a collection, strange ones from each other."""
FOLDS = 4
INSIDE = {"own": 1.0, "near": 0.3, "outside": 1.0}
ANSWERABLE = {"own": 1.0, "near": 1.0}
PRIOR = {"own": 1.0, "near": 0.03, "outside": 1.0}
"""What kinds of questions weigh beside each other: for what a collection is about, for what answers
a question, and for how likely an answer is right in the end."""


@dataclass(frozen=True)
class Sample:
    """The portrait of an answer, whether it is right, and what kind of question it was."""

    collection: str
    part: str
    kind: str
    features: Mapping[str, float]
    right: bool


def gold_of(folder: Path) -> list[Gold]:
    """Questions with their truth; where there are only grades, the documents that have any."""
    if (folder / "qa.jsonl").is_file():
        return read_gold(folder / "qa.jsonl")
    qrels = read_qrels(folder)
    return [
        Gold(one.id, one.text, (), False, tuple(key for key, g in qrels[one.id].items() if g))
        for one in read_queries(folder)
        if one.id in qrels
    ]


async def samples(folder: Path, name: str) -> list[Sample]:
    """All kinds of questions to the documents of one collection."""
    chance = random.Random(7)
    rows = read_corpus(folder / name)
    with TemporaryDirectory() as home:
        async with await Promptuary.open(settings=Settings(home=Path(home))) as promptuary:
            await promptuary.add_documents([GivenText(r.id, r.text, r.title) for r in rows])
            texts = {row.id: row.text for row in rows}
            asked = list(_questions(folder, name, texts, chance))
            return [one for kind, gold in asked for one in await _ask(promptuary, name, kind, gold)]


def _questions(
    folder: Path, name: str, texts: Mapping[str, str], chance: random.Random
) -> Iterator[tuple[str, Gold]]:
    gold = gold_of(folder / name)
    own = [one for one in gold if not one.unanswerable]
    near = [one for one in gold if one.unanswerable]
    if not near:
        others = [one.question for one in own]
        near = [
            replace(one, question=question, unanswerable=True)
            for one in own
            for question in near_misses(one.question, _evidence(one, texts), others, chance)
        ]
    yield from (("own", one) for one in _drawn(own, OWN, chance))
    yield from (("near", one) for one in _drawn(near, NEAR, chance))
    for other in COLLECTIONS:
        if other != name:
            strange = [one for one in gold_of(folder / other) if not one.unanswerable]
            yield from (("outside", one) for one in _drawn(strange, STRANGE, chance))


def _drawn(gold: Sequence[Gold], most: int, chance: random.Random) -> list[Gold]:
    return chance.sample(gold, min(most, len(gold)))


def _evidence(gold: Gold, texts: Mapping[str, str]) -> str:
    """What stands around the answer."""
    document = texts.get(gold.documents[0], "") if gold.documents else ""
    spans = gold.spans or ((0, len(document)),)
    return " ".join(document[max(0, start - 500) : end + 500] for start, end in spans)


async def _ask(promptuary: Promptuary, name: str, kind: str, gold: Gold) -> list[Sample]:
    parts = promptuary._asking
    question = read(gold.question)
    found = await retrieved(parts, Asked(gold.question, explained=False))
    rarity = await rarity_of(parts.sides.first.index, gold.question)
    thesaurus = parts.answering.thesaurus
    evidence = weigh(question, found, thesaurus, rarity)
    if not evidence:
        return []
    chosen = choose(question, evidence)
    right = kind == "own" and _right(gold, worded(chosen), cite(chosen))
    part = gold.documents[0].split("_")[0] if gold.documents else gold.id
    features = portray(question, evidence, thesaurus)
    return [Sample(name, part, kind, features, right)]


def _right(gold: Gold, text: str, cited: Sequence[Any]) -> bool:
    """It says the answer; where no words of it are known, it cites where the answer stands."""
    if gold.answers and not gold.spans and len(gold.answers[0]) < 100:
        return holds(text, gold.answers)
    there = [each for each in cited if each.source in gold.documents]
    return bool(there) and (not gold.spans or any(_meets(c, s) for c in there for s in gold.spans))


def _meets(citation: Any, span: tuple[int, int]) -> bool:
    shared = min(citation.end, span[1]) - max(citation.start, span[0])
    return shared > 0.3 * min(citation.end - citation.start, span[1] - span[0])


def fit(found: Sequence[Sample]) -> Calibration:
    """Both models, then what makes them true (Platt's two numbers)."""
    about = _logistic(found, ABOUT, [one.kind != "outside" for one in found], INSIDE, 10.0)
    inside = [one for one in found if one.kind != "outside"]
    answered = _logistic(inside, ANSWERED, [one.kind == "own" for one in inside], ANSWERABLE, 0.3)
    rough = Calibration(about, answered)
    raw = np.array([[rough.raw(one.features)] for one in found])
    right = [one.right for one in found]
    platt = LogisticRegression(C=1e6).fit(raw, right, sample_weight=_weights(found, PRIOR))
    scale, offset = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    return replace(rough, scale=round(scale, 4), offset=round(offset, 4))


def _logistic(
    found: Sequence[Sample],
    names: Sequence[str],
    truth: Sequence[bool],
    shares: Mapping[str, float],
    trust: float,
) -> Logistic:
    """`trust` in the rows against the penalty on standardised features."""
    x = np.array([[one.features[name] for name in names] for one in found])
    middle, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    model = LogisticRegression(C=trust, max_iter=1_000)
    model.fit((x - middle) / spread, truth, sample_weight=_weights(found, shares))
    weights = model.coef_[0] / spread
    bias = float(model.intercept_[0] - weights @ middle)
    named = zip(names, weights, strict=True)
    return Logistic(round(bias, 4), {name: round(float(value), 4) for name, value in named})


def _weights(found: Sequence[Sample], shares: Mapping[str, float]) -> Any:
    """In each collection kinds weigh as `shares` say, however many there are of each."""
    many: dict[tuple[str, str], int] = {}
    for one in found:
        many[one.collection, one.kind] = many.get((one.collection, one.kind), 0) + 1
    raw = np.array([shares[one.kind] / many[one.collection, one.kind] for one in found])
    return raw / raw.mean()


def told(model: Calibration, found: Sequence[Sample]) -> tuple[list[float], list[Sample]]:
    """The probabilities of samples, and those."""
    return [model.probability(one.features) for one in found], list(found)


def line(name: str, sure: Sequence[float], found: Sequence[Sample]) -> str:
    """How well the kinds are told apart, and how true the probabilities are."""
    chances, kinds = np.array(sure), np.array([one.kind for one in found])
    right = np.array([float(one.right) for one in found])
    parts = []
    for kind in ("outside", "near"):
        these = (kinds == "own") | (kinds == kind)
        parts.append(f"{kind} AUROC {auroc(chances[these], kinds[these] == 'own'):.4f}")
        if kind == "outside":
            parts.append(f"ECE {calibration_error(chances[these], right[these]):.4f}")
    return f"{name}: {', '.join(parts)}"


def report(found: Sequence[Sample]) -> None:
    """Each collection by models of the others; SQuAD also by its own other documents."""
    for name in COLLECTIONS:
        rest = [one for one in found if one.collection != name]
        judged = [one for one in found if one.collection == name]
        print(line(f"{name}, left out", *told(fit(rest), judged)), flush=True)
    parts = sorted({one.part for one in found if one.collection == PEOPLE})
    sure: list[float] = []
    seen: list[Sample] = []
    for fold in range(FOLDS):
        out = set(parts[fold::FOLDS])
        judged = [one for one in found if one.collection == PEOPLE and one.part in out]
        model = fit([o for o in found if o.collection != PEOPLE or o.part not in out])
        sure += told(model, judged)[0]
        seen += judged
    print(line(f"{PEOPLE}, documents left out", sure, seen))


def main() -> None:
    """Judge, then learn from all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--keep", type=Path, help="samples are read from here if they are there")
    asked = parser.parse_args()
    folder = Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "rag"
    if asked.keep and asked.keep.is_file():
        found = pickle.loads(asked.keep.read_bytes())
    else:
        found = [one for name in COLLECTIONS for one in anyio.run(samples, folder, name)]
        if asked.keep:
            asked.keep.write_bytes(pickle.dumps(found))
    report(found)
    model = fit(found)
    written = {name: asdict(model)[name] for name in ("about", "answered", "scale", "offset")}
    asked.out.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
