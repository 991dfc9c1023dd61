"""Following the record on both sides: each index at its own pace, neither waiting for the other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from promptuary.canon.catching_up import Follower
from promptuary.canon.indexing import Indexing
from promptuary.domain.errors import Unavailable
from promptuary.domain.reports import Told, silent


class Moving(Protocol):
    """An index on its way to another store, which follows the record by itself."""

    @property
    def switched(self) -> bool:
        """Whether the new store answers everybody, and says itself whether it is behind."""
        ...

    def wake(self) -> None:
        """Something was written to the outbox."""
        ...


class Followers:
    """One follower, or one for each side; what a side could not take in, it takes in by itself when
    its model is back. Used as a single Follower is."""

    def __init__(
        self, first: Follower, second: Follower | None = None, *, moving: Moving | None = None
    ) -> None:
        self._moving = moving
        self._first = first
        self._all = (first,) if second is None else (first, second)

    async def start(self) -> None:
        """Begin to follow."""
        for follower in self._all:
            await follower.start()

    def wake(self) -> None:
        """Something was written to the outbox."""
        for follower in self._all:
            follower.wake()
        self._wake_moving()

    @property
    def lag(self) -> float:
        """For how many seconds the index that is furthest behind has been behind the record."""
        return max(follower.lag for follower in self._all)

    async def catch_up(self, told: Told = silent) -> None:
        """Return once everything committed before the call can be found on one side at least, and
        the other has got it or is Unavailable. Raises what the first raised when neither got it."""
        self._wake_moving()
        work = (each.catch_up(told if each is self._first else silent) for each in self._all)
        _judged(await asyncio.gather(*work, return_exceptions=True))

    async def rebuild(self, told: Told = silent) -> None:
        """Empty each index and derive it again from the record, one after the other: whoever
        searches meanwhile is answered by the other. Raises as `catch_up` does."""
        outcomes: list[BaseException | None] = []
        for follower in self._all:
            outcomes += await asyncio.gather(follower.rebuild(told), return_exceptions=True)
        _judged(outcomes)

    def held(self) -> AbstractAsyncContextManager[Indexing]:
        """The parts of the first side, while nothing is brought in there."""
        return self._first.held()

    async def behind(self) -> str | None:
        """Why answers may be incomplete, or None when one side has everything; the first is waited
        for."""
        if self._moving is not None and self._moving.switched:
            return None
        why = await self._first.behind()
        for follower in self._all[1:]:
            if why is not None and await follower.behind() is None:
                return None
        return why

    def _wake_moving(self) -> None:
        if self._moving is not None:
            self._moving.wake()

    async def ping(self) -> None:
        """Raises Unavailable while an index does not answer, is being rebuilt, or is behind because
        its model is away."""
        for follower in self._all:
            await follower.ping()

    async def aclose(self) -> None:
        """Stop after the batches at hand."""
        for follower in self._all:
            await follower.aclose()


def _judged(outcomes: Sequence[BaseException | None]) -> None:
    """Raise what went wrong, but for one side that is away while the other is not."""
    errors = [each for each in outcomes if each is not None]
    for error in errors:
        if len(errors) == len(outcomes) or not isinstance(error, Unavailable):
            raise error
