"""An Embedder that remembers: same port in, same port out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256

import numpy as np

from promptuary.domain.errors import Unavailable
from promptuary.domain.vectors import Space, Vectors
from promptuary.ports.cache import Cache
from promptuary.ports.embedder import Embedder, Purpose

TTL = timedelta(days=7)


class CachedEmbedder:
    """Asks `inner` only for texts whose vector is not in the cache.

    Keys carry the space's fingerprint and the purpose, so spaces never mix. What the cache returns
    is checked (length, finite numbers) and computed anew if it is wrong; a cache that is away
    costs time and nothing else.
    """

    def __init__(self, inner: Embedder, cache: Cache, *, ttl: timedelta = TTL) -> None:
        self._inner = inner
        self._cache = cache
        self._ttl = ttl

    @property
    def space(self) -> Space:
        """The inner embedder's."""
        return self._inner.space

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """One row a text, as `inner` gives it; equal texts are embedded once."""
        keys = [self._key(text, purpose) for text in texts]
        rows = await self._remembered(list(dict.fromkeys(keys)))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in rows}
        if missing:
            fresh = await self._inner.embed(list(missing.values()), purpose=purpose)
            rows |= dict(zip(missing, fresh, strict=True))
            await self._remember({key: rows[key].tobytes() for key in missing})
        out = np.empty((len(texts), self.space.dimensions), np.float32)
        for at, key in enumerate(keys):
            out[at] = rows[key]
        return out

    async def aclose(self) -> None:
        """Close the inner embedder; the cache belongs to whoever opened it."""
        await self._inner.aclose()

    async def _remembered(self, keys: Sequence[str]) -> dict[str, Vectors]:
        try:
            kept = await self._cache.get_many(keys)
        except Unavailable:
            return {}
        rows = {key: _row(value) for key, value in zip(keys, kept, strict=True) if value}
        return {key: row for key, row in rows.items() if self._is_sound(row)}

    async def _remember(self, items: Mapping[str, bytes]) -> None:
        try:
            await self._cache.set_many(items, ttl=self._ttl)
        except Unavailable:
            return

    def _is_sound(self, row: Vectors) -> bool:
        return row.shape == (self.space.dimensions,) and bool(np.isfinite(row).all())

    def _key(self, text: str, purpose: Purpose) -> str:
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return f"embedding:{self.space.fingerprint}:{purpose}:{digest}"


def _row(value: bytes) -> Vectors:
    whole = len(value) - len(value) % 4
    return np.frombuffer(value[:whole], np.float32)
