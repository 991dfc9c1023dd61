"""What a family is called, and which id it goes by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import NAMESPACE_URL, uuid5

from promptuary.canon.templates.filling import parse
from promptuary.canon.templates.lexicon import PLAIN_WORDS
from promptuary.canon.tokens import tokenise

NAME_WORDS = 4
NAME_LENGTH = 24  # characters of a name made of a text's beginning


def fixed_text(text: str) -> str:
    """A template's literals, a line each."""
    return "\n".join(part for part in parse(text) if isinstance(part, str))


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
    """A short name, by what the templates' fixed texts share."""
    return shared_words([fixed_text(text) for text in templates])


def shared_words(texts: Sequence[str]) -> str:
    """Telling words that most of the texts share, in the order of the most typical text; without
    such words (as in Chinese) its beginning; "" without any word."""
    fixed = [list(dict.fromkeys(tokenise(text).words)) for text in texts]
    spread = Counter(word for words in fixed for word in words if _tells(word))
    ranked = sorted(range(len(fixed)), key=lambda at: -sum(spread[word] for word in fixed[at]))
    if not spread:
        return next((text.strip()[:NAME_LENGTH] for text in texts if text), "")
    typical = fixed[ranked[0]]
    often = max(spread.values()) / 2
    shared = [word for word in typical if spread[word] > often] or [spread.most_common(1)[0][0]]
    best = sorted(shared, key=lambda word: -spread[word])[:NAME_WORDS]
    return " ".join(word for word in shared if word in best)


def _tells(word: str) -> bool:
    return len(word) > 1 and word not in PLAIN_WORDS and not word.isdecimal()
