"""How likely each word of a prompt is template text, judged by corpus statistics alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain, zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.corpus import Corpus
from promptuary.canon.discovery.features import first_look, second_look
from promptuary.canon.discovery.ngrams import Floats, windows

BLOCK = 8_192  # rows scored at a time, so that columns stay in the processor's cache


@dataclass(frozen=True, slots=True)
class SymmetricTree:
    """A tree that asks the same question in every node of a level (`feature > threshold`).

    The answers are the bits of a leaf's number, first level first.
    """

    features: tuple[str, ...]
    thresholds: tuple[float, ...]
    leaves: Floats


@dataclass(frozen=True, slots=True)
class LogisticTrees:
    """P = 1 / (1 + exp(-(bias + sum of the trees' leaves)))."""

    bias: float
    trees: tuple[SymmetricTree, ...]


def static_text(corpus: Corpus) -> Floats:
    """P(template text) of every flat position of the corpus.

    Two rounds: the second also sees what the first believes of the same passages elsewhere.
    """
    if not len(corpus.flat):
        return np.zeros(0, dtype=np.float32)
    first, second = shipped_model()
    grams = windows(corpus)
    features = dict(first_look(corpus, grams))
    belief = probability(first, features)
    features.update(second_look(corpus, grams, belief))
    return probability(second, features)


def probability(model: LogisticTrees, features: Mapping[str, Floats]) -> Floats:
    """What the model says of every row; boosted symmetric trees as in Prokhorenkova (2018)."""
    rows = len(next(iter(features.values())))
    score = np.full(rows, model.bias, dtype=np.float32)
    for start in range(0, rows, BLOCK):
        part = slice(start, start + BLOCK)
        for tree, leaf in zip(model.trees, _leaves(model, features, part), strict=True):
            score[part] += tree.leaves.take(leaf)
    return (1 / (1 + np.exp(-score))).astype(np.float32)


def _leaves(model: LogisticTrees, features: Mapping[str, Floats], part: slice) -> NDArray[np.uint8]:
    """Every tree's leaf of each row; a question that several trees ask is answered once."""
    asked = [list(zip(tree.features, tree.thresholds, strict=True)) for tree in model.trees]
    different = {question: n for n, question in enumerate(dict.fromkeys(chain(*asked)))}
    answers = np.zeros((len(different) + 1, len(next(iter(features.values()))[part])), dtype=bool)
    for (name, threshold), answer in zip(different, answers, strict=False):
        np.greater(features[name][part], np.float32(threshold), out=answer)
    leaves = np.zeros((len(asked), answers.shape[1]), dtype=np.uint8)
    for bit, questions in enumerate(zip_longest(*asked)):  # the last answer: no, without question
        numbers = [different.get(question, -1) for question in questions]
        leaves |= answers.view(np.uint8)[numbers] << np.uint8(bit)
    return leaves


@cache
def shipped_model() -> tuple[LogisticTrees, LogisticTrees]:
    """The trained model of the first and of the second round (`bench/train_static_text.py`)."""
    text = files("promptuary.canon.discovery").joinpath("static_text_model.json").read_text("utf-8")
    first, second = json.loads(text)["rounds"]
    return read_model(first), read_model(second)


@cache
def shipped_acceptance() -> LogisticTrees:
    """The trained model of what a template looks like (`bench/train_acceptance.py`)."""
    text = files("promptuary.canon.discovery").joinpath("acceptance_model.json").read_text("utf-8")
    return read_model(json.loads(text))


def read_model(data: Mapping[str, Any]) -> LogisticTrees:
    """The model from its JSON form."""
    return LogisticTrees(float(data["bias"]), tuple(_read_tree(tree) for tree in data["trees"]))


def _read_tree(data: Sequence[Any]) -> SymmetricTree:
    features, thresholds, leaves = data
    return SymmetricTree(tuple(features), tuple(thresholds), np.array(leaves, dtype=np.float32))
