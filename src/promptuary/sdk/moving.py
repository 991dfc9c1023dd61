"""Moves between stores of a server: `client.moves`, for keys with the scope `admin`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from promptuary.domain.errors import GuardRefused
from promptuary.domain.moves import Move, MoveKind
from promptuary.domain.pages import Page
from promptuary.domain.relevance import JudgedQuery
from promptuary.domain.reports import Progress, Told, silent
from promptuary.sdk import sending
from promptuary.sdk.line import PREFIX, Line, Sent

LOOK_SECONDS = 1.0
"""How often it is asked how far a move is."""
UNDERWAY = frozenset({"plan", "preflight", "dual_write", "backfill", "verify"})


class RemoteMoves:
    """Methods as `promptuary.moves` has them; what may move, the server's settings say."""

    def __init__(self, line: Line, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._line = line
        self._sleep = sleep

    async def plan(self, kind: MoveKind | None = None, *, tenant: str | None = None) -> Move:
        """Plan a move; of prompts, into the library of that tenant."""
        asked = {"kind": kind, "tenant": tenant}
        return await self._line.ask(Move, sending.posted("moves", asked))

    async def start(self, move_id: str | None = None, *, progress: Told = silent) -> Move:
        """Copy everything and verify it, up to `shadow_read`; the server goes on when this is
        interrupted. Raises GuardRefused with what stopped it."""
        move = await self._step(move_id, "start")
        while move.step in UNDERWAY:
            if move.paused:
                raise GuardRefused(move.paused)
            progress(Progress(move.step, move.copied, move.total))
            await self._sleep(LOOK_SECONDS)
            move = await self.get(move.id)
        return move

    async def verify(self, move_id: str | None = None, *, progress: Told = silent) -> Move:  # noqa: ARG002 - the server tells nothing of it
        """Compare every id of the new store with the record."""
        return await self._step(move_id, "verify")

    async def repair(self, move_id: str | None = None, *, progress: Told = silent) -> Move:  # noqa: ARG002 - the server tells nothing of it
        """Compare, and write again what was wrong."""
        return await self._step(move_id, "repair")

    async def judge(self, queries: Sequence[JudgedQuery], move_id: str | None = None) -> Move:
        """Ask both stores queries that somebody has judged, and keep how well each did."""
        judged = [{"text": query.text, "grades": dict(query.grades)} for query in queries]
        return await self._step(move_id, "judge", judged=judged)

    async def ramp(self, percent: int | None = None, move_id: str | None = None) -> Move:
        """Give the new store that share of the reads, or the next larger one."""
        return await self._step(move_id, "ramp", percent=percent)

    async def cutover(self, move_id: str | None = None) -> Move:
        """Have the new store answer everybody."""
        return await self._step(move_id, "cutover")

    async def finalize(self, move_id: str | None = None) -> Move:
        """Give the old store up."""
        return await self._step(move_id, "finalize", sure=True)

    async def rollback(self, move_id: str | None = None, *, reason: str = "") -> Move:
        """Have the old store answer everybody, at once, and end the move."""
        return await self._step(move_id, "rollback", reason=reason)

    async def pause(self, move_id: str | None = None, *, reason: str = "") -> Move:
        """Let nothing go on until it is resumed."""
        return await self._step(move_id, "pause", reason=reason)

    async def resume(self, move_id: str | None = None) -> Move:
        """Go on from where it was paused."""
        return await self._step(move_id, "resume")

    async def get(self, move_id: str | None = None) -> Move:
        """How a move stands."""
        return await self._line.ask(Move, Sent("GET", f"{PREFIX}/moves/{_named(move_id)}"))

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[Move]:
        """All of them, the newest first."""
        asked = {"cursor": cursor, "limit": limit}
        return await self._line.ask(Page[Move], Sent("GET", f"{PREFIX}/moves", asked))

    async def _step(self, move_id: str | None, step: str, **told: object) -> Move:
        path = f"moves/{_named(move_id)}/{step}"
        return await self._line.ask(Move, sending.posted(path, told))


def _named(move_id: str | None) -> str:
    return "current" if move_id is None else sending.known("move", move_id)
