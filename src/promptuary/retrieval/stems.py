"""Forms of one word: `order`, `orders`, `ordered`, `ordering`. Inflection only, no derivation.

A light stemmer in the manner of Harman ("How effective is suffixing?", JASIS 1991), which found
that taking off plain endings helps as much as taking off whole suffixes. The endings are English;
a word of another script is its own stem.
"""

from __future__ import annotations

from functools import lru_cache

_ENDINGS = ("ing", "ed", "ly")
_VOWELS = frozenset("aeiouy")
_SHORTEST = 4


@lru_cache(maxsize=20_000)
def stem(term: str) -> str:
    """What the forms of a word have in common; short words and those with a digit are their own."""
    if len(term) < _SHORTEST or not (term.isascii() and term.isalpha()):
        return term
    base = _singular(term)
    for ending in _ENDINGS:
        rest = base.removesuffix(ending)
        if rest != base and len(rest) >= 3 and not _VOWELS.isdisjoint(rest):
            doubled = len(rest) > 3 and rest[-1] == rest[-2] and rest[-1] not in "lsz"
            base = rest[:-1] if doubled else rest
            break
    if base.endswith("e") and len(base) > _SHORTEST:
        base = base[:-1]
    return base[:-1] + "i" if base.endswith("y") and len(base) >= _SHORTEST else base


def forms(term: str) -> tuple[str, ...]:
    """Words that share a stem with this one, itself left out; not all of them need be words."""
    base = stem(term)
    if base == term and not (term.isascii() and term.isalpha() and len(term) >= _SHORTEST - 1):
        return ()
    roots = {base, base + "e", base + base[-1]}
    if base.endswith("i"):
        roots |= {base[:-1] + "y", base[:-1] + "ie"}
    endings = ("", "s", "es", "d", "ed", "ing", "ly")
    made = {root + ending for root in roots for ending in endings}
    return tuple(sorted(form for form in made if form != term and stem(form) == base))


def _singular(term: str) -> str:
    if term.endswith("ies") and len(term) > _SHORTEST:
        return term[:-3] + "y"
    if term.endswith("sses"):
        return term[:-2]
    if term.endswith("s") and not term.endswith(("ss", "us", "is")):
        return term[:-1]
    return term
