"""`memory:` the reference: exact and forgetful. Other indexes are compared with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.domain.filters import Filter, matches
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Space, Vectors
from promptuary.ports.index import IndexHealth, KnownWord, WordQuery
from promptuary.retrieval.checks import check_rows, checked_entries, countable, ranked_facets
from promptuary.retrieval.lexicon import Lexicon, Phrase, counted_terms


def connect(url: str, *, space: Space) -> MemoryIndex:
    """A new, empty index: each connection is one of its own."""
    if url.partition(":")[2]:
        raise Misconfigured("memory: takes nothing after the colon")
    return MemoryIndex(space)


class MemoryIndex:
    """Plain dictionaries and one matrix; every method runs to its end without letting others in."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._open = True
        self._watermark = 0
        self._expected = 0
        self._matrix: tuple[list[str], Vectors] | None = None
        self._forget_all()

    @property
    def space(self) -> Space:
        """The space it was opened with."""
        return self._space

    async def put(self, entries: Sequence[Entry]) -> None:
        """As the port says."""
        self._check_open()
        checked = checked_entries(entries, self._space)
        words = [counted_terms(entry.texts) for entry in checked]
        self._lexicon.learn(*self._lexicon.unknown(words))
        for entry, counted in zip(checked, words, strict=True):
            self._forget(entry.id)
            self._entries[entry.id] = _own(entry)
            self._weights[entry.id] = self._lexicon.weigh(counted)
            self._tally(entry.id, 1)
            for dimension, weight in self._weights[entry.id].items():
                self._postings[dimension][entry.id] = weight
        self._matrix = None

    async def get(self, ids: Sequence[str]) -> list[Entry]:
        """As the port says."""
        self._check_open()
        return [self._entries[key] for key in ids if key in self._entries]

    async def remove(self, ids: Sequence[str]) -> int:
        """As the port says."""
        self._check_open()
        return sum(self._forget(key) for key in ids)

    async def clear(self) -> None:
        """As the port says."""
        self._check_open()
        self._forget_all()
        self._expected = max(self._expected, self._watermark)
        self._watermark = 0

    async def count(self, where: Filter | None = None) -> int:
        """As the port says."""
        self._check_open()
        return len(self._matching(where))

    async def list_ids(
        self, *, after: str | None = None, limit: int = 100, where: Filter | None = None
    ) -> list[str]:
        """As the port says."""
        self._check_open()
        ids = sorted(self._matching(where))
        return [key for key in ids if after is None or key > after][: max(0, limit)]

    async def search_vectors(
        self, queries: Vectors, *, limit: int, where: Filter | None = None
    ) -> list[list[Hit]]:
        """As the port says; ties by id."""
        self._check_open()
        check_rows(queries, self._space)
        ids, rows = self._vectors()
        allowed = self._matching(where)
        chosen = np.array([at for at, key in enumerate(ids) if key in allowed], dtype=np.intp)
        return [_nearest(query, ids, rows, chosen, limit) for query in queries]

    async def search_words(
        self, query: WordQuery, *, limit: int, where: Filter | None = None
    ) -> list[Hit]:
        """As the port says; ties by id."""
        self._check_open()
        meant = self._lexicon.meant(query)
        scores: defaultdict[str, float] = defaultdict(float)
        for dimension, weight in self._lexicon.ask(meant, query.boosts).items():
            for key, of_entry in self._postings[dimension].items():
                scores[key] += weight * of_entry
        best = sorted(self._matching(where, scores), key=lambda key: (-scores[key], key))
        if query.phrase:
            phrase = Phrase(meant)
            texts = ((key, self._entries[key].texts) for key in best)
            best = [key for key, standing in texts if phrase.stands_in(standing, query.boosts)]
        return [Hit(key, scores[key]) for key in best[: max(0, limit)]]

    async def known_words(self, query: WordQuery) -> tuple[KnownWord, ...]:
        """As the port says."""
        self._check_open()
        return self._lexicon.known(query)

    async def facets(
        self, field: str, *, limit: int = 20, where: Filter | None = None
    ) -> dict[str | bool | int, int]:
        """As the port says."""
        self._check_open()
        counts: Counter[tuple[str, str | bool | int]] = Counter()
        for key in self._matching(where):
            values = countable(self._entries[key].payload.get(field, ()))
            counts.update((type(value).__name__, value) for value in values)
        return ranked_facets(counts, limit)

    async def watermark(self) -> int:
        """As the port says."""
        self._check_open()
        return self._watermark

    async def set_watermark(self, position: int) -> None:
        """As the port says, for as long as it lives."""
        self._check_open()
        self._watermark = position

    async def expect(self, position: int) -> None:
        """As the port says, for as long as it lives."""
        self._check_open()
        self._expected = max(self._expected, position)

    async def health(self) -> IndexHealth:
        """As the port says."""
        behind = self._watermark < self._expected
        return IndexHealth(
            state="rebuilding" if behind else "ok",
            entries=len(self._entries),
            watermark=self._watermark,
            detail="" if self._open else "closed",
            expected=self._expected,
        )

    async def aclose(self) -> None:
        """Forget everything."""
        self._forget_all()
        self._open = False

    def _check_open(self) -> None:
        if not self._open:
            raise Unavailable("this index is closed")

    def _forget_all(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._weights: dict[str, dict[int, float]] = {}
        self._postings: defaultdict[int, dict[str, float]] = defaultdict(dict)
        self._lexicon = Lexicon()
        self._matrix = None

    def _forget(self, key: str) -> bool:
        if self._entries.pop(key, None) is None:
            return False
        self._tally(key, -1)
        for dimension in self._weights.pop(key):
            del self._postings[dimension][key]
        self._matrix = None
        return True

    def _tally(self, key: str, by: int) -> None:
        dimensions = np.fromiter(self._weights[key], dtype=np.int64)
        self._lexicon.count(by * bool(dimensions.size), dimensions, np.full_like(dimensions, by))

    def _matching(self, where: Filter | None, among: Iterable[str] | None = None) -> set[str]:
        ids = self._entries if among is None else among
        return {key for key in ids if where is None or matches(where, self._entries[key].payload)}

    def _vectors(self) -> tuple[list[str], Vectors]:
        """Ids in ascending order and their unit vectors, of the entries that have a meaning."""
        if self._matrix is None:
            kept = [
                (key, vector / np.linalg.norm(vector))
                for key in sorted(self._entries)
                if (vector := self._entries[key].vector) is not None and vector.any()
            ]
            rows = np.zeros((len(kept), self._space.dimensions), dtype=np.float32)
            for row, (_, vector) in zip(rows, kept, strict=True):
                row[:] = vector
            self._matrix = ([key for key, _ in kept], rows)
        return self._matrix


def _own(entry: Entry) -> Entry:
    """A copy that the caller cannot change any more."""
    vector = None if entry.vector is None else np.array(entry.vector, dtype=np.float32)
    return replace(entry, texts=dict(entry.texts), payload=dict(entry.payload), vector=vector)


def _nearest(
    query: NDArray[np.float32], ids: list[str], rows: Vectors, chosen: NDArray[np.intp], limit: int
) -> list[Hit]:
    if not query.any() or limit <= 0:
        return []
    cosines = rows[chosen] @ (query / np.linalg.norm(query))
    best = np.argsort(-cosines, kind="stable")[:limit]
    return [Hit(ids[chosen[at]], float(np.clip(cosines[at], -1, 1))) for at in best]
