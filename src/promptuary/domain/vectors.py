"""Vectors and the space they live in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]
"""Rows are unit vectors (or zero where a text has no known word); shape (n, dimensions)."""


@dataclass(frozen=True, slots=True)
class Space:
    """An embedding space. Two vectors may be compared only when their fingerprints are equal."""

    name: str
    dimensions: int
    fingerprint: str
    """Changes whenever the same text could embed differently; part of every cache key and index."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything that decides which vector a text gets. Two models of equal identity share a space,
    wherever they run; a difference anywhere makes another space.

    `weights` and `tokenizer` are hashes of content, or for a remote model what names it there.
    `kernel` is the class of arithmetic: kernels of one class agree to 1e-5.
    """

    name: str
    dimensions: int
    weights: str
    tokenizer: str
    pooling: str
    normalised: bool
    max_tokens: int
    prompts: tuple[tuple[str, str], ...]
    kernel: str

    def space(self) -> Space:
        """The space of this identity; its fingerprint covers everything but the name."""
        facts = asdict(self)
        del facts["name"]
        text = json.dumps(facts, sort_keys=True, ensure_ascii=True)
        digest = sha256(text.encode()).hexdigest()[:32]
        return Space(self.name, self.dimensions, digest)


@dataclass(frozen=True, slots=True)
class TokenStates:
    """What a model makes of each token of a text where it stands: unit `rows` of shape (tokens,
    hidden), and in `spans` of shape (tokens, 2) the characters of each, from and before which."""

    rows: Vectors
    spans: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cut:
    """A text of which only the beginning became a vector. `place` is its index in the call;
    `length` and `kept` are counted in tokens, or in characters where the model cuts by those."""

    place: int
    length: int
    kept: int
