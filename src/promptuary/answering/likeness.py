"""How well words of a question are found among other words: by form, letters and meaning.

Late interaction: each word of the question looks for its best match (as in ColBERT, Khattab and
Zaharia 2020), over vectors of words in place of contextual ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from promptuary.answering.question import Question, counts
from promptuary.retrieval.products import cosines
from promptuary.retrieval.spelling import resemblance
from promptuary.retrieval.stems import stem
from promptuary.retrieval.thesaurus import Thesaurus

Figures: TypeAlias = NDArray[np.float64]
Texts: TypeAlias = Sequence[Sequence[str]]

NEIGHBOUR = 0.5
"""What a neighbour adds to the vector of a word in its place; the next but one adds half of it."""


class Likeness:
    """What each word of some texts counts for each word of a question, from 0 to 1."""

    def __init__(self, question: Question, texts: Texts, thesaurus: Thesaurus) -> None:
        known = sorted({term for text in texts for term in text if counts(term)})
        self._vocabulary = {term: at for at, term in enumerate(known)}
        self._alike: Figures = thesaurus.shares(question.terms, known).T.astype(np.float64)
        stems = [stem(term) for term in known]
        for row, term, base in zip(self._alike, question.terms, question.stems, strict=True):
            same = [at for at, one in enumerate(stems) if one == base]
            row[same] = 1.0
            if term.isalpha():
                near = [resemblance(term, one, typos=not same) for one in known]
                np.maximum(row, near, out=row)

    def of(self, terms: Sequence[str]) -> Figures:
        """How well each word of the question is found among these; shape (words,)."""
        at = [self._vocabulary[term] for term in terms if term in self._vocabulary]
        best: Figures = self._alike[:, at].max(axis=1, initial=0.0)
        return best


@dataclass(frozen=True, slots=True)
class Meaning:
    """How alike a piece and the question are. `window`: the best match of each word of the
    question, both in their places, weighed by how rare it is; `mean`: the cosine of their means."""

    window: float
    mean: float


def meanings(question: Question, texts: Texts, thesaurus: Thesaurus) -> list[Meaning]:
    """By the vectors of their words. A word of a text is as rare as few of the texts have it."""
    if not question.terms:
        return [Meaning(0.0, 0.0)] * len(texts)
    said = [[term for term in text if counts(term)] for text in texts]
    rare = _Rare(said)
    asked = _placed([question.terms], rare, thesaurus)
    own = _placed(said, rare, thesaurus)
    weights = np.array([rare.weight(term) for term in question.terms])
    means = _units(_sums(own.plain, own.ends))
    near = cosines(own.placed, asked.placed)
    mean = means @ _units(_sums(asked.plain, asked.ends))[0]
    found = []
    for at, end in enumerate(own.ends):
        start = own.ends[at - 1] if at else 0
        best = near[start:end].max(axis=0, initial=0.0)
        found.append(Meaning(float(best @ weights / max(weights.sum(), 1e-9)), float(mean[at])))
    return found


class _Rare:
    """How rare words are among some texts."""

    def __init__(self, texts: Texts) -> None:
        self._texts = len(texts)
        self._having = Counter(base for text in texts for base in set(map(stem, text)))

    def weight(self, term: str) -> float:
        return log(1 + self._texts / (self._having[stem(term)] + 0.5))


@dataclass(frozen=True, slots=True)
class _Placed:
    """The words of texts one after the other: `plain` vectors weighed by rarity, and unit vectors
    `placed` among their neighbours. Each text ends before its number in `ends`."""

    plain: NDArray[np.float32]
    placed: NDArray[np.float32]
    ends: list[int]


def _placed(texts: Texts, rare: _Rare, thesaurus: Thesaurus) -> _Placed:
    every = [term for text in texts for term in text]
    ends = np.cumsum([len(text) for text in texts], dtype=np.intp).tolist()
    weights = np.array([rare.weight(term) for term in every], dtype=np.float32)
    plain = thesaurus.vectors(every) * weights[:, None]
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    placed = plain.copy()
    for apart, share in ((1, NEIGHBOUR), (2, NEIGHBOUR / 2)):
        together = (owner[apart:] == owner[:-apart])[:, None] * np.float32(share)
        placed[apart:] += together * plain[:-apart]
        placed[:-apart] += together * plain[apart:]
    return _Placed(plain, _units(placed), ends)


def _sums(rows: NDArray[np.float32], ends: Sequence[int]) -> NDArray[np.float32]:
    totals = np.vstack((np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)))
    at = np.array([0, *ends])
    return np.asarray(totals[at[1:]] - totals[at[:-1]], dtype=np.float32)


def _units(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)
