"""Which terms a typed word may stand for."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, TypeAlias

from rapidfuzz.distance import OSA, Prefix

from promptuary.retrieval.stems import stem

Likeness: TypeAlias = Literal["exact", "inflected", "completed", "corrected"]

DERIVED, SHARED = 0.35, 0.5
"""Words that begin alike, as `invade` and `invasion`, count that, and more by the share of the
longer one's letters that they have in common."""
LEAST_SHARED = 4


@lru_cache(maxsize=10_000)
def typos_allowed(word: str) -> int:
    """How many letters may be wrong, missing, added or swapped with their neighbour: 1 in words of
    4 to 7 letters, 2 in longer ones, none in words with a digit; the first letter must be right."""
    if len(word) < 4 or has_digit(word):
        return 0
    return 1 if len(word) < 8 else 2


def likeness(
    typed: str, term: str, *, typos: bool, prefix: bool, forms: bool = False
) -> Likeness | None:
    """How the typed word stands for the term, None when it does not."""
    if typed == term:
        return "exact"
    if typed[0] != term[0]:
        return None
    if forms and stem(typed) == stem(term):
        return "inflected"
    if prefix and term.startswith(typed):
        return "completed"
    allowed = typos_allowed(typed) if typos else 0
    if not allowed or abs(len(typed) - len(term)) > allowed or has_digit(term):
        return None
    return "corrected" if OSA.distance(typed, term, score_cutoff=allowed) <= allowed else None


def resemblance(asked: str, known: str, *, typos: bool) -> float:
    """What a word counts that begins alike, or, with `typos`, is the same but for a few letters."""
    if asked[0] != known[0] or not known.isalpha():
        return 0.0
    shorter, longer = sorted((len(asked), len(known)))
    same = Prefix.similarity(asked, known)
    share = same / longer
    found = 0.0
    if same >= max(LEAST_SHARED, 0.6 * shorter) and share >= 0.45:
        found = DERIVED + SHARED * share
    if typos and (allowed := typos_allowed(asked)):
        wrong = OSA.distance(asked, known, score_cutoff=allowed)
        if wrong <= allowed:
            found = max(found, 1 - 0.15 * wrong - 0.5 * wrong / len(asked))
    return found


def has_digit(word: str) -> bool:
    """Whether the word holds a digit: a number or a code, which nobody wants corrected."""
    return not word.isalpha() and any(letter.isdigit() for letter in word)
