"""During a move: who answers a read, what both sides say to the same, and the way back.

What is decided here is decided in memory, within the read; `Turn.news` tells whoever writes it
into the record.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final, Generic, TypeAlias, TypeVar

from promptuary.domain.errors import PromptuaryError, TimedOut, Unavailable
from promptuary.domain.moves import Move, Shadow, asks_new
from promptuary.moving.likeness import overlap, rbo
from promptuary.ports.clock import Clock
from promptuary.ports.index import Index

T = TypeVar("T")
S = TypeVar("S")
Differ: TypeAlias = Callable[[Sequence[str]], Awaitable[bool]]
"""Whether both sides keep something else under one of those ids."""
RECENT: Final = 200
"""Over so many reads 95th percentiles are taken."""
ENOUGH: Final = 50
"""So many reads of each store it takes to compare their times."""
FAILURES: Final = 3
"""So many failures of the new store among the last RECENT reads give everything back to the old."""
SLOWER: Final = 3.0
"""So many times the old store's 95th percentile may be the new one's ..."""
AT_LEAST: Final = 0.25
"""... unless it is below this share of the patience: a server is slower than a folder, and a search
may take that long."""
AT_ONCE: Final = 4
"""So many reads are compared in the background at once; others meanwhile are not."""


class Turn(Generic[S]):
    """Keeps the promises of `retrieval.sides.Turning` for the move that it is given, whatever its
    two sides are. A read waits `patience` seconds for the new store before the old one is asked."""

    def __init__(
        self,
        clock: Clock,
        old: S,
        new: S,
        behind: Callable[[], Awaitable[str | None]],
        differ: Differ,
        patience: float,
    ) -> None:
        self._clock = clock
        self._behind = behind
        self._differ = differ
        self._patience = patience
        self._old = old
        self._new = new
        self._move: Move | None = None
        self._comparing: set[asyncio.Task[None]] = set()
        self._old_ms = deque[float](maxlen=RECENT)
        self._new_ms = deque[float](maxlen=RECENT)
        self._failed = deque[bool](maxlen=RECENT)
        self.shadow = Shadow()
        self.gave_back = ""
        """Why the old store was given everything back, until somebody takes note of it."""

    def follow(self, move: Move | None) -> None:
        """From now on this is how the move stands. A move that is resumed begins anew to count
        what the new store does wrong."""
        known = self._move
        another = move is None or known is None or move.id != known.id
        if another:
            self.shadow = Shadow()
        if another or (move and known and known.paused and not move.paused):
            self.gave_back = ""
            self._failed.clear()
            self._new_ms.clear()
        self._move = move

    async def asked(self, key: str) -> tuple[S, str | None] | None:
        """The new store, where it answers for that key, and what has to be said of it. One that is
        behind answers only when it was cut over."""
        move = self._move
        if move is None or self.gave_back or not asks_new(move, key):
            return None
        behind = await self._behind()
        return None if behind and not move.switched else (self._new, behind)

    async def by_new(self, asking: Awaitable[T]) -> T:
        """What the new store says, in bounded time; too many failures, or too slow, and the old
        store answers everybody."""
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._patience):
                found = await asking
        except TimeoutError:
            self._note_failure("it did not answer in time")
            raise TimedOut(f"the new index did not answer in {self._patience:g} s") from None
        except Unavailable as error:
            self._note_failure(str(error))
            raise
        self._failed.append(False)
        self._new_ms.append((self._clock.monotonic() - started) * 1_000)
        self._compare_times()
        return found

    def by_old(self, seconds: float, again: Callable[[S], Awaitable[Sequence[str]]]) -> None:
        """Note the old store's time, and compare both stores in the background while reads are
        shadowed."""
        self._old_ms.append(seconds * 1_000)
        shadowed = self._move is not None and self._move.step in {"shadow_read", "ramp"}
        if shadowed and not self.gave_back and len(self._comparing) < AT_ONCE:
            task = asyncio.ensure_future(self._compare(again))
            self._comparing.add(task)
            task.add_done_callback(self._comparing.discard)

    async def settled(self) -> Shadow:
        """What was learnt from shadowed reads, those that are under way included; of later ones
        there may be no end."""
        if underway := set(self._comparing):
            await asyncio.wait(underway)
        return self.shadow

    async def aclose(self) -> None:
        """Stop comparing."""
        for task in self._comparing:
            task.cancel()
        await asyncio.gather(*self._comparing, return_exceptions=True)

    async def _compare(self, again: Callable[[S], Awaitable[Sequence[str]]]) -> None:
        """Ask both the same: what the user was told may be older than what is compared."""
        try:
            async with asyncio.timeout(self._patience):
                mine = await again(self._old)
                started = self._clock.monotonic()
                theirs = await again(self._new)
                took = (self._clock.monotonic() - started) * 1_000
                differ = await self._differ([*mine, *theirs])
        except (PromptuaryError, TimeoutError):
            self.shadow = replace(self.shadow, errors=self.shadow.errors + 1)
            return
        self._new_ms.append(took)
        past = self.shadow
        empty = past.old_empty + (not mine), past.new_empty + (not theirs)
        self.shadow = replace(past, old_empty=empty[0], new_empty=empty[1])
        self.shadow = self._with(overlap(mine, theirs), rbo(mine, theirs), differ=differ)

    def _with(self, common: float, alike: float, *, differ: bool) -> Shadow:
        past = self.shadow
        reads = past.reads + 1
        return replace(
            past,
            reads=reads,
            overlap=past.overlap + (common - past.overlap) / reads,
            rbo=past.rbo + (alike - past.rbo) / reads,
            mismatches=past.mismatches + differ,
            old_ms=p95(self._old_ms),
            new_ms=p95(self._new_ms),
        )

    def _note_failure(self, why: str) -> None:
        self._failed.append(True)
        if sum(self._failed) >= FAILURES:
            self.gave_back = f"the new store failed {sum(self._failed)} times, last: {why}"

    def _compare_times(self) -> None:
        if min(len(self._new_ms), len(self._old_ms)) < ENOUGH:
            return
        mine, theirs = p95(self._old_ms), p95(self._new_ms)
        if theirs > max(SLOWER * mine, AT_LEAST * self._patience * 1_000):
            self.gave_back = f"the new store takes {theirs:.0f} ms (p95), the old one {mine:.0f} ms"


def p95(values: Sequence[float]) -> float:
    """The 95th percentile, 0 of nothing."""
    return sorted(values)[int(len(values) * 0.95)] if values else 0.0


async def indexes_differ(old: Index, new: Index, ids: Sequence[str]) -> bool:
    """Whether the stores keep something else under one of those ids."""
    known = list(dict.fromkeys(ids))
    mine, theirs = await asyncio.gather(old.get(known), new.get(known))
    first = {each.id: (dict(each.texts), dict(each.payload)) for each in mine}
    second = {each.id: (dict(each.texts), dict(each.payload)) for each in theirs}
    return first != second
