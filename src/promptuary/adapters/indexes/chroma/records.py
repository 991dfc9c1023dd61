"""Entries as Chroma's records, and back. A record's id is the entry's id, as ASCII.

Its document holds the weights of the entry's words and, on a line of its own, the entry: Chroma
reads documents many times as fast as metadata, of which each value of a list is a row of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import Any

import numpy as np
from numpy.typing import NDArray

from promptuary.adapters.indexes._shared.engine import Point
from promptuary.adapters.indexes._shared.facts import facts, numbers
from promptuary.adapters.indexes._shared.kept import from_kept, meaning_of, point_id, to_kept
from promptuary.adapters.indexes._shared.weights import to_text
from promptuary.adapters.indexes.chroma.filters import ANY, FACTS, KEY, hashed
from promptuary.domain.found import Entry

WORDS = "words"
WEIGHTS = "weights"
MEANS = "means"
"""A fact of the entries that have a vector: Chroma gives every record one."""


@dataclass(frozen=True, slots=True)
class Records:
    """What `upsert` takes, column by column."""

    ids: list[str]
    embeddings: NDArray[np.float32]
    metadatas: list[Mapping[str, Any]]
    documents: list[str]


def to_records(points: Sequence[Point], dimensions: int) -> Records:
    """The entries; those without a vector have some vector, and not the fact MEANS."""
    rows = np.zeros((len(points), dimensions), dtype=np.float32)
    rows[:, 0] = 1.0
    for row, point in zip(rows, points, strict=True):
        if (vector := meaning_of(point.entry)) is not None:
            row[:] = vector
    return Records(
        ids=[to_key(point.entry.id) for point in points],
        embeddings=rows,
        metadatas=[_metadata(point) for point in points],
        documents=[f"{to_text(point.words)}\n{to_kept(point.entry)}" for point in points],
    )


def to_key(key: str) -> str:
    """An entry's id as Chroma's."""
    return encode_basestring_ascii(key)


def to_id(key: str) -> str:
    """An entry's id from Chroma's."""
    return str(json.loads(key))


def weights_in(document: str) -> str | None:
    """The weights of the entry's words; None where an older version wrote the document, which kept
    them under WEIGHTS."""
    weights, line, _ = document.partition("\n")
    return weights if line else None


def to_entry(
    document: str, metadata: Mapping[str, Any], embedding: NDArray[np.float32] | None
) -> Entry:
    """The entry back."""
    means = embedding is not None and MEANS in metadata[FACTS]
    kept = document.rpartition("\n")[2]
    return from_kept(kept, np.asarray(embedding, dtype=np.float32) if means else None)


def _metadata(point: Point) -> Mapping[str, Any]:
    entry = point.entry
    floats = numbers(entry.payload)
    means = [MEANS] if meaning_of(entry) is not None else []
    said = [ANY, *means, *floats, *(hashed(one) for one in facts(entry.payload))]
    words = {WORDS: list(point.words)} if point.words else {}
    return {KEY: point_id(entry.id).hex, FACTS: said, **words, **floats}
