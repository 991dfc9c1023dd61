"""Entries as the engine's points, and back.

The engine keeps of an entry: its vector (16 bits a number), its words as a sparse vector over the
lexicon's dimensions, its facts and numbers for filters, and the entry itself as one JSON text,
which gives back every value exactly as it was put.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from typing import Any
from uuid import UUID

import numpy as np
from qdrant_edge import Point, Record, ScoredPoint, SparseVector

from promptuary.adapters.indexes.edge.filters import FACTS
from promptuary.domain.errors import Unavailable
from promptuary.domain.filters import Payload
from promptuary.domain.found import Entry


class EngineFailed(Unavailable):
    """The engine failed at something that was valid: what it keeps may be damaged."""


MEANING = "meaning"
WORDS = "words"
ID = "id"
KEPT = "kept"


def point_id(key: str) -> UUID:
    """The engine's id for an entry's id: a hash of 128 bits."""
    return UUID(bytes=blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest())


def to_point(
    entry: Entry,
    weights: Mapping[int, float],
    facts: Sequence[int],
    numbers: Mapping[str, float],
) -> Point:
    """The entry with its words' weights, the numbers of its facts, and its numeric fields."""
    vectors: dict[str, Any] = {}
    if weights:
        vectors[WORDS] = SparseVector(list(weights), list(weights.values()))
    means = entry.vector is not None and bool(entry.vector.any())
    if entry.vector is not None and means:
        vectors[MEANING] = entry.vector.tolist()
    blank = len(entry.vector) if entry.vector is not None and not means else 0
    payload = {
        ID: encode_basestring_ascii(entry.id),
        KEPT: _text({"texts": dict(entry.texts), "payload": dict(entry.payload), "blank": blank}),
        FACTS: list(facts),
        **numbers,
    }
    return Point(point_id(entry.id), vectors, payload)


def to_entry(record: Record) -> Entry:
    """The entry back; its vector was rounded to 16 bits a number, and cannot be written to."""
    kept = _kept(record)
    vectors: Mapping[str, Any] = record.vector if isinstance(record.vector, dict) else {}
    vector = np.zeros(kept["blank"], dtype=np.float32) if kept["blank"] else None
    if MEANING in vectors:
        vector = np.asarray(vectors[MEANING], dtype=np.float32)
        vector.setflags(write=False)
    return Entry(to_id(record), kept["texts"], _payload(kept), vector)


def to_id(record: Record | ScoredPoint) -> str:
    """The entry's id."""
    text = (record.payload or {}).get(ID)
    if isinstance(text, str) and text.isascii() and text[:1] == text[-1:] == '"':
        inside = text[1:-1]
        if "\\" not in inside:  # the same as the JSON says, in a tenth of the time
            return inside
    return str(_load(record, ID))


def to_texts(record: Record | ScoredPoint) -> Mapping[str, str]:
    """The entry's texts."""
    texts: Mapping[str, str] = _kept(record)["texts"]
    return texts


def to_payload(record: Record | ScoredPoint) -> Payload:
    """The entry's payload."""
    return _payload(_kept(record))


def to_dimensions(record: Record) -> list[int]:
    """The dimensions of the entry's words."""
    vectors = record.vector if isinstance(record.vector, dict) else {}
    words = vectors.get(WORDS)
    return words.indices if isinstance(words, SparseVector) else []


def _payload(kept: Mapping[str, Any]) -> Payload:
    return {
        field: tuple(value) if isinstance(value, list) else value
        for field, value in kept["payload"].items()
    }


def _kept(record: Record | ScoredPoint) -> dict[str, Any]:
    kept: dict[str, Any] = _load(record, KEPT)
    return kept


def _load(record: Record | ScoredPoint, part: str) -> Any:  # noqa: ANN401  # JSON
    try:
        return json.loads((record.payload or {})[part])
    except (ValueError, KeyError) as error:
        raise EngineFailed(f"the index engine gave back something else than {part}") from error


def _text(kept: Mapping[str, Any]) -> str:
    """JSON that the engine can hold: lone surrogates, which UTF-8 cannot say, are escaped."""
    text = json.dumps(kept, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(kept)
    return text
