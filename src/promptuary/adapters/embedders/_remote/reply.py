"""What comes back from an endpoint, believed only after it was checked."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from promptuary.domain.errors import BadReply
from promptuary.domain.vectors import Vectors


def rows_of(body: bytes, texts: int, dimensions: int) -> Vectors:
    """The vectors of a reply, in the order of the texts, of length one.

    Reads the OpenAI shape (`data` with `index` and `embedding`, numbers or base64), that of Ollama
    (`embeddings`) and that of TEI (a bare list). Raises BadReply for anything else: another count,
    an index that is missing or comes twice, another dimension, NaN, a vector of zeros.
    """
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadReply(f"no JSON came back but {body[:60]!r}") from error
    vectors = _in_order(given, texts)
    rows = np.zeros((texts, dimensions), dtype=np.float32)
    for place, vector in enumerate(vectors):
        rows[place] = _unit(_numbers(vector), dimensions)
    return rows


def _in_order(given: Any, texts: int) -> list[Any]:  # noqa: ANN401 - parsed JSON
    if isinstance(given, dict) and isinstance(given.get("data"), list):
        return _by_index(given["data"], texts)
    listed = given.get("embeddings") if isinstance(given, dict) else given
    if not isinstance(listed, list):
        raise BadReply(f"the reply holds no vectors but {str(given)[:80]!r}")
    if len(listed) != texts:
        raise BadReply(f"{len(listed)} vectors came back for {texts} texts")
    return listed


def _by_index(data: list[Any], texts: int) -> list[Any]:
    if len(data) != texts:
        raise BadReply(f"{len(data)} vectors came back for {texts} texts")
    found: dict[int, Any] = {}
    for place, each in enumerate(data):
        if not isinstance(each, dict) or "embedding" not in each:
            raise BadReply(f"entry {place} of the reply holds no vector")
        index = each.get("index", place)
        found[index if isinstance(index, int) else -1] = each["embedding"]
    if found.keys() != set(range(texts)):
        raise BadReply("an index of the reply is missing or comes twice")
    return [found[place] for place in range(texts)]


def _numbers(vector: Any) -> Vectors:  # noqa: ANN401 - parsed JSON
    try:
        if isinstance(vector, str):
            return np.frombuffer(base64.b64decode(vector, validate=True), dtype="<f4")
        return np.asarray(vector, dtype=np.float32)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadReply(f"a vector holds something that is no number: {error}") from error


def _unit(row: Vectors, dimensions: int) -> Vectors:
    if row.shape != (dimensions,):
        raise BadReply(f"a vector of shape {row.shape} came back; {dimensions} numbers were due")
    length = float(np.linalg.norm(row.astype(np.float64)))
    if not np.isfinite(length) or length == 0:
        raise BadReply("a vector holds NaN, infinity, or nothing but zeros")
    unit: Vectors = (row / length).astype(np.float32)
    return unit
