"""Entries as documents, and back.

A document keeps the entry as one JSON text, which gives back every value exactly as it was put, and
beside it what searching needs: see `layout.py`.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np

from promptuary.adapters.indexes._lucene import filters, words
from promptuary.domain.errors import BadReply, InvalidInput
from promptuary.domain.found import Entry
from promptuary.retrieval.words import terms

KEY, KEPT, MEANING, NATIVE, VECTOR = "key", "kept", "meaning", "native", "vector"
STATE, CHANGES = "promptuary-state", "promptuary-changes"
"""The documents that are no entries: how far the index is, and what changes with every write."""
LONGEST_ID = 16_000
_PLAIN = re.compile("[a-z][a-z0-9_]{0,60}")
_DIGITS = 7


def document_id(key: str) -> str:
    """The engine's id for an entry's id: a hash of 128 bits, as engines take 512 bytes."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def sort_key(key: str) -> str:
    """An id so that texts are in its order by code point."""
    return key.encode("utf-8", "surrogatepass").hex()


def id_of(key: str) -> str:
    """The id of such a text."""
    return bytes.fromhex(key).decode("utf-8", "surrogatepass")


def to_document(entry: Entry, *, native: bool) -> dict[str, Any]:
    """The entry for the engine. Raises InvalidInput for an id of more than 16,000 bytes."""
    key = sort_key(entry.id)
    if len(key) > 2 * LONGEST_ID:
        raise InvalidInput(f"an id has at most {LONGEST_ID} bytes", fields={"id": "too long"})
    found = {field: terms(text) for field, text in entry.texts.items()}
    counted = words.counted(found)
    weights = words.features(counted)
    said = filters.said(entry.payload)
    document: dict[str, Any] = {
        KEY: key,
        KEPT: _kept(entry),
        filters.FACTS: said.facts,
        filters.NUMBERS: said.numbers,
        filters.BIG: said.big,
        words.TERMS: list(weights),
        words.FIELDS: words.named_fields(counted),
        words.TOKENS: words.tokens(found),
    }
    if weights:
        document[words.WORDS] = weights
    if entry.vector is not None and entry.vector.any():
        vector = np.asarray(entry.vector, dtype=np.float32)
        document[VECTOR] = b64encode(vector.astype("<f4").tobytes()).decode()
        document[MEANING] = numbers(vector)
    if native:
        document[NATIVE] = _native(entry)
    return document


def from_document(source: Mapping[str, Any]) -> Entry:
    """The entry back."""
    try:
        kept = json.loads(source[KEPT])
        payload = {
            field: tuple(value) if isinstance(value, list) else value
            for field, value in kept["payload"].items()
        }
        vector = np.zeros(kept["blank"], dtype=np.float32) if kept["blank"] else None
        if told := source.get(VECTOR):
            vector = np.frombuffer(b64decode(told), dtype="<f4").astype(np.float32)
        return Entry(kept["id"], kept["texts"], payload, vector)
    except (ValueError, KeyError, TypeError) as error:
        raise BadReply("the index gave back something else than what was put") from error


def numbers(vector: np.ndarray) -> list[float]:
    """A vector of length one for the engine, in few digits."""
    exact = np.asarray(vector, dtype=np.float64)
    exact = exact / np.linalg.norm(exact)
    rounded: list[float] = np.round(exact, _DIGITS).tolist()
    return rounded


def _kept(entry: Entry) -> str:
    means = entry.vector is None or bool(entry.vector.any())
    kept = {
        "id": entry.id,
        "texts": dict(entry.texts),
        "payload": dict(entry.payload),
        "blank": 0 if means or entry.vector is None else len(entry.vector),
    }
    try:
        return json.dumps(kept)
    except ValueError as error:
        raise InvalidInput(f"this cannot be kept: {error}", fields={"payload": "value"}) from error


def _native(entry: Entry) -> dict[str, Any]:
    """What those see who ask the engine directly: texts and payload under their own names, where
    engines take such names."""
    texts = {field: _sound(text) for field, text in entry.texts.items() if _PLAIN.fullmatch(field)}
    payload = {
        field: [_sound(one) for one in values]
        for field, value in entry.payload.items()
        if _PLAIN.fullmatch(field)
        and (values := value if isinstance(value, tuple) else (value,))
        and all(isinstance(one, str) for one in values)
    }
    return {"id": _sound(entry.id), "texts": texts, "payload": payload}


def _sound(text: object) -> str:
    """Without what UTF-8 cannot say."""
    return str(text).encode("utf-8", "replace").decode()
