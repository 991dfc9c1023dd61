"""Fixed words hidden in slots: what nearly all its values share, more often than by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.alignment import Floats
from promptuary.canon.discovery.context import LINE, MARK
from promptuary.canon.discovery.corpus import Corpus
from promptuary.canon.discovery.tables import Gaps, Table, gaps

PRESENT = 0.85  # of the different values contain the word
SURPRISE = 12.0  # log likelihood ratio against the word standing there by chance
UNMARKED = 8.0  # less of it for a word with neither mark nor line break beside it
UNSTEADY = 6.0  # less of it for a word with different surroundings in most values
FEWEST = 4  # different values
USED = 0.5  # of the rows fill the slot
OPENING = 6  # words that tell one value from another
MOST = 30  # constants of one template

PROSE = (MARK, 0)  # how a sentence begins inside a value: behind a mark, on the same line

Place = tuple[int, int, int]  # row, begin, end
Surrounding = tuple[int, int]  # kinds of the separators before and behind a word


@dataclass(frozen=True, slots=True)
class Background:
    """How common words are in values, and the kinds of separators before words."""

    share: Floats
    separators: NDArray[np.uint8]


def background(corpus: Corpus, probability: Floats, separators: NDArray[np.uint8]) -> Background:
    """Word frequencies of what is likely no template text."""
    values = corpus.flat[probability < 0.5]
    count = np.bincount(values, minlength=len(corpus.words))
    return Background((count / max(1, len(values))).astype(np.float32), separators)


def find_constants(table: Table, against: Background) -> None:
    """Make fixed words inside slots columns; the most surprising word of a slot first."""
    gap, found, between = 0, 0, gaps(table)
    while gap <= len(table.columns) and found < MOST:
        word = _constant(table, between, gap, against)
        if word is None:
            gap += 1
        else:
            column = _column(table, between, gap, word, against)
            table.insert(gap, [word[0]], column[:, None])
            found, between = found + 1, gaps(table)


def _constant(
    table: Table, between: Gaps, gap: int, against: Background
) -> tuple[int, Surrounding] | None:
    places = _different(table, between, gap)
    if len(places) < FEWEST:
        return None
    texts = [table.words(*place) for place in places]
    present = Counter(word for text in texts for word in set(text))
    often = [word for word, count in present.items() if count >= PRESENT * len(texts)]
    if not often:
        return None
    total = Counter(word for text in texts for word in text)
    lengths = np.array([len(text) for text in texts])
    ranked = []
    for word in often:
        usual, steady = _usual_surrounding(table, places, word, against)
        if usual == PROSE:
            continue
        chance = max(float(against.share[word]), _repeats(total[word], present[word], lengths))
        surprise = _surprise(present[word], lengths, chance)
        surprise -= UNMARKED * (usual == (0, 0)) + UNSTEADY * (steady < len(texts) / 2)
        ranked.append((surprise, word, usual))
    surprise, word, usual = max(ranked, default=(0.0, -1, PROSE))
    return (word, usual) if surprise >= SURPRISE else None


def _different(table: Table, between: Gaps, gap: int) -> list[Place]:
    """One place for each different opening of the values in a gap."""
    if between.used[gap] < USED:
        return []
    seen: dict[tuple[int, ...], Place] = {}
    for row, begin, end in between.of(gap):
        seen.setdefault(table.words(row, begin, min(end, begin + OPENING)), (row, begin, end))
    return list(seen.values())


def _repeats(total: int, present: int, lengths: NDArray[np.int64]) -> float:
    """Share of the word among the words that are not its first in a value."""
    return (total - present + 0.3) / float(lengths.sum() - present + 1)


def _surprise(present: int, lengths: NDArray[np.int64], chance: float) -> float:
    """Log likelihood ratio (Dunning 1993) of a word being in so many values of such lengths."""
    count = len(lengths)
    share = present / count
    expected = float(np.clip(np.mean(1 - (1 - min(chance, 0.999)) ** lengths), 1e-4, 0.999))
    if share <= expected:
        return 0.0
    absent = (1 - share) * log((1 - share) / (1 - expected)) if share < 1 else 0.0
    return count * (share * log(share / expected) + absent)


def _surroundings(
    table: Table, place: Place, word: int, against: Background
) -> Iterator[tuple[int, Surrounding]]:
    row, begin, end = place
    start = int(table.corpus.starts[table.rows[row]])
    last = int(table.corpus.starts[table.rows[row] + 1]) - 1
    for at, one in enumerate(table.words(row, begin, end), start + begin):
        if one == word:
            after = int(against.separators[at + 1]) if at < last else LINE
            yield at - start, (int(against.separators[at]) & (LINE | MARK), after & (LINE | MARK))


def _usual_surrounding(
    table: Table, places: Sequence[Place], word: int, against: Background
) -> tuple[Surrounding, int]:
    kinds: Counter[Surrounding] = Counter()
    for place in places:
        kinds.update({kind for _, kind in _surroundings(table, place, word, against)})
    usual, count = max(kinds.items(), key=lambda item: (item[1], item[0]))
    return usual, count


def _column(
    table: Table, between: Gaps, gap: int, word: tuple[int, Surrounding], against: Background
) -> NDArray[np.int64]:
    """Per row, the occurrence whose surroundings are the usual ones, the first of equals."""
    places = np.full(len(table.rows), -1)
    number, usual = word
    for place in between.of(gap):
        found = list(_surroundings(table, place, number, against))
        if found:
            best = max(found, key=lambda one: (_alike(one[1], usual), -one[0]))
            places[place[0]] = best[0]
    return places


def _alike(one: Surrounding, other: Surrounding) -> int:
    return (one[0] == other[0]) + (one[1] == other[1])
