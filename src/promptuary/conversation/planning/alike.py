"""When two words are the same name, said with another ending or a slip of the finger."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations

from rapidfuzz.distance import OSA

from promptuary.conversation.planning.lexicon import Lexicon
from promptuary.conversation.planning.sheet import fold

ENDINGS = (
    *("'s", "s'", "s", "es"),
    *("'da", "'de", "'ta", "'te", "'daki", "'deki", "'nin", "'nun", "'un", "'in", "'dan", "'den"),
    *("'yi", "'yu", "'ya", "'ye", "'i", "'u", "'a", "'e", "'nda", "'nde"),
)
REORDERED = 3
"""Names of more words than this must come in order."""


def alike(said: str, name: str) -> bool:
    """Whether the word that was said may be that word of a name."""
    if said == name:
        return True
    if said.isdigit() or name.isdigit() or len(name) == 1 or len(said) == 1:
        return said.isdigit() and name.isdigit() and int(said) == int(name)
    if any(said == name + ending or name == said + ending for ending in ENDINGS):
        return True
    longest = max(len(said), len(name))
    slips = 0 if longest < 5 else 1 if longest < 8 else 2
    if slips == 0 and longest == 4 and sorted(said) == sorted(name):
        slips = 1  # two letters changed places
    if slips == 0 or (said[0] != name[0] and longest < 6):
        return False
    return OSA.distance(said, name, score_cutoff=slips) <= slips


def same_name(said: tuple[str, ...], name: tuple[str, ...], words: Lexicon) -> int:
    """How well these words are that name: 3 to the letter, 2 in another order, 1 with slips or
    written together, 0 not at all."""
    if said == name:
        return 3
    joined, whole = "".join(said), "".join(name)
    if joined == whole:
        return 3
    if all(words.knows(word) for word in said):
        return 0
    if len(said) == len(name):
        if _pairs(said, name, words):
            return 1
        if len(name) <= REORDERED:
            orders = list(permutations(said))[1:]
            if name in orders:
                return 2
            if any(_pairs(order, name, words) for order in orders):
                return 1
    together = len(said) != len(name) and min(len(said), len(name)) == 1
    return int(together and not words.knows(joined) and alike(joined, whole) and len(whole) > 5)


def _pairs(said: tuple[str, ...], name: tuple[str, ...], words: Lexicon) -> bool:
    """Word by word; a word of the language is no slip of another."""
    return all(
        a == b or (alike(a, b) and (_inflected(a, b) or not words.knows(a)))
        for a, b in zip(said, name, strict=True)
    )


def _inflected(said: str, name: str) -> bool:
    return any(said == name + ending or name == said + ending for ending in ENDINGS)


@lru_cache(maxsize=4096)
def parts_of(name: str) -> tuple[str, ...]:
    """The words of a name or an id, folded: `North Parking`, `parking_north`, `rowA2`."""
    spaced = "".join(
        f" {c}" if c.isupper() and i and name[i - 1].islower() else c for i, c in enumerate(name)
    )
    out: list[str] = []
    for character, kind in ((c, _kind(c)) for c in fold(spaced)):
        if kind == 0:
            out.append(" ")
        elif out and out[-1] != " " and _kind(out[-1]) != kind:
            out += [" ", character]
        else:
            out.append(character)
    return tuple("".join(out).split())


def _kind(character: str) -> int:
    """Letters, digits, or neither."""
    return 1 if character.isalpha() else 2 if character.isdigit() else 0
