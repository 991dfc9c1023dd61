"""Alignment of prompts with templates, many pairs at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

Pair = tuple[int, int]  # numbers of a sequel and a pattern

CELLS = 1_000_000  # of the tables held at once
ALIKE = 32  # words that prompts of one table may differ in
MANY = 150  # pairs for which one call a column is cheaper than one call for all

_SKIP_WORD, _SKIP_COLUMN, _TAKE = np.uint8(0), np.uint8(1), np.uint8(2)


@dataclass(frozen=True)  # changes: keeps what is derived from it
class Pattern:
    """A template as word numbers.

    `slots[j]` tells whether a value may stand before column `j`, the last one at the end.
    """

    columns: tuple[int, ...]
    slots: tuple[bool, ...]

    @cached_property
    def words(self) -> frozenset[int]:
        """Its different words."""
        return frozenset(self.columns)


@dataclass(frozen=True, slots=True)
class Sequel:
    """A prompt as the words worth aligning.

    `gains[i]` is what matching word `i` is worth; `skipped[i]` words that are not listed stand
    before it, `skipped[-1]` behind the last.
    """

    words: Numbers
    gains: Floats
    skipped: Floats


@dataclass(frozen=True, slots=True)
class Costs:
    """What departures from a template cost, in the unit of gains (log odds)."""

    extra: float = 2.0  # a word outside the slots
    missing: float = 2.5  # a column without its word
    replaced: float = 1.5  # a word in the place of another


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Every sequel and pattern once, end to end, and where those of each pair begin."""

    words: NDArray[np.int32]
    gains: Floats
    skipped: Floats
    columns: NDArray[np.int32]
    toll: Floats
    word: Numbers  # begin of each pair's words; its counts of skipped words: `skip`
    skip: Numbers
    column: Numbers
    slot: Numbers
    rows: Numbers  # number of words of each pair
    width: Numbers  # and of columns


@dataclass(frozen=True, slots=True)
class _Tables:
    """A batch of pairs, one a column, those with most words first.

    What lies beyond the size of a pair is padding that never counts.
    """

    words: NDArray[np.int32]  # longest prompt x pairs
    gains: Floats
    skipped: Floats
    columns: NDArray[np.int32]  # longest template x pairs
    toll: Floats  # cost of one extra word before each column: 0 where a slot is
    rows: Numbers
    width: Numbers


def scores(
    sequels: Sequence[Sequel], patterns: Sequence[Pattern], pairs: Sequence[Pair], costs: Costs
) -> Floats:
    """Best alignment score of each pair: gains of matched words minus the costs of departures.

    Needleman and Wunsch (1970), words skipped for nothing where a slot stands; the recurrence
    along a row is a running maximum (Farrar 2007 resolves it likewise), so that one numpy call
    serves a row of many pairs.
    """
    result = np.zeros(len(pairs), dtype=np.float32)
    packed = _pack(sequels, patterns, pairs)
    for chosen in _batches(packed):
        result[chosen] = _fill(_tables(packed, chosen), costs, None)
    return result


def matches(
    sequels: Sequence[Sequel], patterns: Sequence[Pattern], pairs: Sequence[Pair], costs: Costs
) -> list[list[int]]:
    """For each pair, the word that stands in each column, or -1."""
    result: list[list[int]] = [[]] * len(pairs)
    packed = _pack(sequels, patterns, pairs)
    for chosen in _batches(packed):
        tables = _tables(packed, chosen)
        (tall, count), wide = tables.words.shape, len(tables.columns)
        steps = np.empty((tall + 1, wide + 1, count), dtype=np.uint8)
        _fill(tables, costs, steps)
        places = _walk_back(tables, steps).tolist()
        for pair, place, width in zip(chosen.tolist(), places, tables.width.tolist(), strict=True):
            result[pair] = place[:width]
    return result


def _pack(sequels: Sequence[Sequel], patterns: Sequence[Pattern], pairs: Sequence[Pair]) -> _Pairs:
    sequel, pattern = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    rows = np.array([len(one.words) for one in sequels], dtype=np.int64)
    width = np.array([len(one.columns) for one in patterns], dtype=np.int64)
    spare = max(rows.max(initial=0), width.max(initial=0)) + 1  # so that no batch reads beyond
    beyond = np.zeros(spare, dtype=np.float32)
    columns = list(chain.from_iterable([one.columns for one in patterns]))
    slots = list(chain.from_iterable([one.slots for one in patterns]))
    return _Pairs(
        np.concatenate([*(one.words for one in sequels), beyond], dtype=np.int32, casting="unsafe"),
        np.concatenate([*(one.gains for one in sequels), beyond]),
        np.concatenate([*(one.skipped for one in sequels), beyond]),
        np.concatenate([columns, beyond]).astype(np.int32),
        np.concatenate([np.logical_not(slots), beyond]).astype(np.float32),
        (np.cumsum(rows) - rows)[sequel],
        (np.cumsum(rows + 1) - rows - 1)[sequel],
        (np.cumsum(width) - width)[pattern],
        (np.cumsum(width + 1) - width - 1)[pattern],
        rows[sequel],
        width[pattern],
    )


def _batches(pairs: _Pairs) -> Iterator[Numbers]:
    """Pairs of like size together, so that little of a table is padding; the longest first."""
    order = np.lexsort((pairs.width, pairs.rows // ALIKE))
    tall, wide = pairs.rows[order] + 1, pairs.width[order] + 1
    start = 0
    while start < len(order):
        some = slice(start, start + 1 + CELLS // int(tall[start] * wide[start]))
        rows, width = np.maximum.accumulate(tall[some]), np.maximum.accumulate(wide[some])
        cells = rows * width * np.arange(1, len(rows) + 1)
        fitting = int(((cells <= CELLS) & (width <= 2 * wide[start] + 6)).sum())
        chosen = order[start : start + max(1, fitting)]
        yield chosen[np.argsort(-pairs.rows[chosen], kind="stable")]
        start += len(chosen)


def _tables(pairs: _Pairs, chosen: Numbers) -> _Tables:
    rows, width = pairs.rows[chosen], pairs.width[chosen]
    down, across = np.arange(rows.max() + 1)[:, None], np.arange(width.max() + 1)[:, None]
    words = pairs.word[chosen] + down[:-1]
    return _Tables(
        pairs.words[words],
        pairs.gains[words],
        pairs.skipped[pairs.skip[chosen] + down],
        pairs.columns[pairs.column[chosen] + across[:-1]],
        pairs.toll[pairs.slot[chosen] + across],
        rows,
        width,
    )


def _fill(tables: _Tables, costs: Costs, steps: NDArray[np.uint8] | None) -> Floats:
    wide, count = tables.columns.shape
    ramp = (np.float32(costs.missing) * np.arange(wide + 1, dtype=np.float32))[:, None]
    toll = np.float32(costs.extra) * tables.toll
    row = _best_so_far(-toll * tables.skipped[0] - ramp, ramp)
    if steps is not None:
        steps[0] = _SKIP_COLUMN
    result = np.empty(count, dtype=np.float32)
    for i in range(len(tables.words) + 1):
        live = int((tables.rows > i).sum())
        ended = np.arange(live, row.shape[1])
        result[ended] = row[tables.width[ended], ended]
        if not live:
            break
        row, toll = row[:, :live], toll[:, :live]
        same = tables.columns[:, :live] == tables.words[i, :live]
        taken = np.where(same, tables.gains[i, :live], np.float32(-costs.replaced))
        taken += row[:-1]
        row -= toll
        better = taken > row[1:]
        np.maximum(row[1:], taken, out=row[1:])
        row -= toll * tables.skipped[i + 1, :live]
        whole = _best_so_far(row, ramp)
        if steps is not None:
            step = steps[i + 1, :, :live]
            step[:] = _SKIP_WORD
            step[1:][better] = _TAKE
            step[whole > row + np.float32(1e-3)] = _SKIP_COLUMN
        row = whole
    return result


def _best_so_far(row: Floats, ramp: Floats) -> Floats:
    """Columns left out where that is best: a running maximum."""
    best = row + ramp
    if best.shape[1] < MANY:
        np.maximum.accumulate(best, axis=0, out=best)
    else:
        for left, right in pairwise(best):
            np.maximum(left, right, out=right)
    best -= ramp
    return best


def _walk_back(tables: _Tables, steps: NDArray[np.uint8]) -> Numbers:
    wide, count = tables.columns.shape
    place = np.full((count, wide), -1)
    pick = np.arange(count)
    i, j = tables.rows.copy(), tables.width.copy()
    while True:
        live = (i > 0) & (j > 0)
        if not live.any():
            return place
        step = steps[i, j, pick]
        take = live & (step == _TAKE)
        k = pick[take]
        matched = tables.words[i[take] - 1, k] == tables.columns[j[take] - 1, k]
        place[k[matched], j[take][matched] - 1] = i[take][matched] - 1
        i -= live & (step != _SKIP_COLUMN)
        j -= live & (step != _SKIP_WORD)
