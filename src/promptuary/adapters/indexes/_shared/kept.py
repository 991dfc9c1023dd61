"""An entry as one JSON text, which gives back every value exactly as it was put."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from promptuary.domain.errors import InvalidInput, Unavailable
from promptuary.domain.found import Entry


def point_id(key: str) -> UUID:
    """An engine's id for an entry's id: a hash of 128 bits."""
    return UUID(bytes=blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest())


def meaning_of(entry: Entry) -> NDArray[np.float32] | None:
    """The vector if it means something: zeros mean nothing, and an engine might find them."""
    vector = entry.vector
    return vector if vector is not None and vector.any() else None


def to_kept(entry: Entry) -> str:
    """The entry without its vector; raises InvalidInput for a number too long to be written."""
    blank = 0 if entry.vector is None or entry.vector.any() else len(entry.vector)
    kept = {
        "id": entry.id,
        "texts": dict(entry.texts),
        "payload": dict(entry.payload),
        "blank": blank,
    }
    try:
        return text_of(kept)
    except ValueError as error:
        raise InvalidInput(f"this cannot be kept: {error}", fields={"payload": "value"}) from error


def from_kept(text: str, vector: NDArray[np.float32] | None = None) -> Entry:
    """The entry back, with the vector that the engine kept."""
    kept = loaded(text)
    if kept["blank"]:
        vector = np.zeros(kept["blank"], dtype=np.float32)
    payload = {
        field: tuple(value) if isinstance(value, list) else value
        for field, value in kept["payload"].items()
    }
    return Entry(kept["id"], kept["texts"], payload, vector)


def loaded(text: str) -> dict[str, Any]:
    """What such a text says; raises Unavailable when it is not ours."""
    try:
        found: dict[str, Any] = json.loads(text)
        found["texts"], found["payload"], found["blank"]
    except (ValueError, TypeError, KeyError) as error:
        raise Unavailable("the index gave back something else than what was put") from error
    return found


def text_of(kept: Mapping[str, Any]) -> str:
    """JSON that engines can hold: lone surrogates, which UTF-8 cannot say, are escaped."""
    text = json.dumps(kept, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(kept)
    return text
