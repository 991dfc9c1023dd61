"""Moves of an older service's prompts in this process: who answers, and what keeps both sides
alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from promptuary.domain.errors import InvalidInput, PromptuaryError
from promptuary.domain.moves import FED, FOLLOWED, Move, MoveKind, Step
from promptuary.domain.relevance import JudgedQuery
from promptuary.library.older_prompts import is_older_id
from promptuary.moving.driving import Driving
from promptuary.moving.index_judging import Searched
from promptuary.moving.judging import Asked
from promptuary.moving.prompts.reads import OlderReads, OurTeller, Teller, TheirTeller, differ
from promptuary.moving.prompts.relaying import relay
from promptuary.moving.prompts.sides import Both
from promptuary.moving.prompts.way import PromptsWay
from promptuary.moving.turning import Turn
from promptuary.ports.clock import Clock

RELAYED: Final[frozenset[Step]] = FED | {"rolled_back"}
"""What is written here goes to the older store in these steps; after a rollback as long as the
settings name it, since its clients may still be on their way back."""
RELAY_SECONDS: Final = 0.5
"""How soon what is written here goes to the older store, at the latest."""
LOOK_SECONDS: Final = 2.0
"""How long after a comparison the next one begins, at the soonest ..."""
SHARE: Final = 9.0
"""... and not before so many times as long as the last one took: a tenth of the time is spent on
it, however large the store."""


class PromptsCourse:
    """The `Course` of moves of an older service's prompts."""

    kind: MoveKind = "prompts"

    def __init__(
        self,
        both: Both,
        clock: Clock,
        way: PromptsWay,
        changed: Callable[[Move], Awaitable[None]],
        patience: float,
    ) -> None:
        self._both = both
        self._clock = clock
        self._followed: Move | None = None
        self._working: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._lock = asyncio.Lock()
        self._level = False
        self._trouble: str | None = None
        self.way = way
        old, new = TheirTeller(both.archive), OurTeller(both)
        self.turn = Turn[Teller](clock, old, new, self.behind, self._differ, patience)
        self._reads = OlderReads(self.turn, old, new)
        self.driving = Driving(both.record, clock, way, self.turn.settled, changed, self.alone)

    @property
    def followed(self) -> Move | None:
        """How the move stands, as far as is known here."""
        return self._followed

    @property
    def gave_back(self) -> str:
        """Why the older store was given everything back, until somebody takes note of it."""
        return self.turn.gave_back

    @property
    def reads(self) -> OlderReads | None:
        """Who answers, until the move is final: before it is cut over, and once it was rolled back,
        what the older service wrote may be known to its store alone."""
        move = self._followed
        return self._reads if move is not None and move.step in RELAYED else None

    async def follow(self, move: Move | None) -> None:
        """From now on this is how the move stands."""
        if move is not None and move.tenant != self._both.tenant:
            await self._stop()  # what is under way is about another tenant's
            self._both.belong_to(move.tenant)
        self._followed = move
        self.turn.follow(move)
        if move is None or move.step not in RELAYED:
            await self._stop()
        elif self._working is None:
            self._working = asyncio.create_task(self._work())

    def wake(self) -> None:
        """Something was written to the outbox."""
        self._woken.set()

    @property
    def tenant(self) -> str:
        """Whose library prompts move into."""
        return self._both.tenant

    async def asked(self, queries: Sequence[JudgedQuery], searched: Searched) -> Asked:  # noqa: ARG002 - as `Course` says
        """Both sides, to be asked for the topics that a judged query names."""
        known = {name for query in queries for name in query.grades}
        held = {e.id for e in await self._both.archive.get(sorted(filter(is_older_id, known)))}
        if not held:
            message = "none of the judged prompts is in the older store: name them by their ids"
            raise InvalidInput(message, fields={"judged": "unknown ids"})
        return Asked(self._reads.asker("old"), self._reads.asker("new"), len(known - held))

    async def behind(self) -> str | None:
        """Why the library may lack something, or None."""
        if self._trouble is not None:
            return self._trouble
        return None if self._level else "the older store has not been compared yet"

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """While nothing is relayed or taken by this process."""
        async with self._lock:
            yield

    async def aclose(self) -> None:
        """Stop following; the next start goes on."""
        await self.turn.aclose()
        await self._stop()

    async def _stop(self) -> None:
        task, self._working, self._level = self._working, None, False
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _work(self) -> None:
        due = 0.0
        # Clients of the older store may forget a cancellation that comes with an answer.
        while self._working is asyncio.current_task():
            self._woken.clear()
            try:
                async with self._lock:
                    due = await self._once(due)
                self._trouble = None
            except PromptuaryError as error:
                self._trouble = f"the older store and the library may differ: {error}"
            with suppress(TimeoutError):
                async with asyncio.timeout(RELAY_SECONDS):
                    await self._woken.wait()

    async def _once(self, due: float) -> float:
        """Relay, and where it is time compare; when it is time again."""
        move = self._followed
        if move is None or move.step == "dual_write":
            return due
        await relay(self._both)
        started = self._clock.monotonic()
        if move.step not in FOLLOWED or started < due:
            return due
        if not move.switched:
            await self.way.catch_up(switched=False)
        self._level = True
        now = self._clock.monotonic()
        return now + max(LOOK_SECONDS, SHARE * (now - started))

    async def _differ(self, ids: Sequence[str]) -> bool:
        return await differ(self._both, ids)
