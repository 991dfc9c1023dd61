"""What of a question stands in each candidate, as numbers. Pure.

Every feature is one number for each candidate, as a share of the question's summed weight (the
inverse document frequencies of its words) where it counts words, so that it is in [0, 1]:

| feature    | what it is                                                                        |
|------------|-----------------------------------------------------------------------------------|
| `exact`    | BM25F (Robertson et al. 2004) over title and body: the words and their forms      |
| `soft`     | the same, where a word of nearly the same meaning counts a part, the best of them |
| `passage`  | soft coverage of the best WINDOW words of the body, with the title                |
| `coverage` | soft coverage of the whole                                                        |
| `near`     | share of neighbouring words of the question that stand within two words           |
| `title`    | cosine of the character trigrams of question and title                            |
| `start`    | how far the title goes on where it starts with the question                       |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from operator import mul

import numpy as np
from numpy.typing import NDArray

from promptuary.retrieval.products import weighed
from promptuary.retrieval.questions import Question
from promptuary.retrieval.readings import Readings
from promptuary.retrieval.thesaurus import Thesaurus
from promptuary.retrieval.words import terms

K1 = 1.5
TITLE_WEIGHT = 5.0
TITLE_B, BODY_B = 0.8, 0.75
TITLE_LENGTH, BODY_LENGTH = 8, 64
"""Fixed typical lengths, so that a candidate's features do not depend on the rest of the index."""

WINDOW, STRIDE = 50, 25
READ = 8_000
"""Characters of a body that are looked at."""

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]
Features = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be found: its title, or "", and everything else it says."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class _Read:
    """All words of the candidates, one after the other, titles first.

    `term` numbers the words of `vocabulary`; `owner` is the candidate; `place` counts from 0 in
    the title or the body, `titled` says in which; `titles` and `bodies` are how many words each
    candidate has, `names` the words of its title.
    """

    vocabulary: tuple[str, ...]
    term: Ints
    owner: Ints
    place: Ints
    titled: NDArray[np.bool_]
    titles: Ints
    bodies: Ints
    names: tuple[str, ...]


def features(
    question: Question, candidates: Sequence[Candidate], thesaurus: Thesaurus | None = None
) -> Features:
    """Each feature's values, in the order of the candidates; without a thesaurus only forms,
    corrections and completions stand for a word."""
    read = _read(candidates, Readings() if thesaurus is None else thesaurus.readings)
    weights = np.array([word.weight for word in question.words], dtype=np.float32)
    weights /= max(float(weights.sum()), 1e-9)
    sure, soft = _shares(question, read.vocabulary, thesaurus)
    typed = " ".join(terms(question.text))
    matched = np.flatnonzero(np.asarray(soft.any(axis=1))[read.term])
    return {
        "exact": weighed(_saturated(read, matched, sure), weights),
        "soft": weighed(_soft(read, matched, sure, soft), weights),
        "passage": _passage(read, matched, soft, weights),
        "coverage": weighed(_best(read, matched, soft), weights),
        "near": _near(read, matched, soft, len(candidates)),
        "title": _title(_trigrams(typed), read.names),
        "start": np.array([_start(typed, name) for name in read.names], dtype=np.float32),
    }


def _read(candidates: Sequence[Candidate], readings: Readings) -> _Read:
    titles = [each.title for each in candidates]
    bodies = [each.body[:READ] for each in candidates]
    parts, words = readings.read([*titles, *bodies])
    lengths = np.array([len(part) for part in parts], dtype=np.intp)
    numbers = np.concatenate([np.zeros(0, dtype=np.int32), *parts])
    standing = np.zeros(len(words), dtype=bool)
    standing[numbers] = True
    vocabulary = np.flatnonzero(standing)
    renumbered = np.cumsum(standing) - 1
    part = np.repeat(np.arange(len(parts)), lengths)
    return _Read(
        vocabulary=tuple([words[number] for number in vocabulary]),
        term=renumbered[numbers],
        owner=part % max(1, len(candidates)),
        place=np.arange(len(numbers)) - np.repeat(np.cumsum(lengths) - lengths, lengths),
        titled=part < len(candidates),
        titles=lengths[: len(candidates)],
        bodies=lengths[len(candidates) :],
        names=tuple(
            [" ".join([words[number] for number in part]) for part in parts[: len(candidates)]]
        ),
    )


def _shares(
    question: Question, vocabulary: tuple[str, ...], thesaurus: Thesaurus | None
) -> tuple[Floats, Floats]:
    """What each term counts for each word of the question: surely, and by meaning as well."""
    numbers = {term: at for at, term in enumerate(vocabulary)}
    sure = np.zeros((len(vocabulary), len(question.words)), dtype=np.float32)
    for column, word in enumerate(question.words):
        for term, share in word.terms.items():
            if (row := numbers.get(term)) is not None:
                sure[row, column] = share
    if thesaurus is None:
        return sure, sure
    like = thesaurus.shares([word.typed for word in question.words], vocabulary)
    return sure, np.maximum(sure, like)


def _saturated(read: _Read, matched: Ints, sure: Floats) -> Floats:
    """BM25F's saturated frequency of each word of the question, forms counted together."""
    total = np.zeros((len(read.bodies), sure.shape[1]), dtype=np.float32)
    np.add.at(total, read.owner[matched], sure[read.term[matched]] * _length_norm(read, matched))
    return total / (total + np.float32(K1))


def _soft(read: _Read, matched: Ints, sure: Floats, soft: Floats) -> Floats:
    """The best that stands for each word: the word itself, or one term of nearly its meaning."""
    best = _saturated(read, matched, sure)
    pairs = read.owner[matched] * len(read.vocabulary) + read.term[matched]
    which, inverse = np.unique(pairs, return_inverse=True)
    counted = np.bincount(inverse, _length_norm(read, matched)[:, 0]).astype(np.float32)
    owner, term = np.divmod(which, max(1, len(read.vocabulary)))
    np.maximum.at(best, owner, soft[term] * (counted / (counted + np.float32(K1)))[:, None])
    return best


def _length_norm(read: _Read, matched: Ints) -> Floats:
    owner = read.owner[matched]
    title = TITLE_WEIGHT / (1 - TITLE_B + TITLE_B * read.titles[owner] / TITLE_LENGTH)
    body = 1 / (1 - BODY_B + BODY_B * read.bodies[owner] / BODY_LENGTH)
    norm = np.where(read.titled[matched], title, body).astype(np.float32)
    return np.asarray(norm[:, None])


def _best(read: _Read, matched: Ints, soft: Floats) -> Floats:
    best = np.zeros((len(read.bodies), soft.shape[1]), dtype=np.float32)
    np.maximum.at(best, read.owner[matched], soft[read.term[matched]])
    return best


def _passage(read: _Read, matched: Ints, soft: Floats, weights: Floats) -> Floats:
    """Windows of WINDOW words every STRIDE words; what stands in the title stands in all."""
    count = 1 + np.maximum(0, -(-(read.bodies - WINDOW) // STRIDE))
    first = np.cumsum(count) - count
    titled = matched[read.titled[matched]]
    windows = np.repeat(_best(read, titled, soft), count, axis=0)
    inside = matched[~read.titled[matched]]
    owner, values = read.owner[inside], soft[read.term[inside]]
    for back in range(WINDOW // STRIDE):
        window = read.place[inside] // STRIDE - back
        there = (window >= 0) & (window < count[owner])
        np.maximum.at(windows, first[owner[there]] + window[there], values[there])
    if not count.size:
        return np.zeros(0, dtype=np.float32)
    return np.asarray(np.maximum.reduceat(weighed(windows, weights), first), dtype=np.float32)


def _near(read: _Read, matched: Ints, soft: Floats, count: int) -> Floats:
    """Which words of the question that are neighbours stand one or two words apart."""
    words = soft.shape[1]
    together = np.zeros((count, max(1, words - 1)), dtype=bool)
    strong = matched[soft[read.term[matched]].max(axis=1, initial=0) >= 0.7]
    asked = np.full(len(read.term) + 2, -1)
    asked[strong] = soft[read.term[strong]].argmax(axis=1) if strong.size else -1
    for apart in (1, 2):
        here = strong[strong + apart < len(read.term)]
        there = here + apart
        here = here[
            (asked[there] >= 0)
            & (np.abs(asked[here] - asked[there]) == 1)
            & (read.owner[here] == read.owner[there])
            & (read.titled[here] == read.titled[there])
        ]
        pair = np.minimum(asked[here], asked[here + apart])
        together[read.owner[here], pair] = True
    return np.asarray(together.mean(axis=1), dtype=np.float32)


def _title(asked: Counter[str], titles: Sequence[str]) -> Floats:
    length = _length(asked)
    cosines = np.zeros(len(titles), dtype=np.float32)
    for at, title in enumerate(titles):
        if title and length:
            standing = _trigrams(title)
            common = standing.keys() & asked.keys()
            product = sum([standing[part] * asked[part] for part in common])
            cosines[at] = product / (length * _length(standing))
    return cosines


def _trigrams(text: str) -> Counter[str]:
    padded = f" {text} "
    return Counter([padded[at : at + 3] for at in range(len(padded) - 2)])


def _length(counts: Counter[str]) -> float:
    return sqrt(sum(map(mul, counts.values(), counts.values())))


def _start(typed: str, title: str) -> float:
    """At least 0.7 where the title starts with what was typed, 1 where it is no longer."""
    return 0.7 + 0.3 * len(typed) / len(title) if typed and title.startswith(typed) else 0.0
