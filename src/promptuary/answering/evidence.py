"""Which pieces of the found passages answer the question, by figures that need no model to run.

Every word of the question is looked for in every piece: the same stem counts 1, another word as
much as the thesaurus says, or as its letters do (`likeness.py`). Words weigh by how rare they are.
What the figures say together is a linear model that `bench/train_evidence.py` makes; it looks at
how far a piece stands out among the pieces of its question, not at how high its figures are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import log, log1p
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from promptuary.answering.cues import holds
from promptuary.answering.interaction import LATE, interactions
from promptuary.answering.likeness import Likeness, Meaning, meanings
from promptuary.answering.pieces import Piece, pieces
from promptuary.answering.question import Question, names
from promptuary.ports.embedder import ContextualEmbedder
from promptuary.retrieval.passages import Retrieved
from promptuary.retrieval.stems import stem
from promptuary.retrieval.thesaurus import Thesaurus
from promptuary.retrieval.words import words

Rarity: TypeAlias = Mapping[str, float]
"""How rare each stem is in the collection: its inverse document frequency, above 0."""

Figures: TypeAlias = NDArray[np.float64]

RANKED = ("words", "soft", "passage", "near", "meaning")
"""What is known of a passage since it was looked for; see `retrieval/features.py`."""

FEATURES = (
    "soft", "local", "context", "passage", "window", "mean", "length", "asked_for", "number",
    "time", "name", "question", *(f"ranked_{name}" for name in RANKED),
)  # fmt: skip
"""What is known of a piece; `weigh` says how."""

HEADING = 3.0
"""What a heading is short of, in units of the model: it says where an answer stands."""
LEAST_SPREAD = 0.05
"""Where the pieces of a question differ by less in a figure, it tells less."""

BEFORE, AFTER, ABOVE = 0.7, 0.5, 0.8
"""What a word counts that stands in the piece before or after, or in a heading above."""
CARRIED = 0.9
"""What a word counts that a pronoun at the beginning carries on from the piece before."""

_PRONOUNS = frozenset(
    ("it", "its", "he", "his", "she", "her", "they", "their", "this", "these", "that", "those")
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of a found passage. `score` is the chance that it is the one that answers, if one of
    them does; the scores of the pieces of one question add up to 1.

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


@cache
def shipped(*, contextual: bool = False) -> Mapping[str, float]:
    """The weight of each feature, from the model that lies beside this module; with `contextual`
    of FEATURES and LATE, where a model reads words in their context."""
    name = "contextual_evidence_model.json" if contextual else "evidence_model.json"
    text = files(__package__).joinpath(name).read_text("utf-8")
    return {name: float(weight) for name, weight in json.loads(text).items()}


def weigh(
    question: Question,
    found: Sequence[Retrieved],
    thesaurus: Thesaurus,
    rarity: Rarity | None = None,
    contextual: ContextualEmbedder | None = None,
) -> list[Evidence]:
    """Every piece of the found passages, best first.

    With a `contextual` model that does not fail the figures LATE count too; see `interaction.py`.

    `soft` is the share of the question's words in the piece, weighed by rarity; `local` the same,
    weighed by how few pieces of the passage have the word; `context` counts neighbouring pieces and
    headings too, `passage` the whole passage. `window` and `mean` compare vectors of words
    (`likeness.meanings`). `length` is the logarithm of its words; `asked_for`: a time, number,
    person or place where one is asked for, again as `number` and `time`, and as `name` the
    logarithm of how many. `ranked_...` is what retrieval says of its passage.
    """
    texts = [_read(each) for each in found]
    likeness = Likeness(
        question, [p for text in texts for p in (*text.pieces, text.above)], thesaurus
    )
    idf = _rarities(question, texts, rarity)
    cut = [text.cut for text in texts]
    late = interactions(question, idf, found, cut, contextual) if contextual else None
    near = iter(meanings(question, [piece for text in texts for piece in text.pieces], thesaurus))
    rows: list[Evidence] = []
    for rank, (retrieved, text) in enumerate(zip(found, texts, strict=True)):
        if text.cut:
            figures = _figures(likeness, text, idf)
            alike = [next(near) for _ in text.cut]
            own = _evidence(question, retrieved, rank, text, figures, alike)
            rows += [_seen(*each) for each in zip(own, late[rank], strict=True)] if late else own
    return _ordered(rows)


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


def _rarities(question: Question, texts: Sequence[_Text], rarity: Rarity | None) -> Figures:
    """Of the question's words; without the collection's, those among the found passages."""
    if rarity is not None:
        return np.array([max(rarity.get(each, 0.0), 1e-6) for each in question.stems])
    having = [{stem(term) for piece in text.pieces for term in piece} for text in texts]
    standing = [sum(each in stems for stems in having) for each in question.stems]
    return np.array([log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for n in standing])


def _seldom(matches: Figures) -> Figures:
    """How few of these pieces have each word."""
    having = (matches >= 1).sum(axis=0)
    found: Figures = np.log((len(matches) + 1) / (having + 0.5))
    return found


def _figures(likeness: Likeness, text: _Text, idf: Figures) -> _Found:
    matches = np.array([likeness.of(piece) for piece in text.pieces])
    above = likeness.of(text.above)
    around = np.maximum(matches.max(axis=0), above)
    shares = {
        "soft": _share(matches, idf),
        "local": _share(matches, _seldom(matches) * np.sqrt(idf)),
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
    question: Question,
    retrieved: Retrieved,
    rank: int,
    text: _Text,
    found: _Found,
    alike: Sequence[Meaning],
) -> list[Evidence]:
    """The pieces of one passage, which have no score yet."""
    ranked = {f"ranked_{name}": retrieved.features.get(name, 0.0) for name in RANKED}
    rows = []
    for at, piece in enumerate(text.cut):
        quote = retrieved.passage.text[piece.start : piece.end]
        features = {name: float(values[at]) for name, values in found.shares.items()}
        features |= {"window": alike[at].window, "mean": alike[at].mean}
        features |= {"length": log1p(len(text.pieces[at])), **_asked_for(question, quote, piece)}
        features |= {"question": float(quote.rstrip().endswith("?")), **ranked}
        here, around = tuple(found.matches[at].tolist()), tuple(found.around.tolist())
        rows.append(Evidence(retrieved, rank, piece, features, 0.0, here, around))
    return rows


def _seen(row: Evidence, late: Mapping[str, float]) -> Evidence:
    return replace(row, features={**row.features, **late})


def _asked_for(question: Question, quote: str, piece: Piece) -> dict[str, float]:
    held = holds(question, quote, piece.kind)
    told = {name.casefold() for name in question.text.split()}
    new = set(names(quote)) - told if question.asks in {"person", "place"} else ()
    return {
        "asked_for": held,
        "number": held * (question.asks == "number"),
        "time": held * (question.asks == "time"),
        "name": log1p(len(new)),
    }


def _ordered(rows: Sequence[Evidence]) -> list[Evidence]:
    """The pieces with their scores, best first."""
    if not rows:
        return []
    contextual = LATE[0] in rows[0].features
    names = (*FEATURES, *LATE) if contextual else FEATURES
    weights = np.array([shipped(contextual=contextual)[name] for name in names])
    figures = np.array([[row.features[name] for name in names] for row in rows])
    standing = standardised(figures) @ weights
    standing -= HEADING * np.array([row.piece.kind == "heading" for row in rows])
    odds = np.exp(standing - standing.max())
    scored = [
        replace(row, score=float(score)) for row, score in zip(rows, odds / odds.sum(), strict=True)
    ]
    return sorted(scored, key=lambda each: -each.score)


def standardised(figures: Figures) -> Figures:
    """Each column's distance from its mean, in standard deviations (LEAST_SPREAD at least)."""
    spread = np.maximum(figures.std(axis=0), LEAST_SPREAD)
    found: Figures = (figures - figures.mean(axis=0)) / spread
    return found
