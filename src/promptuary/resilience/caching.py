"""An embedder that remembers: the same port in and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import numpy as np

from promptuary.domain.errors import Unavailable
from promptuary.domain.vectors import Space, Vectors
from promptuary.ports.cache import Cache
from promptuary.ports.embedder import Embedder, Purpose

TTL = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CacheUse:
    """What the cache did for one call: texts it knew, texts it did not, values that were no vector
    of the space, and whether it could be reached."""

    hits: int
    misses: int
    damaged: int
    reached: bool


def _nobody(_: CacheUse) -> None:
    """Nobody wants to know."""


class CachedEmbedder:
    """Keeps vectors under `embedding:{fingerprint}:{purpose}:{sha256 of the text}`.

    What comes back from the cache is checked (length, no NaN or infinity, of length one or zero)
    and computed again when it is not a vector. A cache that is away never fails an embedding:
    everything is then computed. `report` hears of each call, for logs and counters. Closing it
    closes the embedder; the cache belongs to whoever opened it.
    """

    def __init__(
        self,
        embedder: Embedder,
        cache: Cache,
        *,
        ttl: timedelta = TTL,
        report: Callable[[CacheUse], None] = _nobody,
    ) -> None:
        self._embedder = embedder
        self._cache = cache
        self._ttl = ttl
        self._report = report
        self.hits = 0
        """Texts whose vectors the cache had."""
        self.misses = 0
        """Texts that had to be embedded."""

    @property
    def space(self) -> Space:
        """The wrapped embedder's."""
        return self._embedder.space

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says; each distinct text is embedded once."""
        keys = [self._key(text, purpose) for text in texts]
        places = {key: place for place, key in reversed(list(enumerate(keys)))}
        found, reached = await self._look_up(list(places))
        known = {key: row for key, value in found.items() if (row := self._row(value)) is not None}
        missing = [key for key in places if key not in known]
        if missing:
            rows = await self._embedder.embed([texts[places[k]] for k in missing], purpose=purpose)
            known.update(zip(missing, rows, strict=True))
            reached = reached and await self._keep({key: known[key] for key in missing})
        self.hits += len(places) - len(missing)
        self.misses += len(missing)
        damaged = sum(1 for key in missing if key in found)
        self._report(CacheUse(len(places) - len(missing), len(missing), damaged, reached))
        if not keys:
            return np.zeros((0, self.space.dimensions), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    async def aclose(self) -> None:
        """Close the wrapped embedder."""
        await self._embedder.aclose()

    def _key(self, text: str, purpose: Purpose) -> str:
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return f"embedding:{self.space.fingerprint}:{purpose}:{digest}"

    def _row(self, value: bytes) -> Vectors | None:
        if len(value) != 4 * self.space.dimensions:
            return None
        row = np.frombuffer(value, dtype="<f4").astype(np.float32)
        if not np.isfinite(row).all():  # first: to widen a signalling NaN raises a warning
            return None
        length = float(np.linalg.norm(row.astype(np.float64)))
        return row if length == 0 or abs(length - 1) < 1e-3 else None

    async def _look_up(self, keys: list[str]) -> tuple[dict[str, bytes], bool]:
        if not keys:
            return {}, True
        try:
            values = await self._cache.get_many(keys)
        except Unavailable:
            return {}, False
        return {k: v for k, v in zip(keys, values, strict=False) if v is not None}, True

    async def _keep(self, rows: dict[str, Vectors]) -> bool:
        items = {key: row.astype("<f4").tobytes() for key, row in rows.items()}
        try:
            await self._cache.set_many(items, ttl=self._ttl)
        except Unavailable:
            return False
        return True
