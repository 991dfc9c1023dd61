"""The move of an index from its first plan to its end, one step after another.

    plan -> preflight -> dual_write -> backfill -> verify -> shadow_read -> ramp -> cutover
         -> soak -> finalize

The record is the truth, and every change stands in its outbox. From `dual_write` on the new store
is owed everything that comes after a position of the outbox, and what was there before is copied
from the record; so no order of events can lose a change or bring an older one over a newer. The
old store goes on being given every change until the move is finalised, so going back is a matter
of asking it again. Whoever takes a move over gets a fence, and who had it before can write no more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from promptuary.canon.faults import a_probe, as_query
from promptuary.canon.indexing import KINDS, Indexing, catch_up, page_of, put_drafts
from promptuary.canon.verifying import repair, verify
from promptuary.domain.errors import BadReply, GuardRefused, SpaceMismatch
from promptuary.domain.moves import RAMP, Move, after, given_back, ramped, taken_back
from promptuary.domain.reports import Progress, Told, silent
from promptuary.moving.turning import Turn
from promptuary.ports.clock import Clock
from promptuary.ports.index import Index, WordQuery
from promptuary.ports.unit_of_work import OutboxKind, UnitOfWork

REPAIRS: Final = 3
"""So often differences are repaired before somebody has to look."""
PROBE: Final = "promptuary-preflight-probe"


@dataclass(frozen=True, slots=True)
class Route:
    """From where to where: URLs without passwords, and the parts of the new store."""

    source: str
    target: str
    new: Indexing


class Driving:
    """Plans a move and drives it; `changed` is told of every state that was written, and while
    `alone` is entered nobody else of this process writes to the new store."""

    def __init__(
        self,
        record: UnitOfWork,
        clock: Clock,
        route: Route,
        turn: Turn,
        changed: Callable[[Move], Awaitable[None]],
        alone: Callable[[], AbstractAsyncContextManager[object]],
    ) -> None:
        self._record = record
        self._clock = clock
        self._route = route
        self._turn = turn
        self._changed = changed
        self._alone = alone

    @property
    def target(self) -> Index:
        """The new store."""
        return self._route.new.index

    async def plan(self) -> Move:
        """A new move, with how many entries it is about. Raises Conflict while another one is not
        over."""
        move = Move(
            id=str(uuid4()),
            source=self._route.source,
            target=self._route.target,
            space=self._route.new.embedder.space.name,
            total=await self._entries(),
            created_at=self._clock.now(),
        )
        async with self._record.begin() as tx:
            await tx.moves.add(move)
        await self._changed(move)
        return move

    async def start(self, move_id: str, told: Told = silent) -> Move:
        """Drive it as far as nobody has to decide anything: to `shadow_read`, verified. Goes on
        where it was interrupted. Raises GuardRefused where something has to be looked at first,
        Unavailable when a store is away; then starting again goes on."""
        move = await self._taken(move_id)
        if move.paused:
            raise GuardRefused(f"the move is paused ({move.paused}); resume it first")
        if move.step == "plan":
            move = await self._next(move)
        if move.step == "preflight":
            async with self._timed(move) as at:
                await self._preflight()
            move = await self._next(at.move)
        if move.step == "dual_write":
            await self._owe()
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
            raise GuardRefused(f"there is nothing to verify: the move is in {move.step}")
        compare = repair if mend else verify
        async with self._alone():
            found = await compare(self._route.new, told, total=move.total)
        return await self._kept(replace(move, verified=found))

    async def ramp(self, move_id: str, percent: int | None = None) -> Move:
        """Give the new store that share of the reads; without one, the next larger of RAMP."""
        move = await self._taken(move_id)
        larger = next((share for share in RAMP if share > move.percent), 100)
        shadow = await self._turn.settled()
        move = replace(move, shadow=shadow if shadow.reads else move.shadow, paused="")
        return await self._kept(ramped(move, larger if percent is None else percent))

    async def cutover(self, move_id: str) -> Move:
        """The new store answers everybody; the old one still gets every change, as long as the move
        soaks."""
        move = await self._taken(move_id)
        if move.step != "ramp":
            raise GuardRefused(f"only a ramped move is cut over, not one in {move.step}")
        return await self._next(await self._next(move))

    async def finalize(self, move_id: str) -> Move:
        """The old store gets nothing more. There is no way back from here."""
        move = await self._taken(move_id)
        if move.step != "soak":
            raise GuardRefused(
                f"only a move that was cut over is finalised, not one in {move.step}"
            )
        return await self._next(move)

    async def rollback(self, move_id: str, reason: str) -> Move:
        """The old store answers everybody at once; it was given every change, so nothing is lost.
        Before anything was written to the new store, the move is aborted."""
        return await self._kept(taken_back(await self._taken(move_id), reason))

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

    async def _preflight(self) -> None:
        """The new store is empty and of the right space, and gives back what it is given."""
        index, space = self._route.new.index, self._route.new.embedder.space
        if index.space.fingerprint != space.fingerprint:
            raise SpaceMismatch(f"the new index holds vectors of {index.space.name}")
        await index.remove([PROBE])
        if held := await index.count():
            raise GuardRefused(
                f"the new index holds {held:,} entries that are not of this move; name one that is "
                "empty, or clear it"
            )
        probe = a_probe(PROBE, space)
        await index.put([probe])
        try:
            found = await index.search_words(WordQuery("preflight"), limit=1)
            near = await index.search_vectors(as_query(probe), limit=1)
            back = await index.get([PROBE])
        finally:
            await index.remove([PROBE])
        if not (back and found and near[0]):
            raise BadReply("the new index took an entry and did not find it again")

    async def _owe(self) -> None:
        """From here on the new store is owed every change."""
        async with self._record.read() as tx:
            head = await tx.outbox.last()
        await self._route.new.index.set_watermark(head)

    async def _backfill(self, move: Move, told: Told) -> Move:
        """Copy what there is, batch by batch. A checkpoint follows the new store's acknowledgement,
        so what was interrupted is done once more and nothing is left out."""
        async with self._timed(move) as at:
            kind, cursor = _place(move.cursor)
            while kind is not None:
                async with self._record.read() as tx:
                    drafts, cursor = await page_of(tx, kind, cursor)
                await put_drafts(self._route.new, drafts)
                kind = kind if cursor is not None else _following(kind)
                copied = at.move.copied + len(drafts)
                done = replace(at.move, cursor=f"{kind or 'end'} {cursor or ''}", copied=copied)
                at.move = await self._kept(done)
                told(Progress("backfill", copied, move.total))
            await catch_up(self._route.new)
        return at.move

    async def _verified(self, move: Move, told: Told) -> Move:
        """Raises GuardRefused when differences remain after REPAIRS repairs."""
        async with self._timed(move) as at:
            for _ in range(REPAIRS):
                found = await repair(self._route.new, told, total=move.total)
                if found.clean:
                    break
            at.move = replace(at.move, verified=found, total=found.entries)
        move = await self._kept(at.move)
        if not found.clean:
            raise GuardRefused(f"the new store stays unlike the record: {dict(found.faults)}")
        return move

    async def _entries(self) -> int:
        async with self._record.read() as tx:
            pages = (
                await tx.families.list(limit=1),
                await tx.templates.list(limit=1),
                await tx.documents.every_passage(limit=1),
                await tx.library.every(limit=1),
                await tx.prompts.list(limit=1),
            )
        return sum(page.total for page in pages)

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


def _place(cursor: str) -> tuple[OutboxKind | None, str | None]:
    """The kind and the page that a checkpoint names; the first of all without one."""
    if not cursor:
        return KINDS[0], None
    name, _, rest = cursor.partition(" ")
    kind = next((each for each in KINDS if each == name), None)
    return kind, rest or None


def _following(kind: OutboxKind) -> OutboxKind | None:
    at = KINDS.index(kind) + 1
    return KINDS[at] if at < len(KINDS) else None
