"""What every index refuses, and how every index orders facets: the same rules on all engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from promptuary.domain.errors import InvalidInput, SpaceMismatch
from promptuary.domain.filters import Value
from promptuary.domain.found import Entry
from promptuary.domain.vectors import Space, Vectors


def checked_entries(entries: Sequence[Entry], space: Space) -> list[Entry]:
    """The entries without those that a later one of the same id overwrites.

    Raises SpaceMismatch for a vector of another length and InvalidInput for an empty id, a payload
    value that is no scalar or tuple of strings, and a vector with NaN or infinity.
    """
    for entry in entries:
        if not entry.id:
            raise InvalidInput("an entry needs an id", fields={"id": "empty"})
        for name, value in entry.payload.items():
            _check_value(name, value)
        if entry.vector is not None:
            check_rows(np.asarray(entry.vector)[None], space)
    return list({entry.id: entry for entry in entries}.values())


def check_rows(rows: Vectors, space: Space) -> None:
    """Raises SpaceMismatch for rows of another length and InvalidInput for NaN or infinity."""
    if rows.ndim != 2 or rows.shape[1] != space.dimensions:
        raise SpaceMismatch(
            f"{space.name} has vectors of {space.dimensions} numbers, not of shape {rows.shape}"
        )
    if not np.isfinite(rows).all():
        raise InvalidInput("a vector holds NaN or infinity", fields={"vector": "not finite"})


def countable(value: Value) -> tuple[str | bool | int, ...]:
    """What a facet counts of a payload value: strings, booleans, whole numbers, each once."""
    if isinstance(value, tuple):
        return tuple(dict.fromkeys(value))
    if isinstance(value, float):
        return (int(value),) if value.is_integer() else ()
    return (value,)


def ranked_facets(
    counts: Mapping[tuple[str, str | bool | int], int], limit: int
) -> dict[str | bool | int, int]:
    """The `limit` most frequent values, then by value; keys are (type name, value) pairs, because
    True and 1 are one key to a dict."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ranked: dict[str | bool | int, int] = {}
    for (_, value), count in ordered[: max(0, limit)]:
        ranked.setdefault(value, count)
    return ranked


def _check_value(name: str, value: object) -> None:
    parts = value if isinstance(value, tuple) else ()
    if not isinstance(value, str | int | float | tuple) or not all(
        isinstance(part, str) for part in parts
    ):
        raise InvalidInput(
            "a payload holds strings, numbers, booleans and tuples of strings",
            fields={name: type(value).__name__},
        )
