"""Prompts in the order of their own times, and the short word sequences that they are made of."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from promptuary.canon.tokens import tokenise

Gram: TypeAlias = tuple[str, str, int]
"""A word (the second is empty) or two neighbours, and the how-manieth of the prompt they are."""

BEGIN, END = "\x02", "\x03"
HALF = 250
"""Words at either end of a prompt that are looked at: the middle of a long one is its values."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A prompt when it was sent, where it is placed."""

    prompt_id: str
    at: datetime
    text: str
    lineage_id: str
    template_id: str

    @property
    def words(self) -> list[str]:
        """Folded, with the ends marked; of a very long prompt the beginning and the end."""
        found = tokenise(self.text).words
        kept = found if len(found) <= 2 * HALF else [*found[:HALF], *found[-HALF:]]
        return [BEGIN, *kept, END]


def grams(words: Sequence[str]) -> list[Gram]:
    """What begins at each word: the word itself, then with its successor; ends only in pairs."""
    seen: Counter[tuple[str, str]] = Counter()
    found: list[Gram] = []
    for first, second in itertools.pairwise(words):
        for pair in ((first, ""), (first, second)):
            if pair != (BEGIN, ""):
                seen[pair] += 1
                found.append((*pair, seen[pair]))
    return found


def in_time(sightings: Sequence[Sighting]) -> list[Sighting]:
    """By their own times, however late they arrived; of one time, by id."""
    return sorted(sightings, key=lambda each: (each.at, each.prompt_id))
