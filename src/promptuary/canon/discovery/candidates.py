"""Which templates may explain a prompt: an inverted index over words and word pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.alignment import Floats, Numbers, Pattern, Sequel

BEST = 14  # templates kept for a prompt
COMMON = 400  # templates: what stands in more of them tells nothing
CELLS = 800_000  # prompts times templates, and what they share, looked up at a time
ALIGNED = 4_000_000  # cells of the tables in which one prompt is aligned, the first apart
ABSENT = 0.5  # share of a template's weight without match that counts against it


@dataclass(frozen=True, slots=True)
class _Postings:
    """Templates by key, grouped: `templates[starts[k]:starts[k + 1]]` contain `keys[k]`."""

    keys: Numbers
    starts: Numbers
    templates: Numbers
    weights: Floats
    totals: Floats
    widths: Numbers


def candidates(
    prompts: Sequence[Sequel], patterns: Sequence[Pattern], *, vocabulary: int
) -> list[list[int]]:
    """For each prompt the numbers of the `BEST` most promising patterns, in ascending order.

    Fewer for a prompt and patterns so long that aligning them all would take too many cells.
    """
    index = _index(patterns, vocabulary)
    owner, at, gains = _known_keys(prompts, index, vocabulary)
    found: list[list[int]] = []
    rows = [len(one.words) for one in prompts]
    for start, end in _blocks(index, owner, at, len(prompts)):
        part = slice(*np.searchsorted(owner, (start, end)).tolist())
        found.extend(_look_up(index, owner[part] - start, at[part], gains[part], rows[start:end]))
    return found


def _blocks(index: _Postings, owner: Numbers, at: Numbers, count: int) -> Iterator[tuple[int, int]]:
    """Prompts in a row that are looked up together: one at least, and no more than fit."""
    shared = np.bincount(owner, weights=np.diff(index.starts)[at], minlength=count)
    until = np.cumsum(shared + len(index.totals))
    start, done = 0, 0.0
    while start < count:
        end = max(start + 1, int(np.searchsorted(until, done + CELLS, side="right")))
        yield start, end
        start, done = end, float(until[end - 1])


def _keys(each: Sequence[Numbers], vocabulary: int) -> tuple[Numbers, Numbers, Numbers]:
    """Keys of words and of word pairs, whose they are, and where the pairs begin."""
    owner = np.repeat(np.arange(len(each)), [len(one) for one in each])
    words = np.concatenate([*each, np.zeros(0, dtype=np.int64)])
    pairs = np.flatnonzero(owner[1:] == owner[:-1])
    both = (words[pairs] + 1) * vocabulary + words[pairs + 1]
    return np.concatenate((words, both)), np.concatenate((owner, owner[pairs])), pairs


def _index(patterns: Sequence[Pattern], vocabulary: int) -> _Postings:
    columns = [np.array(p.columns, dtype=np.int64) for p in patterns]
    keys, owner, _ = _keys(columns, vocabulary)
    order = np.lexsort((owner, keys))
    keys, owner = keys[order], owner[order]
    fresh = _changes(keys)
    once = fresh | _changes(owner)
    keys, owner, fresh = keys[once], owner[once], fresh[once]
    starts = np.append(np.flatnonzero(fresh), len(keys))
    count = np.diff(starts)
    weight = np.where(count > COMMON, 0, np.log2(1 + len(patterns) / count)).astype(np.float32)
    totals = np.bincount(owner, weights=np.repeat(weight, count), minlength=len(patterns))
    widths = np.array([len(one) for one in columns], dtype=np.int64)
    return _Postings(keys[fresh], starts, owner, weight, totals.astype(np.float32), widths)


def _changes(ordered: Numbers) -> NDArray[np.bool_]:
    """Where a value differs from the one before."""
    return np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]


def _known_keys(
    prompts: Sequence[Sequel], index: _Postings, vocabulary: int
) -> tuple[Numbers, Numbers, Floats]:
    """Each prompt's keys that patterns have, each once: owner, place in the index, weight."""
    gains = np.concatenate([*(one.gains for one in prompts), np.zeros(0, dtype=np.float32)])
    chance = 1 / (1 + np.exp(-gains))
    keys, owner, pairs = _keys([one.words for one in prompts], vocabulary)
    weights = np.concatenate((chance, np.minimum(chance[pairs], chance[pairs + 1])))
    at = np.minimum(np.searchsorted(index.keys, keys), len(index.keys) - 1)
    known = np.flatnonzero((index.keys[at] == keys) & (index.weights[at] > 0))
    order = known[np.lexsort((-weights[known], at[known], owner[known]))]
    owner, at, weights = owner[order], at[order], weights[order]
    once = _changes(owner) | _changes(at)
    return owner[once], at[once], weights[once] * index.weights[at[once]]


def _look_up(
    index: _Postings, owner: Numbers, at: Numbers, gains: Floats, rows: Sequence[int]
) -> Iterator[list[int]]:
    width, count, widest = len(index.totals), len(rows), int(index.widths.max(initial=0))
    cell, weight = _expand(index, at, owner, gains)
    shared = np.bincount(cell, weights=weight, minlength=count * width).astype(np.float32)
    some = np.flatnonzero(shared > 0)
    templates = some % width
    value = shared[some] * (1 + ABSENT) - ABSENT * index.totals[templates]
    bounds = np.searchsorted(some, np.arange(count + 1) * width).tolist()
    for (begin, end), words in zip(pairwise(bounds), rows, strict=True):
        some, worth = _most_promising(templates[begin:end], value[begin:end])
        few = words * widest * BEST <= ALIGNED
        yield some.tolist() if few else _affordable(some, worth, words * index.widths[some])


def _expand(index: _Postings, at: Numbers, owner: Numbers, gains: Floats) -> tuple[Numbers, Floats]:
    count = index.starts[at + 1] - index.starts[at]
    first = np.repeat(index.starts[at] - (np.cumsum(count) - count), count)
    templates = index.templates[first + np.arange(len(first))]
    return np.repeat(owner, count) * len(index.totals) + templates, np.repeat(gains, count)


def _most_promising(templates: Numbers, value: Floats) -> tuple[Numbers, Floats]:
    if len(templates) > BEST:
        best = np.sort(np.argpartition(-value, BEST)[:BEST])
        return templates[best], value[best]
    return templates, value


def _affordable(templates: Numbers, value: Floats, cells: Numbers) -> list[int]:
    """The most promising ones as long as their tables are not too large together; always one."""
    if cells.sum() > ALIGNED:
        order = np.argsort(-value, kind="stable")
        before = np.cumsum(cells[order]) - cells[order]
        templates = np.sort(templates[order[before < ALIGNED]])
    numbers: list[int] = templates.tolist()
    return numbers
