"""Polite words around prompts ("could you please", "thanks"), learned from where they stand.

Words outside the fixed text of templates that begin or end with fixed text are known to be none of
a value. What stands there before (or behind) several templates is polite and is cut off values too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 7  # words
TEMPLATES = 3  # different ones at which a phrase must have been seen

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Affixes:
    """Phrases, as case-folded words, that may stand before and behind any prompt."""

    leading: frozenset[Words] = frozenset()
    trailing: frozenset[Words] = frozenset()

    @property
    def any(self) -> bool:
        """Whether any phrase is known."""
        return bool(self.leading or self.trailing)

    def before(self, words: Words) -> int:
        """How many words at the beginning are an affix; never all of them."""
        return next((n for n in _lengths(words) if words[:n] in self.leading), 0)

    def behind(self, words: Words) -> int:
        """How many words at the end are an affix; never all of them."""
        return next((n for n in _lengths(words) if words[-n:] in self.trailing), 0)


def learned(leading: Iterable[tuple[str, Words]], trailing: Iterable[tuple[str, Words]]) -> Affixes:
    """Affixes among the phrases seen at templates: pairs of a template's key and the words."""
    return Affixes(_common(leading), _common(trailing))


def _common(seen: Iterable[tuple[str, Words]]) -> frozenset[Words]:
    templates: dict[Words, set[str]] = defaultdict(set)
    for key, words in seen:
        if 0 < len(words) <= LONGEST:
            templates[words].add(key)
    return frozenset(words for words, keys in templates.items() if len(keys) >= TEMPLATES)


def _lengths(words: Words) -> range:
    return range(min(LONGEST, len(words) - 1), 0, -1)
