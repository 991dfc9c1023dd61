"""Entries as rows of the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promptuary.adapters.indexes._shared.engine import Point
from promptuary.adapters.indexes._shared.facts import fact, facts
from promptuary.adapters.indexes._shared.kept import meaning_of, point_id, to_kept
from promptuary.adapters.indexes.pgvector.filters import hashed, numbers_of
from promptuary.adapters.indexes.pgvector.vectors import literal, stored
from promptuary.domain.found import Entry


@dataclass(frozen=True, slots=True)
class Rows:
    """What is inserted for some entries, whose numbers are not given yet: postings and numbers
    begin with the place of their entry instead."""

    entries: list[tuple[object, ...]]
    postings: list[tuple[int, int, float]]
    numbers: list[tuple[int, int, str]]
    facts: tuple[list[int], list[int], list[str]]
    """Hash, hash of the field, and text of every fact that has a value."""


def rows_of(points: Sequence[Point], *, in_server: bool) -> Rows:
    """The rows; vectors as pgvector reads them, or as bytes."""
    said = {
        hashed(fact(name, value)): (hashed(fact(name)), fact(name, value))
        for point in points
        for name, values in point.entry.payload.items()
        for value in (values if isinstance(values, tuple) else (values,))
        if isinstance(value, str | bool)
    }
    return Rows(
        entries=[_row(point, in_server=in_server) for point in points],
        postings=[(at, d, w) for at, point in enumerate(points) for d, w in point.words.items()],
        numbers=[
            (at, field, value)
            for at, point in enumerate(points)
            for field, value in numbers_of(point.entry.payload).items()
        ],
        facts=(
            list(said),
            [field for field, _ in said.values()],
            [text for _, text in said.values()],
        ),
    )


def _row(point: Point, *, in_server: bool) -> tuple[object, ...]:
    entry = point.entry
    return (
        point_id(entry.id),
        entry.id.encode("utf-8", "surrogatepass"),
        to_kept(entry),
        _vector(entry, in_server=in_server),
        [hashed(one) for one in facts(entry.payload)],
        list(point.words),
    )


def _vector(entry: Entry, *, in_server: bool) -> str | bytes | None:
    vector = meaning_of(entry)
    if vector is None:
        return None
    return literal(vector) if in_server else stored(vector)
