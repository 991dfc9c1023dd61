"""The words of a question among those of the passages, each as a contextual model reads it there.

Late interaction (ColBERT, Khattab and Zaharia 2020): of every token of the question the largest
cosine over the tokens of a piece. A passage is read as a whole, so that a token of a piece knows
what stands around it. The model is the embedder's, which nobody trained for this; so how much its
figures count is learnt (`bench/train_evidence.py --contextual`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from promptuary.answering.pieces import Piece
from promptuary.answering.question import Question
from promptuary.domain.vectors import TokenStates
from promptuary.ports.embedder import ContextualEmbedder
from promptuary.retrieval.passages import Retrieved
from promptuary.retrieval.products import cosines
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import words

LATE = ("late", "late_passage", "late_asking", "late_asked", "late_plain")
"""What is known of a piece by the tokens in it; `interactions` says how."""

MOST_CHARACTERS = 20_000
"""More text in the passages is not read token by token: that takes a second on one core."""
BEFORE, AFTER = 0.8, 0.7
"""What a token counts that stands in the piece before or after."""

_ASKING = frozenset(
    ("who", "whom", "whose", "when", "where", "what", "which", "why", "how", "many", "much", "long")
)
"""Words of a question that say what kind of thing is asked for."""

Figures: TypeAlias = NDArray[np.float64]


def interactions(
    question: Question,
    idf: Figures,
    found: Sequence[Retrieved],
    cut: Sequence[Sequence[Piece]],
    model: ContextualEmbedder,
) -> list[list[Mapping[str, float]]] | None:
    """The figures LATE of each of the pieces into which each passage was `cut`.

    All are means of cosines of tokens of the question, each with the best of its matches. `late`:
    of the words that count, weighed by `idf`, which is of the question's stems, in the piece and
    its neighbours, which count less; `late_passage`: in the whole passage. `late_asking`: of the
    words that ask (who, when) in the piece, and in `late_asked` with every token of it;
    `late_plain`: of all other words. None where there is too much to read, and where the model
    fails, whatever the reason.
    """
    above = [_above(each) for each in found]
    texts = [top + each.passage.text for top, each in zip(above, found, strict=True)]
    if sum(map(len, texts)) > MOST_CHARACTERS:
        return None
    try:
        (asked,) = model.token_states([question.text], purpose="query")
        said = model.token_states(texts)
        if not all(np.isfinite(states.rows).all() for states in (asked, *said)):
            return None
        parts = _parts(question, idf, asked)
        return [
            _figures(parts, asked, states, [(len(top) + p.start, len(top) + p.end) for p in own])
            for states, top, own in zip(said, above, cut, strict=True)
        ]
    except Exception:  # noqa: BLE001 - another's model may raise anything; words answer as well
        return None


@dataclass(frozen=True, slots=True)
class _Parts:
    """What each token of the question weighs among the words that count, those that ask, and the
    others; each adds up to 1, or to 0 where there are none."""

    counting: Figures
    asking: Figures
    plain: Figures


def _above(retrieved: Retrieved) -> str:
    heads = " ".join(filter(None, (retrieved.passage.title, *retrieved.passage.headings)))
    return f"{heads}\n" if heads else ""


def _parts(question: Question, idf: Figures, asked: TokenStates) -> _Parts:
    """A word's weight is shared among its tokens. Punctuation weighs nothing."""
    rare = dict(zip(question.stems, idf.tolist(), strict=True))
    counting, asking, plain = np.zeros((3, len(asked.rows)))
    for word in words(question.text):
        at = (asked.spans[:, 0] < word.end) & (asked.spans[:, 1] > word.start)
        share = 1 / max(1, int(at.sum()))
        if word.term in _ASKING:
            asking[at] = share
        elif (base := stem(word.term)) in rare:
            counting[at] = rare[base] * share
        else:
            plain[at] = share
    return _Parts(*(each / max(float(each.sum()), 1e-9) for each in (counting, asking, plain)))


def _figures(
    parts: _Parts, asked: TokenStates, said: TokenStates, spans: Sequence[tuple[int, int]]
) -> list[Mapping[str, float]]:
    """Those of the pieces of one passage, of which these are the characters."""
    if not spans:
        return []
    alike = cosines(asked.rows, said.rows).astype(np.float64)
    middle = said.spans.sum(axis=1) / 2
    inside = [(middle >= start) & (middle < end) for start, end in spans]
    best = np.array([alike[:, own].max(axis=1, initial=0.0) for own in inside]).T
    every = [alike[:, own].mean(axis=1) if own.any() else np.zeros(len(alike)) for own in inside]
    near = best.copy()
    near[:, 1:] = np.maximum(near[:, 1:], BEFORE * best[:, :-1])
    near[:, :-1] = np.maximum(near[:, :-1], AFTER * best[:, 1:])
    passage = float(parts.counting @ alike.max(axis=1, initial=0.0))
    return [
        {
            "late": float(parts.counting @ near[:, at]),
            "late_passage": passage,
            "late_asking": float(parts.asking @ best[:, at]),
            "late_asked": float(parts.asking @ every[at]),
            "late_plain": float(parts.plain @ best[:, at]),
        }
        for at in range(len(spans))
    ]
