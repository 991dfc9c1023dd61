"""What a table looks like as a whole: statistics that tell a template from prompts merely alike.

One number each, none of them a word: how much is fixed and in what runs, what stands at the
borders of slots, how the values look, whether they stand elsewhere too or share phrases that the
template lacks, how many prompts outside begin alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.alignment import Floats, Numbers
from promptuary.canon.discovery.context import LINE, MARK, STRONG
from promptuary.canon.discovery.corpus import Corpus, Words
from promptuary.canon.discovery.ngrams import Windows
from promptuary.canon.discovery.tables import OPTIONAL, Gaps, Table, gaps

PASSAGE, PHRASE, OPENING = 5, 3, 3  # words
LOOKED_AT = 40  # rows
MOSTLY = 0.5  # of a value's passages

Named = dict[str, float]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is looked up: beliefs, kinds of separators, passages and phrases of the corpus.

    `openings` and `closings` count the prompts with the same first or last words; prompts of the
    same words have the same number in `same`.
    """

    belief: Floats
    separators: NDArray[np.uint8]
    passages: Windows
    phrases: Windows
    openings: Mapping[Words, int]
    closings: Mapping[Words, int]
    same: Sequence[int]


def surroundings_of(
    sequences: Sequence[Words],
    belief: Floats,
    separators: NDArray[np.uint8],
    passages: Windows,
    phrases: Windows,
) -> Surroundings:
    """The surroundings of a corpus."""
    openings = Counter(words[:OPENING] for words in sequences)
    closings = Counter(words[-OPENING:] for words in sequences)
    numbers: dict[Words, int] = {}
    same = [numbers.setdefault(words, len(numbers)) for words in sequences]
    return Surroundings(belief, separators, passages, phrases, openings, closings, same)


def portrait(table: Table, everyone: Sequence[int], around: Surroundings) -> Mapping[str, float]:
    """The statistics of a table whose rows were chosen from the group `everyone`."""
    sample = _sample(table, around.same)
    between = gaps(sample)
    return {
        "rows": float(np.log2(len({around.same[d] for d in table.rows}))),
        **_shape(sample, between),
        **_borders(sample, between, around),
        **_values(sample, between, around),
        **_beliefs(sample, around),
        **_outside(table, sample, between, everyone, around),
    }


def _sample(table: Table, same: Sequence[int]) -> Table:
    """The table with an even choice of its rows, each text's words once."""
    different = list({same[d]: r for r, d in enumerate(table.rows)}.values())
    chosen = [different[k] for k in np.linspace(0, len(different) - 1, LOOKED_AT).astype(int)]
    rows = sorted(set(chosen))
    return Table(
        table.corpus, [table.rows[r] for r in rows], list(table.columns), table.places[rows]
    )


def _shape(sample: Table, between: Gaps) -> Named:
    lengths = np.maximum(1, sample.lengths())
    fixed = (sample.places >= 0).sum(axis=1)
    slots = between.used >= OPTIONAL
    inner = np.flatnonzero(slots)
    runs = np.diff(np.concatenate(([0], inner, [len(sample.columns)])))
    return {
        "columns": float(min(len(sample.columns), 60)),
        "slots": float(min(int(slots.sum()), 8)),
        "run": float(min(int(runs.max(initial=0)), 40)),
        "run_mean": float(min(len(sample.columns) / max(1, int((runs > 0).sum())), 40)),
        "static": float(np.mean(fixed / lengths)),
        "static_least": float(np.min(fixed / lengths)),
        "present": float(np.mean(sample.places >= 0)),
        "words": float(np.log2(np.mean(lengths))),
        "starts": float(between.used[0]),
        "ends": float(between.used[-1]),
    }


def _borders(sample: Table, between: Gaps, around: Surroundings) -> Named:
    """Marks and line breaks on either side of the longest slot and of all slots."""
    longest = int((between.end - between.begin).sum(axis=0).argmax())
    left, right = _kinds(sample, between, longest, around)
    slots = np.flatnonzero(between.used >= OPTIONAL)
    sides = [kinds for gap in slots.tolist() for kinds in _kinds(sample, between, gap, around)]
    strong = [_share(kinds, LINE | STRONG) for kinds in sides if len(kinds)]
    return {
        "left_mark": _share(left, LINE | MARK),
        "left_strong": _share(left, LINE | STRONG),
        "right_mark": _share(right, LINE | MARK),
        "right_strong": _share(right, LINE | STRONG),
        "strong_mean": float(np.mean(strong)) if strong else 0.0,
        "strong_most": max(strong, default=0.0),
        "strong_least": min(strong, default=0.0),
    }


def _kinds(
    sample: Table, between: Gaps, gap: int, around: Surroundings
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    begin, end = between.begin[:, gap], between.end[:, gap]
    filled = end > begin
    starts = sample.corpus.starts[sample.rows]
    left = (begin + starts)[filled & (begin > 0)]
    right = (end + starts)[filled & (end < sample.lengths())]
    return around.separators[left], around.separators[right]


def _share(kinds: NDArray[np.uint8], wanted: int) -> float:
    return float(np.mean((kinds & wanted) > 0)) if len(kinds) else -1.0


def _values(sample: Table, between: Gaps, around: Surroundings) -> Named:
    """Length and inner marks of what stands in the longest slot, and how often values recur."""
    length = between.end - between.begin
    longest = int(length.sum(axis=0).argmax())
    filled = between.filled[:, longest]
    own = length[filled, longest]
    inner = _inner(sample, between, longest, around)
    slots = np.flatnonzero(between.used >= OPTIONAL)
    recur = [_different(sample, between, gap) for gap in slots.tolist()]
    return {
        "value": float(np.log2(1 + own.mean())) if len(own) else 0.0,
        "value_spread": float(own.std() / max(1.0, own.mean())) if len(own) else 0.0,
        "inner_marks": _share(inner, MARK),
        "inner_lines": _share(inner, LINE),
        "sentences": float(np.log2(1 + ((inner & MARK) > 0).sum() / max(1, len(own)))),
        "different": recur[slots.tolist().index(longest)] if longest in slots else 1.0,
        "different_least": min(recur, default=1.0),
    }


def _inner(sample: Table, between: Gaps, gap: int, around: Surroundings) -> NDArray[np.uint8]:
    """Kinds of the separators inside the values of a slot."""
    starts = sample.corpus.starts
    spans = [(int(starts[sample.rows[r]]), begin, end) for r, begin, end in between.of(gap)]
    parts = [around.separators[start + begin + 1 : start + end] for start, begin, end in spans]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint8)


def _different(sample: Table, between: Gaps, gap: int) -> float:
    values = [sample.words(*place) for place in between.of(gap)]
    return len(set(values)) / max(1, len(values))


def _beliefs(sample: Table, around: Surroundings) -> Named:
    """What the statistics of words believed of the fixed words, and of the others."""
    starts = sample.corpus.starts[sample.rows][:, None]
    fixed = around.belief[(starts + sample.places)[sample.places >= 0]]
    every = [around.belief[s : s + n] for s, n in _extents(sample.corpus, sample.rows)]
    total = float(sum(part.sum() for part in every))
    count = sum(len(part) for part in every) - len(fixed)
    sure = sum(int((part > MOSTLY).sum()) for part in every) - int((fixed > MOSTLY).sum())
    return {
        "belief_fixed": float(fixed.mean()) if len(fixed) else 0.0,
        "belief_free": (total - float(fixed.sum())) / max(1, count),
        "sure_free": sure / max(1, count),
        "explained": float(fixed.sum()) / max(1e-3, total),
    }


def _extents(corpus: Corpus, prompts: Sequence[int]) -> list[tuple[int, int]]:
    """Flat position of the first word of each prompt, and its number of words."""
    chosen = list(prompts)
    return list(zip(corpus.starts[chosen].tolist(), corpus.lengths[chosen].tolist(), strict=True))


def _outside(
    table: Table, sample: Table, between: Gaps, everyone: Sequence[int], around: Surroundings
) -> Named:
    """Values elsewhere, phrases that values share, prompts that begin or end alike elsewhere."""
    passages, phrases = around.passages, around.phrases
    rows = [passages.number[_windows(sample, between, r, PASSAGE)] for r in range(len(sample.rows))]
    held = _holders([passages.number[a : a + n] for a, n in _extents(table.corpus, everyone)])
    seen = [passages.prompts[one] > _look_up(held, one) for one in rows]
    short = [phrases.number[_windows(sample, between, r, PHRASE)] for r in range(len(sample.rows))]
    holders = _holders(short)
    shared = [float(np.mean(_look_up(holders, one) > 1)) for one in short if len(one)]
    count = len({around.same[d] for d in everyone})
    return {
        "seen": float(np.mean([one.sum() >= MOSTLY * max(1, len(one)) for one in seen])),
        "seen_share": float(np.mean([one.mean() if len(one) else 1.0 for one in seen])),
        "shared": float(np.mean(shared)) if shared else 0.0,
        "kept": len(table.rows) / max(1, len(everyone)),
        "openings": _alike(sample, around.openings, slice(None, OPENING), count),
        "closings": _alike(sample, around.closings, slice(-OPENING, None), count),
    }


def _holders(each: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    """Every number, ascending, and how many of the arrays hold it."""
    numbers = np.concatenate(each)
    many = int(numbers.max(initial=0)) + 1
    holder = np.repeat(np.arange(len(each)), [len(one) for one in each])
    return np.unique(np.unique(holder * many + numbers) % many, return_counts=True)


def _look_up(holders: tuple[Numbers, Numbers], wanted: Numbers) -> Numbers:
    """How many arrays hold each of the wanted numbers, all of which are known."""
    keys, counts = holders
    found: Numbers = counts[np.searchsorted(keys, wanted)]
    return found


def _windows(sample: Table, between: Gaps, row: int, order: int) -> Numbers:
    """Flat positions of the n-grams within a row's values."""
    start = int(sample.corpus.starts[sample.rows[row]])
    spans = zip(between.begin[row].tolist(), between.end[row].tolist(), strict=True)
    parts = [np.arange(start + a, start + b - order + 1) for a, b in spans if b - a >= order]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _alike(sample: Table, counted: Mapping[Words, int], part: slice, count: int) -> float:
    """How many times more prompts of the corpus begin (or end) like the rows than the group has."""
    edges = Counter(sample.corpus.sequences[d][part] for d in sample.rows)
    usual = max(edges, key=lambda words: (edges[words], words))
    return float(np.log2((counted.get(usual, 0) + 1) / (count + 1)))
