"""A move from its first plan to its end, one step after another.

    plan -> preflight -> dual_write -> backfill -> verify -> shadow_read -> ramp -> cutover
         -> soak -> finalize

What a step does with what moves stands in its `Way`. Whoever takes a move over gets a fence, and
who had it before can write no more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from typing import Final
from uuid import uuid4

from promptuary.domain.errors import GuardRefused, LeaseLost, Unavailable
from promptuary.domain.moves import (
    FED,
    RAMP,
    Move,
    Shadow,
    after,
    due,
    given_back,
    ramped,
    startable,
    taken_back,
)
from promptuary.domain.relevance import Relevance
from promptuary.domain.reports import Progress, Told, silent
from promptuary.moving.ways import END, Way
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork

CROSSED: Final = 5
"""So often a rollback begins anew when somebody else took the move meanwhile: it goes first."""
REPAIRS: Final = 3
"""So often differences are repaired before somebody has to look."""


class Driving:
    """Plans a move and drives it. `settled` says what shadowed reads have shown, `changed` is told
    of every state that was written, and while `alone` is entered nobody else of this process writes
    to the new side."""

    def __init__(
        self,
        record: UnitOfWork,
        clock: Clock,
        way: Way,
        settled: Callable[[], Awaitable[Shadow]],
        changed: Callable[[Move], Awaitable[None]],
        alone: Callable[[], AbstractAsyncContextManager[object]],
    ) -> None:
        self._record = record
        self._clock = clock
        self._way = way
        self._settled = settled
        self._changed = changed
        self._alone = alone

    async def plan(self, tenant: str = "") -> Move:
        """A new move, with how many entries it is about; of prompts, into the library of that
        tenant. Raises Conflict while another one is not over."""
        move = Move(
            id=str(uuid4()),
            source=self._way.source,
            target=self._way.target,
            space=self._way.space,
            kind=self._way.kind,
            tenant=tenant,
            total=await self._way.entries(),
        )
        async with self._record.begin() as tx:
            await tx.moves.add(move)
            move = await tx.moves.get(move.id)
        await self._changed(move)
        return move

    async def start(self, move_id: str, told: Told = silent) -> Move:
        """Drive it as far as nobody has to decide anything: to `shadow_read`, verified. Goes on
        where it was interrupted. Raises GuardRefused where something has to be looked at first,
        Unavailable when a store is away; then starting again goes on."""
        move = startable(await self._taken(move_id))
        if move.step == "plan":
            move = await self._next(move)
        if move.step == "preflight":
            async with self._timed(move) as at:
                said = await self._way.preflight(move, told)
                at.move = replace(at.move, notes=(*at.move.notes, *said))
            move = await self._next(at.move)
        if move.step == "dual_write":
            await self._way.owe(move)
            move = await self._next(move)
        if move.step == "backfill":
            move = await self._next(await self._backfill(move, told))
        if move.step == "verify":
            move = await self._next(await self._verified(move, told))
        return move

    async def verify(self, move_id: str, told: Told = silent, *, mend: bool = False) -> Move:
        """Compare every id again, at any step that feeds the new store; with `mend` write again
        what was wrong."""
        move = await self._taken(move_id)
        if move.step not in {"verify", "shadow_read", "ramp", "cutover", "soak"}:
            raise GuardRefused(f"there is nothing to verify in {move.step}: {due(move)}")
        async with self._alone():
            found = await self._way.compare(move, told, mend=mend)
        known = dict(self._way.refused) if mend else {**move.refused, **self._way.refused}
        refused = {} if found.clean else known
        return await self._kept(replace(move, verified=found, refused=refused))

    async def note(self, move_id: str, judged: Relevance) -> Move:
        """Keep with the move what both stores made of judged queries."""
        return await self._kept(replace(await self._taken(move_id), judged=judged))

    async def ramp(self, move_id: str, percent: int | None = None) -> Move:
        """Give the new store that share of the reads; without one, the next larger of RAMP."""
        move = await self._taken(move_id)
        larger = next((share for share in RAMP if share > move.percent), 100)
        shadow = await self._settled()
        move = replace(move, shadow=shadow if shadow.reads else move.shadow)
        return await self._kept(ramped(move, larger if percent is None else percent))

    async def cutover(self, move_id: str) -> Move:
        """The new store answers everybody; the old one still gets every change, as long as the move
        soaks."""
        move = await self._taken(move_id)
        if move.step != "ramp":
            raise GuardRefused(
                f"only a ramped move is cut over, not one in {move.step}: {due(move)}"
            )
        async with self._alone():
            await self._way.level(move)
        move = await self._next(await self._next(move))
        # What came while the step was written; an index that is away now catches up by itself.
        with suppress(Unavailable):
            async with self._alone():
                await self._way.level(move)
        return move

    async def finalize(self, move_id: str) -> Move:
        """The old store gets nothing more. There is no way back from here."""
        move = await self._taken(move_id)
        if move.step != "soak":
            raise GuardRefused(
                f"only a move that was cut over is finalised, not one in {move.step}: {due(move)}"
            )
        move = await self._next(move)
        await self._way.end(move)
        return move

    async def rollback(self, move_id: str, reason: str) -> Move:
        """The old store answers everybody at once; it was given every change, so nothing is lost.
        Before anything was written to the new store, the move is aborted."""
        for _ in range(CROSSED):
            move = await self._taken(move_id)
            after_all = taken_back(move, reason)
            if move.step in FED:
                await self._way.deliver(move)
            with suppress(LeaseLost):  # as when the new store is given up at the same time
                return await self._kept(after_all)
        raise LeaseLost("others drive this move all the while")

    async def give_back(self, move_id: str, reason: str) -> Move:
        """The old store answers everybody, as the new one fails; the move is paused."""
        return await self._kept(given_back(await self._taken(move_id), reason))

    async def pause(self, move_id: str, reason: str) -> Move:
        """Nothing goes on until it is resumed; the old store answers everybody but after the
        cut-over."""
        move = await self._taken(move_id)
        if move.over:
            raise GuardRefused(f"the move is over: {move.step}")
        return await self._kept(replace(move, paused=reason or "by an operator", percent=0))

    async def resume(self, move_id: str) -> Move:
        """Go on from where it was paused; a ramp begins again at 0 %."""
        return await self._kept(replace(await self._taken(move_id), paused=""))

    async def _backfill(self, move: Move, told: Told) -> Move:
        """Copy what there is, batch by batch. A checkpoint follows the new side's acknowledgement,
        so what was interrupted is done once more and nothing is left out."""
        async with self._timed(move) as at:
            while not at.move.cursor.startswith(END):
                done = await self._way.copy(at.move.cursor)
                copied = at.move.copied + done.entries
                refused = {**at.move.refused, **self._way.refused}
                at.move = await self._kept(
                    replace(at.move, cursor=done.cursor, copied=copied, refused=refused)
                )
                told(Progress("backfill", copied, move.total))
            await self._way.level(at.move)
        return at.move

    async def _verified(self, move: Move, told: Told) -> Move:
        """Raises GuardRefused when differences remain after REPAIRS repairs."""
        async with self._timed(move) as at:
            for _ in range(REPAIRS):
                found = await self._way.compare(move, told, mend=True)
                if found.clean:
                    break
            refused = {} if found.clean else dict(self._way.refused)
            at.move = replace(at.move, verified=found, total=found.entries, refused=refused)
        move = await self._kept(at.move)
        if not found.clean:
            why = f"; it refuses {', '.join(move.refused)}" if move.refused else ""
            raise GuardRefused(f"the new store stays unlike the record: {dict(found.faults)}{why}")
        return move

    async def _taken(self, move_id: str) -> Move:
        async with self._record.begin() as tx:
            return await tx.moves.take(move_id)

    async def _next(self, move: Move) -> Move:
        return await self._kept(after(move))

    async def _kept(self, move: Move) -> Move:
        """Raises LeaseLost when somebody else drives by now."""
        kept = replace(move, updated_at=self._clock.now())
        async with self._record.begin() as tx:
            await tx.moves.save(kept)
        await self._changed(kept)
        return kept

    @asynccontextmanager
    async def _timed(self, move: Move) -> AsyncIterator[_At]:
        """Adds to the move's `took` how long its step took."""
        at, step, started = _At(move), move.step, self._clock.monotonic()
        yield at
        spent = move.took.get(step, 0.0) + self._clock.monotonic() - started
        at.move = replace(at.move, took={**at.move.took, step: spent})


class _At:
    """Where a move is, while a step is under way."""

    def __init__(self, move: Move) -> None:
        self.move = move
