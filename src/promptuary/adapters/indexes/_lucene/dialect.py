"""The few things that Elasticsearch and OpenSearch say differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Nearest:
    """A search by meaning: entries that `where` admits, compared with the cosine of `vector`."""

    vector: Sequence[float]
    limit: int
    where: Json


class Dialect(Protocol):
    """How one engine says it."""

    @property
    def name(self) -> str:
        """What its makers call it."""
        ...

    def check(self, about: Mapping[str, Any]) -> None:
        """Raises Misconfigured when what answers `GET /` is another engine, or too old."""
        ...

    def settings(self, about: Mapping[str, Any], /) -> Json:
        """What an index needs beside what every index has, where `GET /` answers so."""
        ...

    def words(self) -> Json:
        """The mapping of weighted features."""
        ...

    def meaning(self, dimensions: int, *, quantized: bool) -> Json:
        """The mapping of the vector."""
        ...

    def by_words(self, weights: Mapping[str, float]) -> Json:
        """A query whose score is the sum of products with these weights."""
        ...

    def nearest(self, wanted: Nearest, *, quantized: bool) -> Json:
        """A query that walks the graph of vectors; its score is (1 + cosine) / 2."""
        ...

    def compared(self, wanted: Nearest) -> Json:
        """A query that compares every vector; its score is 1 + cosine."""
        ...
