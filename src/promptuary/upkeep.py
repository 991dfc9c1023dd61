"""How the face cares for its index; `app.Promptuary` has these as methods."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from promptuary.canon.browse import counts
from promptuary.canon.following import Followers
from promptuary.canon.index_copies import copy_in, copy_out
from promptuary.canon.verifying import repair as mend
from promptuary.canon.verifying import verify
from promptuary.domain.errors import Unsupported
from promptuary.domain.reports import Figures, Told, silent
from promptuary.domain.upkeep import IndexCopy, IndexStats, Verified
from promptuary.ports.index import Generation, Index, IndexHealth, StagedIndex
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.providers import Chats
from promptuary.resilience.caching import CachedEmbedder
from promptuary.settings import Settings
from promptuary.storing import arriving, leaving


class Opened(Protocol):
    """What these methods need of the Promptuary that they belong to."""

    @property
    def settings(self) -> Settings:
        """What is set."""
        ...

    @property
    def _index(self) -> Index: ...

    @property
    def _follower(self) -> Followers: ...


class Counted(Opened, Protocol):
    """What counting needs of it besides."""

    @property
    def chats(self) -> Chats:
        """Chat models."""
        ...

    @property
    def _record(self) -> UnitOfWork: ...

    @property
    def _embedder(self) -> CachedEmbedder: ...


async def index_health(self: Opened) -> IndexHealth:
    """Whether answers are complete, and how far the index is."""
    return await self._index.health()


async def index_stats(self: Opened) -> IndexStats:
    """How much the index holds, of what kinds, and how far it is."""
    health = await self._index.health()
    kinds = await self._index.facets("kind", limit=100)
    staged = isinstance(self._index, StagedIndex)
    return IndexStats(
        engine=self.settings.urls().index.partition(":")[0],
        state=health.state,
        detail=health.detail,
        entries=health.entries,
        kinds={str(kind): count for kind, count in kinds.items()},
        watermark=health.watermark,
        expected=health.expected,
        space=self._index.space.name,
        dimensions=self._index.space.dimensions,
        fingerprint=self._index.space.fingerprint,
        generations=len(await index_generations(self)) if staged else 1,
    )


async def rebuild_index(self: Opened, *, progress: Told = silent) -> IndexHealth:
    """Derive the index again from the record: beside the one that serves, which it then replaces in
    one step, where the engine can do that; else in its place."""
    await self._follower.rebuild(progress)
    return await self._index.health()


async def verify_index(
    self: Opened, *, repair: bool = False, deep: bool = False, progress: Told = silent
) -> Verified:
    """Compare record and index, entry by entry, and ask for what is kept by some of its words, or
    with `deep` by all; with `repair` the index is put right, and the comparison is that of
    afterwards."""
    async with self._follower.held() as parts:
        return await (mend if repair else verify)(parts, progress, deep=deep)


async def snapshot_index(self: Opened, to: str | Path, *, progress: Told = silent) -> IndexCopy:
    """Write every entry with its vector into one file: a path, or a URL such as
    `s3://BUCKET/NAME.gz`. It is there as a whole, or not at all. Raises InvalidInput."""
    await self._follower.catch_up()
    home = self.settings.home.expanduser()
    async with leaving(str(to), home) as path, self._follower.held() as parts:
        return await copy_out(parts, path, told=progress)


async def restore_index(self: Opened, place: str | Path, *, progress: Told = silent) -> IndexCopy:
    """Let the index hold what such a file holds; what was written since is brought in afterwards.
    Raises NotFound, InvalidInput, SpaceMismatch."""
    home = self.settings.home.expanduser()
    async with arriving(str(place), home) as path, self._follower.held() as parts:
        copy = await copy_in(parts, path, told=progress)
    await self._follower.catch_up(progress)
    return copy


async def index_generations(self: Opened) -> Sequence[Generation]:
    """What the name of the index stands for, and may stand for. Raises Unsupported where the engine
    knows no such thing."""
    return await _staged(self._index).generations()


async def serve_index(self: Opened, name: str) -> Sequence[Generation]:
    """Let another generation of the index serve, as after a rebuild that one regrets; what was
    written since is brought in. Raises Unsupported, NotFound."""
    staged = _staged(self._index)
    async with self._follower.held():
        await staged.serve(name)
    await self._follower.catch_up()
    return await staged.generations()


async def figures(self: Counted) -> Figures:
    """What there is and what waits, in numbers. Raises Unavailable."""
    clusters, created, extracted, waiting = await counts(self._record)
    async with self._record.read() as tx:
        newest = await tx.moves.list(limit=1)
    return Figures(
        clusters,
        created,
        extracted,
        waiting,
        index_lag_seconds=self._follower.lag,
        cache_hits=self._embedder.hits,
        cache_misses=self._embedder.misses,
        chats=self.chats.totals,
        budgets=self.chats.budgets.used,
        moves=tuple(newest.items),
    )


def _staged(index: Index) -> StagedIndex:
    if not isinstance(index, StagedIndex):
        raise Unsupported("this index has one generation only: the engine knows no aliases")
    return index
