"""Which templates may explain a prompt: an inverted index over words and word pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from promptuary.canon.alignment import Floats, Numbers, Pattern
from promptuary.canon.weighing import Weighed

BEST = 14  # templates kept for a prompt
COMMON = 400  # templates: what stands in more of them tells nothing
BLOCK = 256  # prompts looked up at a time
ABSENT = 0.5  # share of a template's weight without match that counts against it


@dataclass(frozen=True, slots=True)
class _Postings:
    """Templates by key, grouped: `templates[starts[k]:starts[k + 1]]` contain `keys[k]`."""

    keys: Numbers
    starts: Numbers
    templates: Numbers
    weights: Floats
    totals: Floats


def candidates(
    prompts: Sequence[Weighed], patterns: Sequence[Pattern], *, vocabulary: int
) -> list[Numbers]:
    """For each prompt the numbers of the `BEST` most promising patterns, in ascending order."""
    index = _index(patterns, vocabulary)
    found: list[Numbers] = []
    for start in range(0, len(prompts), BLOCK):
        found.extend(_look_up(prompts[start : start + BLOCK], index, vocabulary))
    return found


def _keys(words: Numbers, vocabulary: int) -> Numbers:
    return np.concatenate((words, (words[:-1] + 1) * vocabulary + words[1:]))


def _index(patterns: Sequence[Pattern], vocabulary: int) -> _Postings:
    each = [np.unique(_keys(np.array(p.columns, dtype=np.int64), vocabulary)) for p in patterns]
    owner = np.repeat(np.arange(len(each)), [len(one) for one in each])
    flat = np.concatenate(each)
    keys, inverse, count = np.unique(flat, return_inverse=True, return_counts=True)
    weight = np.where(count > COMMON, 0, np.log2(1 + len(patterns) / count)).astype(np.float32)
    totals = np.bincount(owner, weights=weight[inverse], minlength=len(patterns))
    order = np.argsort(inverse, kind="stable")
    starts = np.concatenate(([0], np.cumsum(count)))
    return _Postings(keys, starts, owner[order], weight, totals.astype(np.float32))


def _look_up(prompts: Sequence[Weighed], index: _Postings, vocabulary: int) -> list[Numbers]:
    width = len(index.totals)
    each = [_weighted_keys(prompt, vocabulary) for prompt in prompts]
    owner = np.repeat(np.arange(len(each)), [len(keys) for keys, _ in each])
    keys = np.concatenate([keys for keys, _ in each])
    gains = np.concatenate([gains for _, gains in each])
    at = np.minimum(np.searchsorted(index.keys, keys), len(index.keys) - 1)
    known = (index.keys[at] == keys) & (index.weights[at] > 0)
    at, owner, gains = at[known], owner[known], gains[known] * index.weights[at[known]]
    cell, weight = _expand(index, at, owner, gains)
    shared = np.bincount(cell, weights=weight, minlength=len(prompts) * width)
    table = shared.reshape(len(prompts), width)
    return [_most_promising(row.astype(np.float32), index.totals) for row in table]


def _weighted_keys(prompt: Weighed, vocabulary: int) -> tuple[Numbers, Floats]:
    words = prompt.sequel.words
    chance = 1 / (1 + np.exp(-prompt.sequel.gains))
    keys = _keys(words, vocabulary)
    weights = np.concatenate((chance, np.minimum(chance[:-1], chance[1:])))
    order = np.lexsort((-weights, keys))
    first = np.ones(len(keys), dtype=bool)
    first[1:] = keys[order][1:] != keys[order][:-1]
    return keys[order][first], weights[order][first].astype(np.float32)


def _expand(index: _Postings, at: Numbers, owner: Numbers, gains: Floats) -> tuple[Numbers, Floats]:
    count = index.starts[at + 1] - index.starts[at]
    first = np.repeat(index.starts[at] - (np.cumsum(count) - count), count)
    templates = index.templates[first + np.arange(len(first))]
    return np.repeat(owner, count) * len(index.totals) + templates, np.repeat(gains, count)


def _most_promising(shared: Floats, totals: Floats) -> Numbers:
    some = np.flatnonzero(shared > 0)
    if len(some) <= BEST:
        return some
    value = shared[some] * (1 + ABSENT) - ABSENT * totals[some]
    return np.sort(some[np.argpartition(-value, BEST)[:BEST]])
