"""Entries as the server's points, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from typing import Any

import numpy as np
from qdrant_client.models import PointStruct, Record, ScoredPoint, SparseVector

from promptuary.adapters.indexes._shared.engine import Point
from promptuary.adapters.indexes._shared.facts import fact, facts, numbers
from promptuary.adapters.indexes._shared.kept import from_kept, meaning_of, point_id, to_kept
from promptuary.adapters.indexes.qdrant.filters import FACTS, hashed
from promptuary.domain.filters import Payload
from promptuary.domain.found import Entry

MEANING = "meaning"
WORDS = "words"
ID = "id"
KEPT = "kept"


def value_key(field: str) -> str:
    """Where the strings and booleans of a field stand, to be counted."""
    return "v_" + blake2b(field.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def to_point(point: Point) -> PointStruct:
    """The entry with its words, facts, values and numbers."""
    entry = point.entry
    vectors: dict[str, Any] = {}
    if point.words:
        vectors[WORDS] = SparseVector(indices=list(point.words), values=list(point.words.values()))
    if (vector := meaning_of(entry)) is not None:
        vectors[MEANING] = vector.tolist()
    payload = {
        ID: encode_basestring_ascii(entry.id),
        KEPT: to_kept(entry),
        FACTS: [hashed(said) for said in facts(entry.payload)],
        **_values(entry.payload),
        **numbers(entry.payload),
    }
    return PointStruct(id=str(point_id(entry.id)), vector=vectors, payload=payload)


def to_entry(record: Record) -> Entry:
    """The entry back."""
    vectors = record.vector if isinstance(record.vector, dict) else {}
    meaning = vectors.get(MEANING)
    vector = None if meaning is None else np.asarray(meaning, dtype=np.float32)
    return from_kept((record.payload or {})[KEPT], vector)


def to_id(record: Record | ScoredPoint) -> str:
    """The entry's id."""
    return str(json.loads((record.payload or {})[ID]))


def to_dimensions(record: Record) -> list[int]:
    """The dimensions of the entry's words."""
    vectors = record.vector if isinstance(record.vector, dict) else {}
    words = vectors.get(WORDS)
    return list(words.indices) if isinstance(words, SparseVector) else []


def _values(payload: Payload) -> dict[str, list[str]]:
    kept: dict[str, list[str]] = {}
    for field, value in payload.items():
        values: Iterable[object] = value if isinstance(value, tuple) else (value,)
        said = [fact(field, one) for one in values if isinstance(one, str | bool)]
        if said:
            kept[value_key(field)] = list(dict.fromkeys(said))
    return kept
