"""A turn of a conversation as a question of its own: with the words of earlier turns that it needs.

The words of earlier turns fade: those of the last turn count half of those of the question, and so
on back; the first turn, which says what it is all about, never less than FIRST. The question is
searched alone and with those words, and both orders are added, so that what the question itself
says counts twice; a question that leans on what was said before (short, or with "it" and the like)
is trusted less alone than one that stands for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from promptuary.retrieval.function_words import FUNCTION_WORDS
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import terms

FADES = 0.5
FIRST = 0.3
MOST = 12
"""So many words of earlier turns at most."""
TURNS = 10
"""So many of the latest turns are looked at, and the first."""
LEAST = 1e-6
LEANS, STANDS = 1.5, 0.5
"""What the search with earlier words counts, beside that of the question alone."""
SHORT = 3
"""A question of so few telling words leans on what was said before."""
_POINTING = """
    it its they them their this that these those he him his she her one ones there then such same
    other another more else also instead
"""
POINTING = frozenset(_POINTING.split())
"""Words that are about what was said before."""


def rewritten(question: str, earlier: Sequence[str]) -> str:
    """The question with the words of `earlier` turns (oldest first) that it does not say itself,
    the likeliest first; unchanged where there are none."""
    own = {stem(word) for word in terms(question)}
    weights: dict[str, float] = {}
    written: dict[str, str] = {}
    for back, said in enumerate(reversed(_looked_at(earlier)), 1):
        last = back == len(_looked_at(earlier))
        weight = max(FADES**back, FIRST) if last else FADES**back
        for word in terms(said):
            key = stem(word)
            if word in FUNCTION_WORDS or len(word) < 2 or key in own:
                continue
            weights[key] = max(weights.get(key, 0.0), weight)
            written.setdefault(key, word)
    best = sorted(weights, key=lambda key: -weights[key])[:MOST]
    return " ".join([question.strip(), *(written[key] for key in best)])


def _looked_at(earlier: Sequence[str]) -> Sequence[str]:
    return earlier if len(earlier) <= TURNS + 1 else [earlier[0], *earlier[-TURNS:]]


def leaning(question: str) -> float:
    """What the search with earlier words counts for this question; 1 would be as much as alone."""
    words = terms(question)
    telling = [word for word in words if word not in FUNCTION_WORDS]
    return LEANS if len(telling) <= SHORT or not POINTING.isdisjoint(words) else STANDS


def together(
    alone: dict[str, float], in_context: dict[str, float], weight: float = 1.0
) -> dict[str, float]:
    """Ids with scores in (0, 1), out of the scores of both searches, of which the one in context
    has that `weight`; what one did not find counts as its last. The best come first."""
    both = dict.fromkeys((*alone, *in_context), 0.0)
    for scores, counts in ((alone, 1.0), (in_context, weight)):
        worst = min(scores.values(), default=0.5)
        for key in both:
            both[key] += counts * _odds(scores.get(key, worst))
    top = max((abs(value) for value in both.values()), default=1.0) or 1.0
    ordered = sorted(both, key=lambda key: (-both[key], key))
    return {key: round(0.5 + both[key] / (2.02 * top), 6) for key in ordered}


def _odds(score: float) -> float:
    sure = min(max(score, LEAST), 1 - LEAST)
    return log(sure / (1 - sure))
