"""What the face does with moves: `Promptuary.moves`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol

from promptuary.domain.errors import (
    GuardRefused,
    InvalidInput,
    LeaseLost,
    NotFound,
    PromptuaryError,
)
from promptuary.domain.moves import FED, FOLLOWED, TAKEN_BACK, Move, MoveKind, startable
from promptuary.domain.pages import Page
from promptuary.domain.relevance import JudgedQuery
from promptuary.domain.reports import Told, silent
from promptuary.moving.driving import Driving
from promptuary.moving.index_course import IndexCourse
from promptuary.moving.index_judging import Searched
from promptuary.moving.judging import Asked, checked, compared
from promptuary.moving.prompts.course import PromptsCourse
from promptuary.moving.prompts.reads import OlderReads
from promptuary.moving.prompts.sides import Both
from promptuary.moving.prompts.way import PromptsWay
from promptuary.moving.turning import Turn
from promptuary.moving.ways import Way
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.retrieval.sides import Side
from promptuary.retrieval.thesaurus import Thesaurus

LOOK_AGAIN_SECONDS: Final = 2.0
"""How long it takes until a process notices what another one did with the move."""

MOST: Final = 1_000
"""So many moves are looked through for the newest one of a kind."""


class Course(Protocol):
    """Moves of one kind, as this process takes part in them."""

    @property
    def kind(self) -> MoveKind:
        """What moves."""
        ...

    @property
    def way(self) -> Way:
        """From where to where."""
        ...

    @property
    def driving(self) -> Driving:
        """What an operator does."""
        ...

    @property
    def followed(self) -> Move | None:
        """How the move stands, as far as is known here."""
        ...

    @property
    def gave_back(self) -> str:
        """Why the old side was given everything back, until somebody takes note of it."""
        ...

    async def follow(self, move: Move | None) -> None:
        """From now on this is how the move stands."""
        ...

    async def asked(self, queries: Sequence[JudgedQuery], searched: Searched) -> Asked:
        """Both sides, to be asked judged queries. Raises InvalidInput."""
        ...

    def wake(self) -> None:
        """Something was written to the outbox."""
        ...

    async def aclose(self) -> None:
        """Stop following; the next start goes on."""
        ...


class Moves:
    """Moves the index to the store that the settings name as `move_index_url`, and an older
    service's prompts here from where they name `move_from_url`.

    Without an id the newest move is meant. Every method but `list` and `get` raises GuardRefused
    while the settings name nothing to move, and NotFound without a move; those that change
    something raise GuardRefused for a step that may not follow, LeaseLost when somebody else
    drives.
    """

    def __init__(self, record: UnitOfWork, clock: Clock, patience: float) -> None:
        """A read waits `patience` seconds for the new side."""
        self._record = record
        self._clock = clock
        self._patience = patience
        self._watching: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[None] | None = None
        self._searched = Searched(None, self.wake)
        self.index: IndexCourse | None = None
        """Moves of the index, where it may move."""
        self.prompts: PromptsCourse | None = None
        """Moves of prompts, where there is an older store."""
        self._tenant = ""

    def between(
        self, old: Side, new: Side | None, urls: tuple[str, str], holder: str
    ) -> Turn[Side] | None:
        """Have the index move between these, where there is a new one; who answers reads then.
        Leases are taken as `holder`."""
        if new is not None:
            sides = (old, new)
            self.index = IndexCourse(
                self._record, self._clock, sides, urls, holder, self._follow, self._patience
            )
        return self.index.turn if self.index else None

    def out_of(self, both: Both, way: PromptsWay) -> None:
        """Have prompts move that way, into the library of that tenant unless a plan says more."""
        self._tenant = both.tenant
        self.prompts = PromptsCourse(both, self._clock, way, self._follow, self._patience)

    def searched(self, thesaurus: Thesaurus | None, written: Callable[[], None]) -> None:
        """Search with these words of nearly the same meaning; who is told of a change."""
        self._searched = Searched(thesaurus, written)

    async def open(self) -> None:
        """Go on with what another process, or an earlier run of this one, has begun."""
        if self._courses:
            await self._look()
            self._watching = asyncio.create_task(self._watch())

    def wake(self) -> None:
        """Something was written to the outbox."""
        for course in self._courses:
            course.wake()

    @property
    def switched(self) -> bool:
        """Whether the new index answers everybody, as far as is known here."""
        move = self.index.followed if self.index else None
        return move is not None and move.switched

    def older_reads(self, tenant: str = "") -> OlderReads | None:
        """Who answers what that tenant's clients of the older service ask, while prompts of theirs
        move."""
        mine = self.prompts is not None and self.prompts.tenant == tenant
        return self.prompts.reads if self.prompts and mine else None

    async def plan(self, kind: MoveKind | None = None, *, tenant: str | None = None) -> Move:
        """Plan a move of that kind; without one, of the only thing that the settings name. Prompts
        move into the library of `tenant`, without one of `move_tenant`. Raises Conflict while
        another one is not over, InvalidInput where nobody knows which is meant, or for a tenant of
        an index."""
        if kind is None and len(self._courses) > 1:
            raise InvalidInput(
                "both the index and prompts may move: say which", fields={"kind": ""}
            )
        course = self._course(kind)
        if course.kind == "prompts":
            return await course.driving.plan(self._tenant if tenant is None else tenant)
        if tenant:
            raise InvalidInput("an index is of all tenants", fields={"tenant": "must be empty"})
        return await course.driving.plan()

    async def start(self, move_id: str | None = None, *, progress: Told = silent) -> Move:
        """Copy everything and verify it, up to `shadow_read`; what was interrupted goes on."""
        driving, known = await self._driven(move_id)
        return await driving.start(known, progress)

    async def start_behind(self, move_id: str | None = None) -> Move:
        """The same in the background: how the move stands. What stops it, pauses it, and says why;
        started again while it goes on, it just goes on."""
        driving, known = await self._driven(move_id)
        move = startable(await self.get(known))
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._started(driving, known))
        return move

    async def _started(self, driving: Driving, move_id: str) -> None:
        try:
            await driving.start(move_id)
        except LeaseLost:
            return  # somebody else drives
        except PromptuaryError as error:
            with suppress(PromptuaryError):
                await driving.pause(move_id, str(error))

    async def verify(self, move_id: str | None = None, *, progress: Told = silent) -> Move:
        """Compare every id of the new store with the record."""
        driving, known = await self._driven(move_id)
        return await driving.verify(known, progress)

    async def repair(self, move_id: str | None = None, *, progress: Told = silent) -> Move:
        """Compare, and write again what was wrong."""
        driving, known = await self._driven(move_id)
        return await driving.verify(known, progress, mend=True)

    async def judge(self, queries: Sequence[JudgedQuery], move_id: str | None = None) -> Move:
        """Ask both stores queries that somebody has judged, and keep with the move how well each
        did. Raises InvalidInput for queries by which nothing can be measured."""
        checked(queries)
        _, known = await self._driven(move_id)
        move = await self.get(known)
        course = self._course(move.kind)
        if move.step not in FED & FOLLOWED:
            raise GuardRefused(
                f"both stores can be asked from shadow_read until finalize, not in {move.step}"
            )
        asked = await course.asked(queries, self._searched)
        return await course.driving.note(move.id, await compared(self._clock, queries, asked))

    async def ramp(self, percent: int | None = None, move_id: str | None = None) -> Move:
        """Give the new store that share of the reads, or the next larger one."""
        driving, known = await self._driven(move_id)
        return await driving.ramp(known, percent)

    async def cutover(self, move_id: str | None = None) -> Move:
        """Have the new store answer everybody."""
        driving, known = await self._driven(move_id)
        return await driving.cutover(known)

    async def finalize(self, move_id: str | None = None) -> Move:
        """Give the old store up. From the next start on it is not opened any more."""
        driving, known = await self._driven(move_id)
        return await driving.finalize(known)

    async def rollback(self, move_id: str | None = None, *, reason: str = "") -> Move:
        """Have the old store answer everybody, at once, and end the move."""
        said = reason or "rolled back by an operator"
        driving, known = await self._driven(move_id)
        return await driving.rollback(known, said)

    async def pause(self, move_id: str | None = None, *, reason: str = "") -> Move:
        """Let nothing go on until it is resumed."""
        driving, known = await self._driven(move_id)
        return await driving.pause(known, reason)

    async def resume(self, move_id: str | None = None) -> Move:
        """Go on from where it was paused."""
        driving, known = await self._driven(move_id)
        return await driving.resume(known)

    async def get(self, move_id: str | None = None) -> Move:
        """How a move stands."""
        async with self._record.read() as tx:
            if move_id is not None:
                return await tx.moves.get(move_id)
            newest = await tx.moves.list(limit=1)
        if not newest.items:
            unknown = "no move was planned yet; `promptuary migrate plan` plans one"
            raise NotFound("move", "current", said=unknown)
        return newest.items[0]

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[Move]:
        """All of them, the newest first."""
        async with self._record.read() as tx:
            return await tx.moves.list(cursor=cursor, limit=limit)

    async def aclose(self) -> None:
        """Stop following; the next start goes on."""
        for task in (self._starting, self._watching):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        for course in self._courses:
            await course.aclose()

    @property
    def _courses(self) -> Sequence[Course]:
        return [each for each in (self.index, self.prompts) if each is not None]

    def _course(self, kind: MoveKind | None) -> Course:
        """Raises GuardRefused where nothing of that kind can move."""
        for course in self._courses:
            if kind in {None, course.kind}:
                return course
        if kind == "prompts":
            raise GuardRefused(
                "there is nothing to move from: set move_from_url to the older service's store, "
                "such as redis://HOST:6379/0"
            )
        raise GuardRefused(
            "there is nowhere to move to: set move_index_url to the store that is to be the "
            "index, such as pgvector://USER@HOST/NAME"
        )

    async def _driven(self, move_id: str | None) -> tuple[Driving, str]:
        """Who drives a move, and its id; from then on it is followed here. Raises GuardRefused for
        one between other stores than the settings name."""
        move = await self.get(move_id)
        course = self._course(move.kind)
        if not move.over:
            known = course.followed
            if not _is_of(move, course.way):
                raise GuardRefused(_other(move))
            if known is None or known.id != move.id:
                await course.follow(move)
        return course.driving, move.id

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            with suppress(PromptuaryError):
                await self._look()

    async def _look(self) -> None:
        """Notice what others did with the moves, and write down what reads have found out."""
        for course in self._courses:
            move = await self._newest(course.kind)
            move = move if move and _is_of(move, course.way) else None
            await course.follow(move)
            if move and course.gave_back and not move.paused:
                await course.driving.give_back(move.id, course.gave_back)

    async def _newest(self, kind: MoveKind) -> Move | None:
        """The one to follow. What is written here still goes to an older service's store after a
        rollback; an index that was rolled back is left alone."""
        async with self._record.read() as tx:
            if kind == "index":
                return await tx.moves.current(kind)
            page = await tx.moves.list(limit=MOST)
        return next((each for each in page.items if each.kind == kind), None)

    async def _follow(self, move: Move) -> None:
        left = move.kind == "index" and move.step in TAKEN_BACK
        await self._course(move.kind).follow(None if left else move)


def _other(move: Move) -> str:
    prompts = move.kind == "prompts"
    setting, was = ("move_from_url", move.source) if prompts else ("move_index_url", move.target)
    return (
        f"this move is {'from' if prompts else 'to'} {was}, and the settings name another store: "
        f"let {setting} name that one again"
    )


def _is_of(move: Move, way: Way) -> bool:
    """Whether the settings name what that move is about."""
    if move.kind == "prompts":
        return move.source == way.source
    return move.target == way.target
