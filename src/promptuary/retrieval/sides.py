"""Where a search looks while the embedding model is away: in a second space, or by words alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Generic, Protocol, TypeVar

from promptuary.domain.errors import Unavailable
from promptuary.ports.embedder import Embedder
from promptuary.ports.index import Index
from promptuary.retrieval.hybrid import Mode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Side:
    """An index and the embedder of its space: one asks the other and nobody else, so vectors of two
    spaces never meet."""

    index: Index
    embedder: Embedder


class Turning(Protocol):
    """An index on its way to another store: who answers, and what is learnt from each answer."""

    async def asked(self, key: str) -> tuple[Side, str | None] | None:
        """The new store, where it answers for that key, with what has to be said of it; None where
        the old one does."""
        ...

    async def by_new(self, asking: Awaitable[T]) -> T:
        """What the new store says, in bounded time. Raises Unavailable: then the old one is asked,
        and enough of that gives it back everything."""
        ...

    def by_old(self, seconds: float, again: Callable[[Side], Awaitable[Sequence[str]]]) -> None:
        """Note how long the old store took. `again` asks a side the same and gives the ids, best
        first: both stores may be compared by it, in the background."""
        ...


@dataclass(frozen=True, slots=True)
class Sides:
    """The side that is asked, and what stands in for it: a `second` side that holds the same
    entries in another space, or with `lexical` the words of the first. While the index moves,
    `turning` says whether the new store answers."""

    first: Side
    second: Side | None = None
    lexical: bool = False
    turning: Turning | None = None


@dataclass(frozen=True, slots=True)
class Looked(Generic[T]):
    """What was found, on which side, and what has to be said of it (None: found as it should)."""

    found: T
    side: Side
    caveat: str | None


async def look(
    sides: Sides,
    mode: Mode,
    ask: Callable[[Side, Mode], Awaitable[T]],
    *,
    key: str = "",
    ids: Callable[[T], Sequence[str]] | None = None,
) -> Looked[T]:
    """What the first side says, or while that is Unavailable whatever stands in for it.

    While the index moves, `key` decides once for all which store is asked, and with `ids`, which
    gives the ids of what was found, both may be compared; one answer is from one store only. Raises
    what the last that was asked raises.
    """
    turning = sides.turning
    if turning is None:
        return await _beside(sides, mode, ask)
    if turned := await turning.asked(key):
        new, caveat = turned
        try:
            return Looked(await turning.by_new(ask(new, mode)), new, caveat)
        except Unavailable:
            return await _beside(sides, mode, ask)
    started = monotonic()
    looked = await _beside(sides, mode, ask)
    if ids is not None:

        async def again(side: Side) -> Sequence[str]:
            return ids(await ask(side, mode))

        turning.by_old(monotonic() - started, again)
    return looked


async def _beside(sides: Sides, mode: Mode, ask: Callable[[Side, Mode], Awaitable[T]]) -> Looked[T]:
    """The second side is asked first while the first one's index knows less than its own, as when
    things were written while the first model was away."""
    first, second = sides.first, sides.second
    if second is None:
        return await _alone(sides, mode, ask)
    if await second.index.watermark() > await first.index.watermark():
        found = await _tried(second, mode, ask, "has not been given everything yet", first)
        return found or Looked(await ask(first, mode), first, None)
    try:
        return Looked(await ask(first, mode), first, None)
    except Unavailable as error:
        if found := await _tried(second, mode, ask, f"is away: {error}", first):
            return found
        raise


async def _tried(
    second: Side, mode: Mode, ask: Callable[[Side, Mode], Awaitable[T]], why: str, first: Side
) -> Looked[T] | None:
    try:
        found = await ask(second, mode)
    except Unavailable:
        return None
    said = f"in the space of {second.index.space.name}, as {first.index.space.name} {why}"
    return Looked(found, second, said)


async def _alone(sides: Sides, mode: Mode, ask: Callable[[Side, Mode], Awaitable[T]]) -> Looked[T]:
    try:
        return Looked(await ask(sides.first, mode), sides.first, None)
    except Unavailable as error:
        if not (sides.lexical and mode == "hybrid"):
            raise
        said = f"by words alone, as the embedding model is away: {error}"
        return Looked(await ask(sides.first, "words"), sides.first, said)
