"""Alignment of prompts with templates, many pairs at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

CELLS = 2_000_000  # of the tables held at once
PADDING = -1  # a word number that equals none

_SKIP_WORD, _SKIP_COLUMN, _TAKE = np.uint8(0), np.uint8(1), np.uint8(2)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A template as word numbers.

    `slots[j]` tells whether a value may stand before column `j`, the last one at the end.
    """

    columns: tuple[int, ...]
    slots: tuple[bool, ...]


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
class _Tables:
    words: Numbers  # pairs x longest prompt
    gains: Floats
    skipped: Floats
    columns: Numbers  # pairs x longest template
    toll: Floats  # cost of one extra word before each column: 0 where a slot is
    rows: Numbers
    width: Numbers


def scores(pairs: Sequence[tuple[Sequel, Pattern]], costs: Costs) -> Floats:
    """Best alignment score of each pair: gains of matched words minus the costs of departures.

    Needleman and Wunsch (1970), words skipped for nothing where a slot stands; the recurrence
    along a row is a running maximum (Farrar 2007 resolves it likewise), so that one numpy call
    serves a row of many pairs.
    """
    result = np.zeros(len(pairs), dtype=np.float32)
    for chosen in _batches(pairs):
        tables = _tables([pairs[k] for k in chosen])
        result[chosen] = _fill(tables, costs, None)
    return result


def matches(pairs: Sequence[tuple[Sequel, Pattern]], costs: Costs) -> list[Numbers]:
    """For each pair, the word that stands in each column, or -1."""
    result: list[Numbers] = [np.zeros(0, dtype=np.int64)] * len(pairs)
    for chosen in _batches(pairs):
        tables = _tables([pairs[k] for k in chosen])
        shape = (tables.words.shape[1] + 1, *_plus_one(tables.columns.shape))
        steps = np.empty(shape, dtype=np.uint8)
        _fill(tables, costs, steps)
        for row, place in enumerate(_walk_back(tables, steps)):
            width = int(tables.width[row])
            result[chosen[row]] = place[:width]
    return result


def _plus_one(shape: tuple[int, ...]) -> tuple[int, int]:
    return shape[0], shape[1] + 1


def _batches(pairs: Sequence[tuple[Sequel, Pattern]]) -> Iterator[list[int]]:
    """Pairs of like size together, so that little of a table is padding."""
    sizes = [(len(a.words), len(b.columns)) for a, b in pairs]
    order = sorted(range(len(pairs)), key=lambda k: (sizes[k][0] // 4, sizes[k][1], sizes[k][0]))
    batch: list[int] = []
    rows = width = 0
    for k in order:
        tall, wide = max(rows, sizes[k][0] + 1), max(width, sizes[k][1] + 1)
        if batch and (tall * wide * (len(batch) + 1) > CELLS or wide > 2 * sizes[batch[0]][1] + 8):
            yield batch
            batch, tall, wide = [], sizes[k][0] + 1, sizes[k][1] + 1
        batch.append(k)
        rows, width = tall, wide
    if batch:
        yield batch


def _tables(pairs: Sequence[tuple[Sequel, Pattern]]) -> _Tables:
    rows = np.array([len(a.words) for a, _ in pairs])
    width = np.array([len(b.columns) for _, b in pairs])
    tall, wide, count = int(rows.max()), int(width.max()), len(pairs)
    words = np.full((count, tall), PADDING - 1)
    gains = np.zeros((count, tall), dtype=np.float32)
    skipped = np.zeros((count, tall + 1), dtype=np.float32)
    columns = np.full((count, wide), PADDING)
    toll = np.ones((count, wide + 1), dtype=np.float32)
    for k, (prompt, pattern) in enumerate(pairs):
        n, m = rows[k], width[k]
        words[k, :n], gains[k, :n], skipped[k, : n + 1] = prompt.words, prompt.gains, prompt.skipped
        columns[k, :m] = pattern.columns
        toll[k, : m + 1] = np.logical_not(pattern.slots)
    return _Tables(words, gains, skipped, columns, toll, rows, width)


def _fill(tables: _Tables, costs: Costs, steps: NDArray[np.uint8] | None) -> Floats:
    count, wide = tables.columns.shape
    ramp = np.float32(costs.missing) * np.arange(wide + 1, dtype=np.float32)
    toll = np.float32(costs.extra) * tables.toll
    row = -np.broadcast_to(ramp, (count, wide + 1)) - toll * tables.skipped[:, :1]
    row = np.maximum.accumulate(row + ramp, axis=1) - ramp
    if steps is not None:
        steps[0] = _SKIP_COLUMN
    result = np.empty(count, dtype=np.float32)
    pick = np.arange(count)
    for i in range(tables.words.shape[1] + 1):
        ended = np.flatnonzero(tables.rows == i)
        result[ended] = row[pick[ended], tables.width[ended]]
        if i == tables.words.shape[1]:
            break
        same = tables.columns == tables.words[:, i : i + 1]
        taken = np.where(same, tables.gains[:, i : i + 1], np.float32(-costs.replaced))
        taken += row[:, :-1]
        row = row - toll
        better = taken > row[:, 1:]
        np.maximum(row[:, 1:], taken, out=row[:, 1:])
        row -= toll * tables.skipped[:, i + 1 : i + 2]
        whole = np.maximum.accumulate(row + ramp, axis=1) - ramp
        if steps is not None:
            step = steps[i + 1]
            step[:] = _SKIP_WORD
            step[:, 1:][better] = _TAKE
            step[whole > row + np.float32(1e-3)] = _SKIP_COLUMN
        row = whole
    return result


def _walk_back(tables: _Tables, steps: NDArray[np.uint8]) -> Numbers:
    count, wide = tables.columns.shape
    place = np.full((count, wide), -1)
    pick = np.arange(count)
    i, j = tables.rows.copy(), tables.width.copy()
    while True:
        live = (i > 0) & (j > 0)
        if not live.any():
            return place
        step = steps[i, pick, j]
        take = live & (step == _TAKE)
        k = pick[take]
        matched = tables.words[k, i[take] - 1] == tables.columns[k, j[take] - 1]
        place[k[matched], j[take][matched] - 1] = i[take][matched] - 1
        i -= live & (step != _SKIP_COLUMN)
        j -= live & (step != _SKIP_WORD)
