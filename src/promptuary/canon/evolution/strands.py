"""Which templates follow one another in time: strands.

A template that begins after others were in use may continue one of them; one that ends while others
go on may be continued. Each such beginning and end looks for the template whose fixed words are the
most alike; one that ends where the other begins comes first. What is linked is one strand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz.distance import LCSseq

from promptuary.canon.reconcile import sharing
from promptuary.canon.templates.versions import fixed_words

ALIKE = 0.48
"""Least likeness of two templates of a strand."""
MEETING = 0.15
"""What meeting in time is worth beside likeness."""
PATIENCE = 4.0
"""Mean gaps between its prompts for which a template may be silent, still in use (e^-4: 2 %)."""
SHARED = 3
"""Fixed words that two templates of a strand have in common at least, or all of the shorter's."""


@dataclass(frozen=True, slots=True)
class Line:
    """A template with the time it was in use and how often."""

    id: str
    text: str
    first: datetime
    last: datetime
    size: int

    @property
    def gap(self) -> timedelta:
        """For so long it may be silent and still be in use."""
        return PATIENCE * (self.last - self.first) / max(1, self.size - 1)


class Strands:
    """Finds strands among the `lines` of a collection; remembers whom it looked at."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self._words = [fixed_words(line.text) for line in lines]
        self._sets = [frozenset(words) for words in self._words]
        self._number = {line.id: at for at, line in enumerate(lines)}
        self._linked: dict[int, frozenset[int]] = {}
        self._begin = min((line.first for line in lines), default=None)
        self._end = max((line.last for line in lines), default=None)
        having: dict[str, list[int]] = defaultdict(list)
        for at, words in enumerate(self._sets):
            for word in words:
                having[word].append(at)
        self._having = dict(having)

    def of(self, wanted: Iterable[str]) -> list[tuple[Line, ...]]:
        """The strands that these lines belong to, each by first use; none comes twice."""
        seen: set[int] = set()
        found: list[tuple[Line, ...]] = []
        for key in wanted:
            at = self._number.get(key)
            if at is None or at in seen:
                continue
            whole = self._around(at)
            seen |= whole
            mine = sorted((self.lines[n] for n in whole), key=lambda line: (line.first, line.id))
            found.append(tuple(mine))
        return found

    def _around(self, at: int) -> set[int]:
        whole, open_ = {at}, [at]
        while open_:
            here = open_.pop()
            near = set(self._links(here))
            near |= {other for other in self._alike(here) if here in self._links(other)}
            open_ += sorted(near - whole)
            whole |= near
        return whole

    def _alike(self, at: int) -> list[int]:
        return [n for n in sharing(self._sets[at], self._sets, self._having) if n != at]

    def _links(self, at: int) -> frozenset[int]:
        """Whom this line continues, and who continues it: one each at most."""
        if at not in self._linked:
            mine = self.lines[at]
            alike = [(n, self._likeness(at, n)) for n in self._alike(at)]
            found: set[int] = set()
            if self._begin is not None and mine.first > self._begin + mine.gap:
                earlier = [(n, x) for n, x in alike if _before(self.lines[n], mine)]
                found |= _best((n, x + _meeting(self.lines[n], mine)) for n, x in earlier)
            if self._end is not None and mine.last < self._end - mine.gap:
                later = [(n, x) for n, x in alike if _outlives(self.lines[n], mine)]
                found |= _best((n, x + _meeting(mine, self.lines[n])) for n, x in later)
            self._linked[at] = frozenset(found)
        return self._linked[at]

    def _likeness(self, at: int, other: int) -> float:
        """Fixed words in common and in order, as the mean of their share of both texts and of
        the shorter one."""
        a, b = self._words[at], self._words[other]
        common = LCSseq.similarity(a, b)
        if not common or common < min(SHARED, len(a), len(b)):
            return 0.0
        return float(common / (len(a) + len(b)) + common / min(len(a), len(b)) / 2)


def _best(candidates: Iterable[tuple[int, float]]) -> set[int]:
    """The most alike, if it is alike enough."""
    good = [(score, -at) for at, score in candidates if score >= ALIKE]
    return {-max(good)[1]} if good else set()


def _before(one: Line, other: Line) -> bool:
    """Whether one was in use clearly before the other."""
    return one.first < other.first - min(one.gap, other.gap) / 2


def _outlives(one: Line, other: Line) -> bool:
    return one.last > other.last + min(one.gap, other.gap) / 2


def _meeting(earlier: Line, later: Line) -> float:
    """What it is worth that one begins where the other ends."""
    return MEETING if abs(later.first - earlier.last) <= max(earlier.gap, later.gap) else 0.0
