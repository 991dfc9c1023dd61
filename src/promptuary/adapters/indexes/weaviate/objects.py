"""Entries as the server's objects, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from weaviate.classes.config import DataType, Property, Tokenization
from weaviate.classes.data import DataObject

from promptuary.adapters.indexes._shared.engine import Point
from promptuary.adapters.indexes._shared.facts import fact, facts, numbers
from promptuary.adapters.indexes._shared.kept import from_kept, meaning_of, point_id, to_kept
from promptuary.adapters.indexes._shared.weights import to_text
from promptuary.adapters.indexes.weaviate.filters import ANY, FACTS, hashed
from promptuary.domain.filters import Payload
from promptuary.domain.found import Entry

MEANING = "meaning"
SORT = "sort"
KEPT = "kept"
WORDS = "words"
WEIGHTS = "weights"

LONGEST = 2_000
"""Characters of a string that is counted by facets; longer ones are filtered by, not counted."""


def properties() -> list[Property]:
    """What every entry has; fields of payloads come as they are seen."""
    return [
        Property(
            name=SORT,
            data_type=DataType.TEXT,
            tokenization=Tokenization.FIELD,
            index_filterable=True,
            index_searchable=False,
        ),
        unindexed(KEPT),
        unindexed(WEIGHTS),
        Property(
            name=FACTS,
            data_type=DataType.TEXT_ARRAY,
            tokenization=Tokenization.FIELD,
            index_filterable=True,
            index_searchable=False,
        ),
        Property(
            name=WORDS,
            data_type=DataType.TEXT,
            tokenization=Tokenization.WHITESPACE,
            index_filterable=False,
            index_searchable=True,
        ),
    ]


def unindexed(name: str) -> Property:
    """A text that is given back, and nothing else."""
    return Property(
        name=name, data_type=DataType.TEXT, index_filterable=False, index_searchable=False
    )


def value_key(field: str) -> str:
    """The property where the strings and booleans of a field stand, to be counted."""
    return "v_" + blake2b(field.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def to_object(point: Point) -> DataObject[dict[str, Any], None]:
    """The entry with its words, facts, values and numbers."""
    entry = point.entry
    vector = meaning_of(entry)
    return DataObject(
        uuid=point_id(entry.id),
        properties={
            SORT: to_sort(entry.id),
            KEPT: to_kept(entry),
            WEIGHTS: to_text(point.words),
            WORDS: " ".join(map(token, point.words)),
            FACTS: [ANY, *(hashed(said) for said in facts(entry.payload))],
            **_values(entry.payload),
            **numbers(entry.payload),
        },
        vector=None if vector is None else {MEANING: vector.tolist()},
    )


def to_entry(properties: Mapping[str, Any], vectors: Mapping[str, Any] | None) -> Entry:
    """The entry back."""
    meaning = (vectors or {}).get(MEANING)
    vector = None if meaning is None else np.asarray(meaning, dtype=np.float32)
    return from_kept(properties[KEPT], vector)


def to_sort(key: str) -> str:
    """An id so that it sorts as its code points do, whatever the server does to texts."""
    return key.encode("utf-8", "surrogatepass").hex()


def to_id(properties: Mapping[str, Any]) -> str:
    """The entry's id."""
    return bytes.fromhex(properties[SORT]).decode("utf-8", "surrogatepass")


def token(dimension: int) -> str:
    """A word as the server knows it."""
    return f"d{dimension}"


def _values(payload: Payload) -> dict[str, Sequence[str]]:
    kept: dict[str, Sequence[str]] = {}
    for field, value in payload.items():
        values = value if isinstance(value, tuple) else (value,)
        said = [fact(field, one) for one in values if isinstance(one, str | bool)]
        if said:
            kept[value_key(field)] = [one for one in dict.fromkeys(said) if len(one) <= LONGEST]
    return kept
