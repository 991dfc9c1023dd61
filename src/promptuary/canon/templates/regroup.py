"""Families: templates that ask the same thing, by average linkage over their likeness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from promptuary.canon.masking import tokenise
from promptuary.canon.templates.filling import parse
from promptuary.canon.templates.lexicon import PLAIN_WORDS
from promptuary.canon.templates.likeness import Floats, character_bags, cosine, word_bags

CUT = 0.22  # mean likeness of two groups below which they stay apart
WORDS, CHARACTERS, VALUES = 0.4, 0.4, 0.2  # of the likeness; words are single and in pairs
NAME_WORDS = 4
NAME_LENGTH = 24  # characters of a name made of a text's beginning

Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FamilyItem:
    """A template to group: the caller's key, its text, and values seen in its slots."""

    key: str
    text: str
    values: tuple[str, ...] = ()


def families(items: Sequence[FamilyItem], *, cut: float = CUT) -> Groups:
    """Groups of keys, each sorted, ordered by their first; the same for any order of `items`.

    Average linkage (Sokal and Michener 1958) by the nearest-neighbour chain (Benzecri 1982) on the
    likeness of fixed words, their characters and the values. Quadratic in the number of items.
    """
    items = sorted(items, key=lambda item: item.key)
    if len(items) < 2:
        return tuple((item.key,) for item in items)
    groups = average_linkage(likeness(items), cut)
    named = [tuple(items[at].key for at in group) for group in groups]
    return tuple(sorted(named))


def likeness(items: Sequence[FamilyItem]) -> Floats:
    """Pairwise likeness of templates, a square matrix in [0, 1]."""
    texts = [fixed_text(item.text) for item in items]
    values = [" ".join(item.values) for item in items]
    kinds = [
        (WORDS, word_bags(texts, (1, 2))),
        (CHARACTERS, character_bags(texts, (3, 4, 5))),
        (VALUES, word_bags(values, (1,))),
    ]
    return cosine(kinds, len(items))


def fixed_text(text: str) -> str:
    """A template's literals, a line each."""
    return "\n".join(part for part in parse(text) if isinstance(part, str))


def average_linkage(similar: Floats, cut: float) -> list[list[int]]:
    """Groups of row numbers whose mean likeness, when they were joined, was at least `cut`.

    Overwrites `similar`. A group whose nearest is further than `cut` is finished: average linkage
    is reducible, so nothing nearer can come.
    """
    size = len(similar)
    np.fill_diagonal(similar, -1)
    members = {at: [at] for at in range(size)}
    finished: list[list[int]] = []
    chain: list[int] = []
    while members:
        if not chain:
            chain.append(min(members))
        top = chain[-1]
        nearest = int(np.argmax(similar[top]))
        if len(chain) > 1 and similar[top, chain[-2]] >= similar[top, nearest]:
            nearest = chain[-2]
        if similar[top, nearest] < cut:
            finished.append(members.pop(top))
            _forget(similar, top)
            chain = []
        elif len(chain) > 1 and nearest == chain[-2]:
            del chain[-2:]
            _join(similar, members, *sorted((top, nearest)))
        else:
            chain.append(nearest)
    return [sorted(group) for group in finished]


def _join(similar: Floats, members: dict[int, list[int]], kept: int, gone: int) -> None:
    a, b = len(members[kept]), len(members[gone])
    row = (similar[kept] * a + similar[gone] * b) / (a + b)
    row[similar[kept] < 0] = -1
    row[kept] = -1
    members[kept] += members.pop(gone)
    _forget(similar, gone)
    row[gone] = -1
    similar[kept] = row
    similar[:, kept] = row


def _forget(similar: Floats, at: int) -> None:
    similar[at] = -1
    similar[:, at] = -1


def keep_identity(old: Mapping[str, str], groups: Sequence[Sequence[str]]) -> Mapping[str, str]:
    """Family id of every key in `groups`, where `old` gives the ids that keys had before.

    A group takes the id it shares most keys with, the larger share first; what is left over is
    new and gets an id made of its smallest key, so that the same founding gives the same id.
    """
    shared: Counter[tuple[int, str]] = Counter()
    for number, group in enumerate(groups):
        shared.update((number, old[key]) for key in group if key in old)
    taken: dict[int, str] = {}
    ranked = sorted(shared.items(), key=lambda one: (-one[1], min(groups[one[0][0]]), one[0][1]))
    for (number, family), _ in ranked:
        if number not in taken and family not in taken.values():
            taken[number] = family
    used = set(old.values())
    ids: dict[str, str] = {}
    for number, group in enumerate(groups):
        family = taken.get(number) or _new_id(min(group), used)
        used.add(family)
        ids.update(dict.fromkeys(group, family))
    return ids


def _new_id(founder: str, used: set[str]) -> str:
    name = f"family:{founder}"
    while str(uuid5(NAMESPACE_URL, name)) in used:
        name += "+"
    return str(uuid5(NAMESPACE_URL, name))


def family_name(templates: Sequence[str]) -> str:
    """A short name: telling words that most of the templates share, in the order of the most
    typical template; without such words (as in Chinese) its beginning; "" without any word."""
    fixed = [list(dict.fromkeys(tokenise(fixed_text(text)).words)) for text in templates]
    spread = Counter(word for words in fixed for word in words if _tells(word))
    ranked = sorted(range(len(fixed)), key=lambda at: -sum(spread[word] for word in fixed[at]))
    if not spread:
        return next((fixed_text(text).strip()[:NAME_LENGTH] for text in templates if text), "")
    typical = fixed[ranked[0]]
    often = max(spread.values()) / 2
    shared = [word for word in typical if spread[word] > often] or [spread.most_common(1)[0][0]]
    best = sorted(shared, key=lambda word: -spread[word])[:NAME_WORDS]
    return " ".join(word for word in shared if word in best)


def _tells(word: str) -> bool:
    return len(word) > 1 and word not in PLAIN_WORDS and not word.isdecimal()
