"""Where in a row of prompts word sequences begin or cease to be used: single change points.

For each sequence the best place to cut the row in two is the one of the greatest log-likelihood
ratio of two Bernoulli rates against one (Hinkley and Hinkley 1970). Cuts of several sequences that
lie beside each other are one change of the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.evolution.sightings import Gram

Floats = NDArray[np.float32]

LEAST = 3
"""Prompts on either side of a cut."""
SHIFT = 0.35
"""By so much a rate must change to count."""
RATIO = 8.0
"""Least log-likelihood ratio, in nats: about one in 3,000 by chance, before looking everywhere."""
BLOCK = 2_000
"""Sequences that are looked at together: memory is bounded."""
NEAR = 2
"""Prompts between the cuts of one change: typos move a cut a little."""


@dataclass(frozen=True, slots=True)
class Step:
    """A sequence whose rate changes from `before` to `after` at prompt number `cut`."""

    gram: Gram
    cut: int
    before: float
    after: float
    ratio: float


def steps(rows: Sequence[frozenset[Gram]]) -> list[Step]:
    """The steps of all sequences that have a significant one, in the order of the sequences."""
    size = len(rows)
    if size < 2 * LEAST:
        return []
    frequency = Counter(gram for row in rows for gram in row)
    telling = sorted(g for g, count in frequency.items() if LEAST <= count <= size - LEAST)
    found: list[Step] = []
    for start in range(0, len(telling), BLOCK):
        found += _steps(rows, telling[start : start + BLOCK])
    return found


def _steps(rows: Sequence[frozenset[Gram]], telling: Sequence[Gram]) -> list[Step]:
    size = len(rows)
    sums = np.cumsum(_table(rows, telling), axis=0, dtype=np.float64)
    left = np.arange(LEAST, size - LEAST + 1, dtype=np.float64)[:, None]
    before, total = sums[LEAST - 1 : size - LEAST], sums[-1]
    ratio = _likelihood(before, left) + _likelihood(total - before, size - left)
    ratio -= _likelihood(total, np.full_like(total, size))
    best = ratio.argmax(axis=0)
    found: list[Step] = []
    for at, gram in enumerate(telling):
        cut = int(best[at]) + LEAST
        seen = float(before[best[at], at])
        rates = seen / cut, (float(total[at]) - seen) / (size - cut)
        own = float(ratio[best[at], at])
        if own >= RATIO and abs(rates[0] - rates[1]) >= SHIFT:
            found.append(Step(gram, cut, *rates, own))
    return found


def _table(rows: Sequence[frozenset[Gram]], telling: Sequence[Gram]) -> Floats:
    number = {gram: at for at, gram in enumerate(telling)}
    table = np.zeros((len(rows), len(telling)), dtype=np.float32)
    for at, row in enumerate(rows):
        table[at, [number[gram] for gram in row if gram in number]] = 1
    return table


def _likelihood(count: NDArray[np.float64], of: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.clip(count / of, 1e-9, 1 - 1e-9)
    likelihood: NDArray[np.float64] = of * (share * np.log(share) + (1 - share) * np.log(1 - share))
    return likelihood


def strongest(found: Sequence[Step], cuts: Sequence[int]) -> list[Step]:
    """The steps that belong to the cut with the most evidence among these; none, then none."""
    best: list[Step] = []
    weight = 0.0
    for cut in cuts:
        around = [step for step in found if abs(step.cut - cut) <= NEAR]
        total = sum(step.ratio for step in around if step.cut == cut)
        if total > weight:
            best, weight = around, total
    return best
