"""Which pieces of the found passages answer the question, by figures that need no model to run.

Every word of the question is looked for in every piece: the same stem counts 1, another word as
much as the thesaurus says (late interaction, as in ColBERT, Khattab and Zaharia 2020, over word
vectors in place of contextual ones). Words weigh by how rare they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from promptuary.answering.cues import holds
from promptuary.answering.pieces import Piece, pieces
from promptuary.answering.question import Question, counts
from promptuary.retrieval.passages import Retrieved
from promptuary.retrieval.stems import stem
from promptuary.retrieval.thesaurus import Thesaurus
from promptuary.retrieval.words import words

Rarity: TypeAlias = Mapping[str, float]
"""How rare each stem is in the collection: its inverse document frequency, above 0."""

Figures: TypeAlias = NDArray[np.float64]

FEATURES = (
    "soft", "exact", "local", "pooled", "context", "passage", "score", "first", "asked_for",
    "heading", "short", "question",
)  # fmt: skip
"""What is known of a piece, each about 0 to 1; `weigh` says how."""

WEIGHTS: Mapping[str, float] = {
    "soft": 1.0, "exact": 0.0, "local": 1.0, "pooled": 1.0, "context": 4.0, "passage": 1.0,
    "score": 1.0, "first": 0.2, "asked_for": 1.5, "heading": -3.0, "short": -1.0, "question": -1.5,
}  # fmt: skip

BEFORE, AFTER, ABOVE = 0.7, 0.5, 0.8
"""What a word counts that stands in the piece before or after, or in a heading above."""
CARRIED = 0.9
"""What a word counts that a pronoun at the beginning carries on from the piece before."""

_PRONOUNS = frozenset(
    ("it", "its", "he", "his", "she", "her", "they", "their", "this", "these", "that", "those")
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of a found passage. `score` orders the pieces of one question, higher is better.

    `found` says of each word of the question how well it is found here, and `around` how well in
    the passage and its headings, from 0 to 1.
    """

    retrieved: Retrieved
    rank: int
    piece: Piece
    features: Mapping[str, float]
    score: float
    found: tuple[float, ...]
    around: tuple[float, ...]

    @property
    def quote(self) -> str:
        """The characters of the passage that it is."""
        return self.retrieved.passage.text[self.piece.start : self.piece.end]


def weigh(
    question: Question,
    found: Sequence[Retrieved],
    thesaurus: Thesaurus,
    rarity: Rarity | None = None,
) -> list[Evidence]:
    """Every piece of the found passages, best first.

    `soft` and `exact` are the share of the question's words in the piece, weighed by rarity;
    `local` the same, weighed by how few pieces of the passage have the word; `pooled` by how few
    of all pieces do; `context` counts neighbouring pieces and headings too, `passage` the whole
    passage. `score` is the passage's, to the best one's; `first` falls with its rank; `asked_for`:
    a time, number, person or place where one is asked for.
    """
    texts = [_read(each) for each in found]
    likeness = _Likeness(question, texts, thesaurus)
    idf = _rarities(question, texts, rarity)
    best = max((each.score for each in found), default=1.0) or 1.0
    rows: list[Evidence] = []
    pool = _pooled([likeness.of(text.pieces[at]) for text in texts for at in range(len(text.cut))])
    for rank, (retrieved, text) in enumerate(zip(found, texts, strict=True)):
        if text.cut:
            figures = _figures(likeness, text, idf, pool)
            rows += _evidence(question, retrieved, rank, text, figures, retrieved.score / best)
    return sorted(rows, key=lambda each: -each.score)


@dataclass(frozen=True, slots=True)
class _Text:
    """A passage's pieces with their words, and the words above it."""

    cut: tuple[Piece, ...]
    pieces: tuple[tuple[str, ...], ...]
    above: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """Figures of a passage's pieces: `matches` (pieces, words), `around` (words), and shares."""

    matches: Figures
    around: Figures
    shares: Mapping[str, Figures]


def _read(retrieved: Retrieved) -> _Text:
    passage = retrieved.passage
    cut = tuple(pieces(passage.text))
    said = list(words(passage.text))
    own: list[tuple[str, ...]] = []
    at = 0
    for piece in cut:
        while at < len(said) and said[at].start < piece.start:
            at += 1
        first = at
        while at < len(said) and said[at].end <= piece.end:
            at += 1
        own.append(tuple(word.term for word in said[first:at]))
    above = " ".join((passage.title, *passage.headings))
    return _Text(cut, tuple(own), tuple(word.term for word in words(above)))


class _Likeness:
    """How well each word of the question is found among other words."""

    def __init__(self, question: Question, texts: Sequence[_Text], thesaurus: Thesaurus) -> None:
        every = {term for text in texts for piece in (*text.pieces, text.above) for term in piece}
        known = sorted(filter(counts, every))
        self._vocabulary = {term: at for at, term in enumerate(known)}
        self._words = len(question.stems)
        self._alike: Figures = thesaurus.shares(question.terms, known).T.astype(np.float64)
        stems = [stem(term) for term in known]
        for at, each in enumerate(question.stems):
            self._alike[at, [place for place, one in enumerate(stems) if one == each]] = 1.0

    def of(self, terms: Sequence[str]) -> Figures:
        """Shape (words of the question,), from 0 to 1."""
        at = [self._vocabulary[term] for term in terms if term in self._vocabulary]
        if not at:
            return np.zeros(self._words)
        best: Figures = self._alike[:, at].max(axis=1)
        return best


def _rarities(question: Question, texts: Sequence[_Text], rarity: Rarity | None) -> Figures:
    """Of the question's words; without the collection's, those among the found passages."""
    if rarity is not None:
        return np.array([max(rarity.get(each, 0.0), 1e-6) for each in question.stems])
    having = [{stem(term) for piece in text.pieces for term in piece} for text in texts]
    standing = [sum(each in stems for stems in having) for each in question.stems]
    return np.array([log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for n in standing])


def _pooled(matches: Sequence[Figures]) -> Figures:
    return _seldom(np.array(matches)) if matches else np.zeros(0)


def _seldom(matches: Figures) -> Figures:
    """How few of these pieces have each word."""
    having = (matches >= 1).sum(axis=0)
    found: Figures = np.log((len(matches) + 1) / (having + 0.5))
    return found


def _figures(likeness: _Likeness, text: _Text, idf: Figures, pool: Figures) -> _Found:
    matches = np.array([likeness.of(piece) for piece in text.pieces])
    above = likeness.of(text.above)
    around = np.maximum(matches.max(axis=0), above)
    shares = {
        "soft": _share(matches, idf),
        "exact": _share((matches >= 1).astype(np.float64), idf),
        "local": _share(matches, _seldom(matches) * np.sqrt(idf)),
        "pooled": _share(matches, pool * idf),
        "context": _share(np.maximum(_near(text, matches), ABOVE * above), idf),
        "passage": np.full(len(matches), _share(around[None], idf)[0]),
    }
    return _Found(matches, around, shares)


def _near(text: _Text, matches: Figures) -> Figures:
    """Matches of each piece with what it takes from its neighbours and from what leads it."""
    carried = matches.copy()
    for at, said in enumerate(text.pieces[1:], start=1):
        if said[:1] and said[0] in _PRONOUNS:
            carried[at] = np.maximum(carried[at], CARRIED * carried[at - 1])
    nothing = np.zeros((1, matches.shape[1]))
    before = np.vstack((nothing, matches[:-1]))
    after = np.vstack((matches[1:], nothing))
    leads = BEFORE * _leads(text, matches)
    near: Figures = np.maximum.reduce([carried, BEFORE * before, AFTER * after, leads])
    return near


def _leads(text: _Text, matches: Figures) -> Figures:
    """What the header of a row, or the sentence above a list, matches."""
    starts = {piece.start: at for at, piece in enumerate(text.cut)}
    rows = [starts.get(piece.lead[0]) if piece.lead else None for piece in text.cut]
    nothing = np.zeros(matches.shape[1])
    return np.array([nothing if at is None else matches[at] for at in rows])


def _share(matches: Figures, weights: Figures) -> Figures:
    total = float(weights.sum())
    found: Figures = matches @ weights / (total if total > 0 else 1.0)
    return found


def _evidence(
    question: Question, retrieved: Retrieved, rank: int, text: _Text, found: _Found, score: float
) -> list[Evidence]:
    rows = []
    for at, piece in enumerate(text.cut):
        quote = retrieved.passage.text[piece.start : piece.end]
        features = {name: float(values[at]) for name, values in found.shares.items()}
        features |= {
            "score": score,
            "first": 1 / (1 + rank),
            "asked_for": holds(question, quote, piece.kind),
            "heading": float(piece.kind == "heading"),
            "short": float(len(text.pieces[at]) < 5),
            "question": float(quote.rstrip().endswith("?")),
        }
        value = sum(WEIGHTS[name] * figure for name, figure in features.items())
        here, around = tuple(found.matches[at].tolist()), tuple(found.around.tolist())
        rows.append(Evidence(retrieved, rank, piece, features, value, here, around))
    return rows
