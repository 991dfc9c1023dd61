"""An embedder that remembers: the same port in and out. The only place that keeps vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import count

import numpy as np

from promptuary.domain.errors import BadReply, Unavailable, Unsupported
from promptuary.domain.vectors import Cut, Space, Vectors
from promptuary.ports.cache import Cache
from promptuary.ports.embedder import (
    ContextualEmbedder,
    Embedder,
    LocalEmbedder,
    MeasuringEmbedder,
    Purpose,
)
from promptuary.resilience.recalling import Known, Recent

TTL = timedelta(days=7)
PURPOSES: tuple[Purpose, ...] = ("query", "document", "symmetric")

_AGREE = 1e-3
"""How far a kept row's length, or any number of it, may be from what is right."""


@dataclass(frozen=True, slots=True)
class CacheUse:
    """What the caches did for one call: distinct texts they knew, texts they did not, values that
    were no vector of the space or not the text's, and whether all of them could be reached."""

    hits: int
    misses: int
    damaged: int
    reached: bool


_ONE_HIT = CacheUse(1, 0, 0, reached=True)


@dataclass(slots=True)  # changes: one call fills it
class _Call:
    """One call on its way down the ladder of caches."""

    purpose: Purpose
    texts: list[str]
    recent: dict[str, Vectors]
    rows: dict[str, Vectors] = field(init=False)
    suspects: dict[str, Vectors] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    computed: int = 0
    reached: bool = True

    def __post_init__(self) -> None:
        self.rows = dict(self.recent)

    @property
    def new(self) -> dict[str, Vectors]:
        """Rows that this process did not remember."""
        return {text: row for text, row in self.rows.items() if text not in self.recent}

    def missing(self) -> list[str]:
        return [text for text in self.texts if text not in self.rows]


def _nobody(_: CacheUse) -> None:
    """Nobody wants to know."""


class CachedEmbedder:
    """Looks in this process, then in each cache in turn, and computes what none of them knows.

    A key is `embedding:{fingerprint}:{purpose}:{bytes}:{sha256 of the text}`. What comes back from
    a cache is checked (length, no NaN or infinity, of length one or zero) and computed again when
    it is not a vector; with `verify=N` every Nth row found is computed too and compared. A cache
    that is away never fails an embedding. An embedder whose rows depend on the batch they come in
    is never remembered. `report` hears of each call, for logs and counters. Closing it closes the
    embedder; the caches belong to whoever opened them.
    """

    def __init__(
        self,
        embedder: Embedder,
        *caches: Cache,
        recent_bytes: int = 0,
        ttl: timedelta = TTL,
        verify: int = 0,
        report: Callable[[CacheUse], None] = _nobody,
    ) -> None:
        self._embedder = embedder
        # To ask a protocol what something can do takes longer than to remember a row.
        self._local = embedder if isinstance(embedder, LocalEmbedder) else None
        self._measuring = embedder if isinstance(embedder, MeasuringEmbedder) else None
        steady = self.invariant
        self._caches = caches if steady else ()
        self._recent = Recent(recent_bytes if steady else 0)
        self._ttl = ttl
        self._verify = verify
        self._found = count(1)
        self._report = report
        self.hits = 0
        """Texts whose vectors the cache had."""
        self.misses = 0
        """Texts that had to be embedded."""

    @property
    def space(self) -> Space:
        """The wrapped embedder's."""
        return self._embedder.space

    @property
    def inner(self) -> Embedder:
        """The wrapped embedder."""
        return self._embedder

    @property
    def contextual(self) -> ContextualEmbedder | None:
        """The wrapped embedder, where it shows what it makes of each token; nobody keeps that."""
        return self._embedder if isinstance(self._embedder, ContextualEmbedder) else None

    @property
    def invariant(self) -> bool:
        """The wrapped embedder's; true of one that does not say."""
        return self._local is None or self._local.invariant

    @property
    def needs_no_loop(self) -> bool:
        """Whether `embed_now` can be used: a local model, and no cache but this process."""
        return self._local is not None and not self._caches

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says; each distinct text is embedded once."""
        call = self._begin(texts, purpose)
        unknown: list[tuple[Cache, list[str]]] = []
        for cache in self._caches:
            if missing := call.missing():
                await self._look_up(cache, missing, call)
                unknown.append((cache, call.missing()))
        if missing := call.missing():
            self._take(call, await self._embedder.embed(missing, purpose=purpose))
        for cache, lacking in unknown:
            await self._keep(cache, lacking, call)
        return self._finish(texts, call)

    def embed_now(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says. Raises Unsupported where a cache needs an event loop."""
        if self._local is None or self._caches:
            raise Unsupported("this embedder waits for others: use embed")
        call = self._begin(texts, purpose)
        if missing := call.missing():
            self._take(call, self._local.embed_now(missing, purpose=purpose))
        return self._finish(texts, call)

    def recall(self, texts: Sequence[str], purpose: Purpose) -> Vectors | None:
        """The rows, when this process remembers all of them; never waits."""
        found = self._recent.find(texts, purpose)
        if not texts or any(text not in found for text in texts):
            return None
        self.hits += len(found)
        self._report(CacheUse(len(found), 0, 0, reached=True))
        return np.stack([found[text] for text in texts])

    def known(self, text: str, purpose: Purpose) -> Known | None:
        """The row of one text, when this process remembers it and `note` was told of it."""
        if (found := self._recent.known(text, purpose)) is not None:
            self.hits += 1
            self._report(_ONE_HIT)
        return found

    def note(self, text: str, purpose: Purpose, *, cut: int) -> None:
        """Say whether (1 or 0) a text was cut, so that `known` need not find out again."""
        self._recent.note(text, purpose, cut)

    def cuts(self, texts: Sequence[str], *, purpose: Purpose = "document") -> list[Cut]:
        """As the port says; nothing for an embedder that cannot tell."""
        return self._measuring.cuts(texts, purpose=purpose) if self._measuring else []

    async def forget(self, texts: Sequence[str]) -> None:
        """Remove every trace of these texts. Raises Unavailable when a cache cannot be reached."""
        self._recent.forget(texts)
        keys = [self._key(text, purpose) for text in texts for purpose in PURPOSES]
        for cache in self._caches:
            await cache.remove_many(keys)

    async def aclose(self) -> None:
        """Close the wrapped embedder."""
        await self._embedder.aclose()

    def _begin(self, texts: Sequence[str], purpose: Purpose) -> _Call:
        distinct = list(dict.fromkeys(texts))
        return _Call(purpose, distinct, self._recent.find(distinct, purpose))

    async def _look_up(self, cache: Cache, texts: list[str], call: _Call) -> None:
        try:
            values = await cache.get_many([self._key(text, call.purpose) for text in texts])
        except Unavailable:
            call.reached = False
            return
        for text, value in zip(texts, values, strict=True):
            row = None if value is None else self._row(value)
            if row is None:
                call.damaged.update([text] if value is not None else [])
            elif self._verify and next(self._found) % self._verify == 0:
                call.suspects[text] = row
            else:
                call.rows[text] = row

    def _take(self, call: _Call, rows: Vectors) -> None:
        """What was computed for the missing texts. Raises BadReply for another shape."""
        missing = call.missing()
        if rows.shape != (len(missing), self.space.dimensions):
            asked = f"{len(missing)} rows of {self.space.dimensions} numbers"
            raise BadReply(f"{self.space.name} was asked for {asked} and gave {rows.shape}")
        call.rows.update(zip(missing, rows, strict=True))
        call.computed = len(missing)
        for text, row in call.suspects.items():
            if np.abs(call.rows[text] - row).max() > _AGREE:
                call.damaged.add(text)

    def _finish(self, texts: Sequence[str], call: _Call) -> Vectors:
        self._recent.keep(call.new, call.purpose)
        hits = len(call.texts) - call.computed
        self.hits += hits
        self.misses += call.computed
        self._report(CacheUse(hits, call.computed, len(call.damaged), call.reached))
        if not texts:
            return np.zeros((0, self.space.dimensions), dtype=np.float32)
        return np.stack([call.rows[text] for text in texts])

    def _key(self, text: str, purpose: Purpose) -> str:
        plain = text.encode("utf-8", "surrogatepass")
        digest = sha256(plain).hexdigest()
        return f"embedding:{self.space.fingerprint}:{purpose}:{len(plain)}:{digest}"

    def _row(self, value: bytes) -> Vectors | None:
        if len(value) != 4 * self.space.dimensions:
            return None
        row = np.frombuffer(value, dtype="<f4").astype(np.float32)
        if not np.isfinite(row).all():  # first: to widen a signalling NaN raises a warning
            return None
        length = float(np.linalg.norm(row.astype(np.float64)))
        return row if length == 0 or abs(length - 1) < _AGREE else None

    async def _keep(self, cache: Cache, texts: list[str], call: _Call) -> None:
        items = {
            self._key(text, call.purpose): call.rows[text].astype("<f4").tobytes() for text in texts
        }
        try:
            await cache.set_many(items, ttl=self._ttl)
        except Unavailable:
            call.reached = False
