"""Which templates ask the same thing: a learned likeness of pairs, and groups by average linkage.

Each pair has six features: cosines of the words and of the character 4-grams of the fixed text
(tf-idf), cosines of the meaning of the fixed text and of whole examples, the share of slot types
in common, and by how many slots they differ. A logistic model (`bench/train_families.py`) makes
a probability of them. Then templates are also compared by their company: the cosine of the
probabilities of their nearest, as in clustering by shared neighbours (Jarvis and Patrick 1973).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.families.linkage import average_linkage, groups_at, joins
from promptuary.canon.families.tfidf import character_bags, cosine, word_bags

Floats = NDArray[np.float32]
Groups = tuple[tuple[str, ...], ...]

COMPANIES = (4, 5, 6, 7)  # so many nearest of a template, itself among them
CUTS = (0.25, 0.3, 0.35, 0.4, 0.45)  # mean likeness of two groups below which they stay apart
VOTE = 0.375  # of the groupings put two groups together, on average, or they stay apart

NOTHING_SAID: Mapping[tuple[str, str], bool] = MappingProxyType({})

Model = tuple[float, Mapping[str, float]]
"""Bias and the weight of each feature."""


@dataclass(frozen=True, slots=True)
class FamilyItem:
    """A template to group: the caller's key, its fixed text, the types of its slots, and two
    vectors: what the fixed text means, and what examples of it mean (zero for nothing)."""

    key: str
    fixed: str
    slots: tuple[str, ...]
    meaning: Floats
    examples: Floats


def families(
    items: Sequence[FamilyItem],
    *,
    vote: float = VOTE,
    pairs: Mapping[tuple[str, str], bool] = NOTHING_SAID,
) -> Groups:
    """Groups of keys, each sorted, ordered by their first; the same for any order of `items`.

    `pairs` of keys were said to be together or apart: two that are apart never share a group, and
    two that are together do unless that would bring two together that are apart. Quadratic in the
    number of items.
    """
    items = sorted(items, key=lambda item: item.key)
    if len(items) < 2:
        return tuple((item.key,) for item in items)
    alike = agreement(items)
    row = {item.key: at for at, item in enumerate(items)}
    for (one, other), together in pairs.items():
        if one in row and other in row:
            alike[row[one], row[other]] = alike[row[other], row[one]] = 1 if together else -1
    groups = average_linkage(alike, vote)
    return tuple(sorted(tuple(items[at].key for at in group) for group in groups))


def agreement(items: Sequence[FamilyItem], model: Model | None = None) -> Floats:
    """In which share of many groupings two templates are together, a square matrix.

    One grouping hangs on where it is cut: a likeness that moves by a hair joins two large families
    or does not. Many cuts, and several ideas of what company is, move less than one (evidence
    accumulation: Fred and Jain 2005).
    """
    alone = probability(items, model)
    together = np.zeros_like(alone)
    for count in COMPANIES:
        joined = joins(_likeness(alone, count), min(CUTS))
        for cut in CUTS:
            home = np.empty(len(items), dtype=np.int64)
            for number, group in enumerate(groups_at(joined, len(items), cut)):
                home[group] = number
            together += home[:, None] == home
    share: Floats = together / np.float32(len(COMPANIES) * len(CUTS))
    return share


def _likeness(alone: Floats, count: int) -> Floats:
    """Of each pair by itself and by the company both keep (Jarvis and Patrick 1973)."""
    company = _company(alone, count)
    alike: Floats = (0.5 * (alone + company @ company.T)).astype(np.float32)
    return alike


def probability(items: Sequence[FamilyItem], model: Model | None = None) -> Floats:
    """That two templates ask the same, as far as they themselves say: a square matrix."""
    bias, weights = model or shipped_model()
    score = np.full((len(items), len(items)), bias, dtype=np.float32)
    for name, matrix in features(items).items():
        score += np.float32(weights[name]) * matrix
    alone: Floats = (1 / (1 + np.exp(-score))).astype(np.float32)
    return alone


def features(items: Sequence[FamilyItem]) -> dict[str, Floats]:
    """What is compared of each pair: square matrices by name."""
    texts = [item.fixed for item in items]
    meaning = np.stack([item.meaning for item in items])
    examples = np.stack([item.examples for item in items])
    count = np.array([len(item.slots) for item in items], dtype=np.float32)
    return {
        "words": cosine([(1.0, word_bags(texts, (1,)))], len(items)),
        "characters": cosine([(1.0, character_bags(texts, (4,)))], len(items)),
        "meaning": meaning @ meaning.T,
        "examples": examples @ examples.T,
        "slot_types": _shared([Counter(item.slots) for item in items]),
        "slot_count": np.abs(count[:, None] - count),
    }


@cache
def shipped_model() -> Model:
    """The trained model (`bench/train_families.py`)."""
    text = files("promptuary.canon.families").joinpath("kin_model.json").read_text("utf-8")
    data = json.loads(text)
    return float(data["bias"]), {name: float(weight) for name, weight in data["weights"].items()}


def _shared(types: Sequence[Counter[str]]) -> Floats:
    """Slot types that two have in common over those that either has."""
    both = np.zeros((len(types), len(types)), dtype=np.float32)
    either = np.zeros_like(both)
    for name in sorted(set().union(*types)):
        count = np.array([one[name] for one in types], dtype=np.float32)
        both += np.minimum(count[:, None], count)
        either += np.maximum(count[:, None], count)
    np.divide(both, np.maximum(either, 1), out=both)
    return both


def _company(alone: Floats, count: int) -> Floats:
    """Each row's `count` largest probabilities, its own being 1, scaled to length one."""
    own = alone.copy()
    np.fill_diagonal(own, 1)
    nearest = np.argsort(-own, axis=1, kind="stable")[:, :count]
    company = np.zeros_like(own)
    np.put_along_axis(company, nearest, np.take_along_axis(own, nearest, axis=1), axis=1)
    company /= np.linalg.norm(company, axis=1, keepdims=True)
    return company
