"""Fixed words at the edges of slots: template text, or the part of the values it always is?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.alignment import Numbers
from promptuary.canon.discovery.context import LINE, STRONG
from promptuary.canon.discovery.corpus import Corpus
from promptuary.canon.discovery.ngrams import Windows
from promptuary.canon.discovery.tables import Gaps, Table, gaps

PASSAGE = 3  # words of a value by which it is known again
LOOKED_AT = 40  # occurrences of a passage
USED = 0.5  # of the rows fill the slot
TRAVELS = 0.75  # of the values' other occurrences carry the word too
PROMPTS, TABLES = 4, 3  # in which they occur, at least
POOLED, POOLED_TABLES = 0.8, 3  # mean over slots, and slots, for a word that is always a value's
AGAINST = 0.5  # of the other occurrences without a pooled word speak against it
HEADING_TRAVELS, HEADING_TABLES = 0.9, 6  # the same for a word that a mark parts from the value
HEADED, HEADED_VALUES = 0.8, 4  # of the values that stand elsewhere carry it there too, and values
REJOINED = 0.5  # of the different passages around a word between slots stand elsewhere too
MOST_GIVEN = 4  # words of a template that become parts of values
GLUED = 0.8  # of the rows have the word glued to the value
GLUE = re.compile(r"(?:[./\\_@-]|://)+")

BEFORE, AFTER = 0, 1  # side of the slot on which a column stands

Edge = tuple[int, int, int]  # slot, side and column of a fixed word beside it


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where every passage of the corpus stands, and to which table each prompt belongs."""

    corpus: Corpus
    windows: Windows
    order: Numbers
    starts: Numbers
    owner: Numbers
    home: Numbers
    separators: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Finding:
    """Other prompts with a slot's values, tables they are in, how many carry the word there.

    `values` are the different values that stand elsewhere as a piece of their own (behind a mark
    or a line break), `faithful` those of them that carry the word there.
    """

    prompts: int
    tables: int
    carrying: int
    values: int
    faithful: int

    @property
    def share(self) -> float:
        """Part of the other prompts that carry the word."""
        return self.carrying / max(1, self.prompts)


Pooled = Mapping[tuple[int, int], Sequence[Finding]]


def elsewhere(
    corpus: Corpus, windows: Windows, tables: Sequence[Table], separators: NDArray[np.uint8]
) -> Elsewhere:
    """Index of the passages of a corpus whose prompts are in tables."""
    home = np.full(len(corpus), -1)
    for number, table in enumerate(tables):
        home[table.rows] = number
    order = np.argsort(windows.number, kind="stable")
    count = np.bincount(windows.number, minlength=len(windows.times))
    starts = np.concatenate(([0], np.cumsum(count)))
    return Elsewhere(corpus, windows, order, starts, corpus.owner, home, separators)


def give_back_edges(tables: Sequence[Table], index: Elsewhere) -> None:
    """Make edge words part of the values where the same values carry them in other templates."""
    for number, table in enumerate(tables):
        _unglue(table)
        _rejoin(table, number, index)
    findings = [_findings(table, number, index) for number, table in enumerate(tables)]
    pooled = _pooled(tables, findings)
    for number, table in enumerate(tables):
        for _ in range(MOST_GIVEN):
            edge = _edge_of_value(table, findings[number], index.separators, pooled)
            if edge is None:
                break
            if _give(table, *edge):
                findings[number] = _findings(table, number, index)


def _edges(table: Table, between: Gaps) -> Iterator[Edge]:
    """Slot, side and column of every fixed word beside a slot."""
    last = len(table.columns)
    for gap in np.flatnonzero(between.used >= USED).tolist():
        if gap > 0:
            yield gap, BEFORE, gap - 1
        if gap < last:
            yield gap, AFTER, gap


def _findings(table: Table, number: int, index: Elsewhere) -> Mapping[Edge, Finding]:
    """What is found of every fixed word beside a slot."""
    between = gaps(table)
    edges = list(_edges(table, between))
    return {edge: _find(table, between, number, index, edge) for edge in edges}


def _pooled(tables: Sequence[Table], findings: Sequence[Mapping[Edge, Finding]]) -> Pooled:
    """By word and side, what is found at each slot that it stands beside."""
    pooled: dict[tuple[int, int], list[Finding]] = defaultdict(list)
    for table, by_edge in zip(tables, findings, strict=True):
        for (_, side, column), found in by_edge.items():
            if found.prompts:
                pooled[table.columns[column], side].append(found)
    return pooled


def _pooled_enough(findings: Sequence[Finding], heading: bool) -> bool:
    if heading:
        values = sum(one.values for one in findings)
        faithful = [one.faithful for one in findings if one.faithful]
        enough = values >= HEADED_VALUES and len(faithful) >= POOLED_TABLES
        return enough and sum(faithful) >= HEADED * values
    shares = [one.share for one in findings]
    return len(shares) >= POOLED_TABLES and float(np.mean(shares)) >= POOLED


def _edge_of_value(
    table: Table,
    findings: Mapping[Edge, Finding],
    separators: NDArray[np.uint8],
    pooled: Pooled,
) -> tuple[int, int] | None:
    """Column and side of the first word that belongs to a value."""
    if len(table.columns) < 2:
        return None
    between = gaps(table)
    for (gap, side, column), found in findings.items():
        if column in table.given:
            continue
        heading = _marked(table, between, gap, side, separators)
        known = _pooled_enough(pooled.get((table.columns[column], side), []), heading)
        if _travels(found, heading) or (known and not _against(found)):
            return column, side
    return None


def _travels(found: Finding, heading: bool) -> bool:
    if heading:
        return found.tables >= HEADING_TABLES and found.share >= HEADING_TRAVELS
    return found.prompts >= PROMPTS and found.tables >= TABLES and found.share >= TRAVELS


def _against(found: Finding) -> bool:
    return found.prompts > 0 and found.share < AGAINST


def _marked(
    table: Table, between: Gaps, gap: int, side: int, separators: NDArray[np.uint8]
) -> bool:
    """Whether a mark or a line break parts the word from most values: it looks like a heading."""
    filled = between.filled[:, gap]
    edge = between.begin[:, gap] if side == BEFORE else between.end[:, gap]
    at = (table.corpus.starts[table.rows] + edge)[filled]
    return float(np.mean((separators[at] & (LINE | STRONG)) > 0)) >= USED


def _give(table: Table, column: int, side: int) -> bool:
    """Make a column part of a value; tell whether the columns are others now."""
    used = gaps(table).used
    if used[column] >= USED and used[column + 1] >= USED:
        table.given[column] = side
        return False
    table.remove([column])
    return True


def _find(table: Table, between: Gaps, number: int, index: Elsewhere, edge: Edge) -> Finding:
    gap, side, column = edge
    starts = table.corpus.starts[table.rows]
    long = between.end[:, gap] - between.begin[:, gap] >= PASSAGE
    at = between.begin[:, gap] if side == BEFORE else between.end[:, gap] - PASSAGE
    passage = index.windows.number[(starts + at)[long]]
    places = occurrences(np.unique(passage), index)
    prompts = index.owner[places]
    other = (index.home[prompts] >= 0) & (index.home[prompts] != number)
    places, prompts = places[other], prompts[other]
    beside = places - 1 if side == BEFORE else places + PASSAGE
    limits = index.corpus.starts
    inside = (beside >= limits[prompts]) & (beside < limits[prompts + 1])
    words = index.corpus.flat[np.where(inside, beside, 0)]
    carries = inside & (words == table.columns[column])
    everyone, many = len(index.corpus), int(index.home.max()) + 1
    return Finding(
        _different(prompts, everyone),
        _different(index.home[prompts], many),
        _different(prompts[carries], everyone),
        *_values(index, places, carries, side),
    )


def _values(
    index: Elsewhere, places: Numbers, carries: NDArray[np.bool_], side: int
) -> tuple[int, int]:
    """Different values that stand apart elsewhere, and how many nearly always carry the word."""
    joint = index.separators[places if side == BEFORE else places + PASSAGE]
    apart = (joint & (LINE | STRONG)) > 0
    passage, number = np.unique(index.windows.number[places[apart]], return_inverse=True)
    share = np.bincount(number, carries[apart]) / np.maximum(1, np.bincount(number))
    return len(passage), int(np.count_nonzero(share >= HEADING_TRAVELS))


def _different(numbers: Numbers, size: int) -> int:
    """How many different numbers there are; all are below `size`."""
    seen = np.zeros(size, dtype=bool)
    seen[numbers] = True
    return int(np.count_nonzero(seen))


def occurrences(passages: Numbers, index: Elsewhere) -> Numbers:
    """Flat positions where some passages stand, the first of very many."""
    passages = passages[passages > 0]
    first = index.starts[passages]
    count = np.minimum(index.starts[passages + 1] - first, LOOKED_AT)
    offset = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    places: Numbers = index.order[np.repeat(first, count) + offset]
    return places


def _unglue(table: Table) -> None:
    """Words joined to a slot by a dot, slash, hyphen, underscore or @ are pieces of the values."""
    while len(table.columns) > 2:
        between = gaps(table)
        glued = [c for g, s, c in _edges(table, between) if _glued(table, between, (g, s, c))]
        if not glued:
            return
        table.remove(glued[:1])


def _rejoin(table: Table, number: int, index: Elsewhere) -> None:
    """Drop fixed words between two slots that stand inside passages known from elsewhere."""
    used = gaps(table).used
    for column in range(len(table.columns) - 1, -1, -1):
        between = used[column] >= USED and used[column + 1] >= USED
        if between and len(table.columns) > 1 and _inside_passages(table, number, index, column):
            table.remove([column])
            used = gaps(table).used


def _inside_passages(table: Table, number: int, index: Elsewhere, column: int) -> bool:
    """Whether the word with its two neighbours stands in other prompts too, in most rows."""
    places = table.places[:, column]
    length = table.lengths()
    inside = (places > 0) & (places < length - 1)
    if not inside.any():
        return False
    at = (table.corpus.starts[table.rows] + places - 1)[inside]
    passages = np.unique(index.windows.number[at])
    others = [_others(passage, number, index) for passage in passages.tolist()]
    return float(np.mean(others)) >= REJOINED


def _others(passage: int, number: int, index: Elsewhere) -> bool:
    places = occurrences(np.array([passage]), index)
    return bool((index.home[index.owner[places]] != number).any())


def _glued(table: Table, between: Gaps, edge: Edge) -> bool:
    gap, side, column = edge
    joints = []
    for row, begin, end in between.of(gap):
        if table.places[row, column] >= 0:
            spans = table.corpus.spans[table.rows[row]]
            a, b = (begin - 1, begin) if side == BEFORE else (end - 1, end)
            text = table.corpus.texts[table.rows[row]][spans[a][1] : spans[b][0]]
            joints.append(GLUE.fullmatch(text) is not None)
    return bool(joints) and float(np.mean(joints)) >= GLUED
