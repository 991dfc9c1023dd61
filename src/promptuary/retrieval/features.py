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
from functools import lru_cache
from math import sqrt
from operator import mul

import numpy as np
from numpy.typing import NDArray

from promptuary.retrieval.products import weighed
from promptuary.retrieval.questions import Question
from promptuary.retrieval.readings import Reading, Readings
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
    """The words of the candidates, by number, one after the other, titles first.

    `vocabulary` has the number of each different word in ascending order; `part` is the text that
    a word stands in; `titles` and `bodies` are how many words each candidate has, `names` the words
    of its title.
    """

    reading: Reading
    running: NDArray[np.int32]
    part: Ints
    vocabulary: Ints
    titles: Ints
    bodies: Ints
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Matched:
    """The words that count for a word of the question, in order.

    `at` is where they stand among all, `term` their place in the vocabulary, `owner` the candidate;
    `place` counts from 0 in the title or the body, `titled` says in which; `norm` is what one of
    them counts by the length of the text it stands in.
    """

    at: Ints
    term: Ints
    owner: Ints
    place: Ints
    titled: NDArray[np.bool_]
    norm: Floats


def features(
    question: Question, candidates: Sequence[Candidate], thesaurus: Thesaurus | None = None
) -> Features:
    """Each feature's values, in the order of the candidates; without a thesaurus only forms,
    corrections and completions stand for a word."""
    read = _read(candidates, Readings() if thesaurus is None else thesaurus.readings)
    weights = np.array([word.weight for word in question.words], dtype=np.float32)
    weights /= max(float(weights.sum()), 1e-9)
    sure, soft = _shares(question, read, thesaurus)
    typed = " ".join(terms(question.text))
    matched = _matched(read, soft)
    saturated = _saturated(read, matched, sure)
    return {
        "exact": weighed(saturated, weights),
        "soft": weighed(_soft(read, matched, saturated, soft), weights),
        "passage": _passage(read, matched, soft, weights),
        "coverage": weighed(_best(read, matched, soft), weights),
        "near": _near(read, matched, soft),
        "title": _title(typed, read.names),
        "start": np.array([_start(typed, name) for name in read.names], dtype=np.float32),
    }


def _read(candidates: Sequence[Candidate], readings: Readings) -> _Read:
    titles = [each.title for each in candidates]
    bodies = [each.body[:READ] for each in candidates]
    reading = readings.read([*titles, *bodies])
    lengths = np.array([len(part) for part in reading.parts], dtype=np.intp)
    running = np.concatenate([np.zeros(0, dtype=np.int32), *reading.parts])
    standing = np.zeros(len(reading.words), dtype=bool)
    standing[running] = True
    named = [[reading.words[one] for one in part] for part in reading.parts[: len(candidates)]]
    return _Read(
        reading=reading,
        running=running,
        part=np.repeat(np.arange(len(lengths)), lengths),
        vocabulary=np.flatnonzero(standing),
        titles=lengths[: len(candidates)],
        bodies=lengths[len(candidates) :],
        names=tuple(map(" ".join, named)),
    )


def _shares(question: Question, read: _Read, thesaurus: Thesaurus | None) -> tuple[Floats, Floats]:
    """What each word of the vocabulary counts for each of the question: surely, and by meaning as
    well."""
    vocabulary, numbers = read.vocabulary, read.reading.numbers
    sure = np.zeros((len(vocabulary), len(question.words)), dtype=np.float32)
    for column, word in enumerate(question.words):
        for term, share in word.terms.items():
            if (number := numbers.get(term)) is not None:
                row = int(vocabulary.searchsorted(number))
                if row < len(vocabulary) and vocabulary[row] == number:
                    sure[row, column] = share
    if thesaurus is None:
        return sure, sure
    typed = [word.typed for word in question.words]
    return sure, np.maximum(sure, thesaurus.shares_of(typed, read.reading.words, vocabulary))


def _matched(read: _Read, soft: Floats) -> _Matched:
    counting = np.flatnonzero(soft.any(axis=1))
    # Most words count for nothing: they are left out before anything is found out about them.
    term = np.full(len(read.reading.words), -1, dtype=np.intp)
    term[read.vocabulary[counting]] = counting
    terms = term[read.running]
    at = np.flatnonzero(terms >= 0)
    part = read.part[at]
    lengths = np.concatenate([read.titles, read.bodies])
    starts = np.cumsum(lengths) - lengths
    titled, owner = part < len(read.titles), part % max(1, len(read.titles))
    title = TITLE_WEIGHT / (1 - TITLE_B + TITLE_B * read.titles[owner] / TITLE_LENGTH)
    body = 1 / (1 - BODY_B + BODY_B * read.bodies[owner] / BODY_LENGTH)
    norm = np.where(titled, title, body).astype(np.float32)
    return _Matched(at, terms[at], owner, at - starts[part], titled, norm)


def _saturated(read: _Read, matched: _Matched, sure: Floats) -> Floats:
    """BM25F's saturated frequency of each word of the question, forms counted together."""
    total = np.zeros((len(read.bodies), sure.shape[1]), dtype=np.float32)
    np.add.at(total, matched.owner, sure[matched.term] * matched.norm[:, None])
    return total / (total + np.float32(K1))


def _soft(read: _Read, matched: _Matched, saturated: Floats, soft: Floats) -> Floats:
    """The best that stands for each word: the word itself, or one term of nearly its meaning."""
    best = saturated.copy()
    pairs = matched.owner * len(read.vocabulary) + matched.term
    which, inverse = np.unique(pairs, return_inverse=True)
    counted = np.bincount(inverse, matched.norm).astype(np.float32)
    owner, term = np.divmod(which, max(1, len(read.vocabulary)))
    np.maximum.at(best, owner, soft[term] * (counted / (counted + np.float32(K1)))[:, None])
    return best


def _best(read: _Read, matched: _Matched, soft: Floats) -> Floats:
    best = np.zeros((len(read.bodies), soft.shape[1]), dtype=np.float32)
    np.maximum.at(best, matched.owner, soft[matched.term])
    return best


def _passage(read: _Read, matched: _Matched, soft: Floats, weights: Floats) -> Floats:
    """Windows of WINDOW words every STRIDE words; what stands in the title stands in all."""
    count = 1 + np.maximum(0, -(-(read.bodies - WINDOW) // STRIDE))
    first = np.cumsum(count) - count
    named = np.zeros((len(read.bodies), soft.shape[1]), dtype=np.float32)
    np.maximum.at(named, matched.owner[matched.titled], soft[matched.term[matched.titled]])
    windows = np.repeat(named, count, axis=0)
    inside = ~matched.titled
    owner, values = matched.owner[inside], soft[matched.term[inside]]
    for back in range(WINDOW // STRIDE):
        window = matched.place[inside] // STRIDE - back
        there = (window >= 0) & (window < count[owner])
        np.maximum.at(windows, first[owner[there]] + window[there], values[there])
    if not count.size:
        return np.zeros(0, dtype=np.float32)
    return np.asarray(np.maximum.reduceat(weighed(windows, weights), first), dtype=np.float32)


def _near(read: _Read, matched: _Matched, soft: Floats) -> Floats:
    """Which words of the question that are neighbours stand one or two words apart."""
    words = soft.shape[1]
    together = np.zeros((len(read.bodies), max(1, words - 1)), dtype=bool)
    strong = soft[matched.term].max(axis=1, initial=0) >= 0.7
    standing = matched.at[strong]
    asked = np.full(len(read.running) + 2, -1)
    asked[standing] = soft[matched.term[strong]].argmax(axis=1) if standing.size else -1
    for apart in (1, 2):
        here = standing[standing + apart < len(read.running)]
        there = here + apart
        here = here[
            (asked[there] >= 0)
            & (np.abs(asked[here] - asked[there]) == 1)
            & (read.part[here] == read.part[there])
        ]
        pair = np.minimum(asked[here], asked[here + apart])
        together[read.part[here] % max(1, len(read.bodies)), pair] = True
    return np.asarray(together.mean(axis=1), dtype=np.float32)


def _title(typed: str, titles: Sequence[str]) -> Floats:
    asked = Counter(_trigrams(typed))
    length = _length(typed)
    cosines = np.zeros(len(titles), dtype=np.float32)
    for at, title in enumerate(titles):
        if title and length:
            product = sum([asked[part] for part in _trigrams(title) if part in asked])
            cosines[at] = product / (length * _length(title))
    return cosines


def _trigrams(text: str) -> list[str]:
    padded = f" {text} "
    return [padded[at : at + 3] for at in range(len(padded) - 2)]


@lru_cache(maxsize=10_000)
def _length(text: str) -> float:
    counts = Counter(_trigrams(text)).values()
    return sqrt(sum(map(mul, counts, counts)))


def _start(typed: str, title: str) -> float:
    """At least 0.7 where the title starts with what was typed, 1 where it is no longer."""
    return 0.7 + 0.3 * len(typed) / len(title) if typed and title.startswith(typed) else 0.0
