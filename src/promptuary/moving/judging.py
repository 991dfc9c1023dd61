"""Asks both sides of a move the queries that somebody has judged, and says how well each did."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from promptuary.domain.errors import InvalidInput, PromptuaryError
from promptuary.domain.relevance import Answered, JudgedQuery, Relevance
from promptuary.moving.turning import p95
from promptuary.ports.clock import Clock
from promptuary.retrieval.evaluating.scoring import CUT, score

Ask: TypeAlias = Callable[[str], Awaitable[Sequence[str]]]
"""The names of what a side finds, best first, as the judged queries name them."""
PATIENCE_SECONDS: Final = 10.0
"""A query that takes longer has failed: this measures times, and must not cut them off early."""
MOST: Final = 10_000
"""So many queries at once, at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Both sides, how many of the judged entries neither holds, and how long either takes to hear
    of a change, in milliseconds."""

    old: Ask
    new: Ask
    unknown: int = 0
    delays: tuple[float | None, float | None] = (None, None)


def checked(queries: Sequence[JudgedQuery]) -> None:
    """Raises InvalidInput for queries by which nothing can be measured."""
    if not 0 < len(queries) <= MOST:
        raise InvalidInput(f"between 1 and {MOST:,} judged queries", fields={"judged": "how many"})
    for query in queries:
        if not query.text.strip() or not any(grade > 0 for grade in query.grades.values()):
            message = f"the query {query.text[:80]!r} needs a text and an entry that answers it"
            raise InvalidInput(message, fields={"judged": "nothing to look for"})


async def compared(clock: Clock, queries: Sequence[JudgedQuery], asked: Asked) -> Relevance:
    """Ask both sides the same, turn about, so that neither has the other's warm caches always."""
    sides = (_Answers(clock, asked.old), _Answers(clock, asked.new))
    for side in sides:
        await side.warm(queries[0].text)
    for number, query in enumerate(queries):
        for side in sides if number % 2 == 0 else reversed(sides):
            await side.answer(number, query.text)
    qrels = {str(number): query.grades for number, query in enumerate(queries)}
    old, new = (side.told(qrels, d) for side, d in zip(sides, asked.delays, strict=True))
    return Relevance(len(queries), asked.unknown, old, new, clock.now())


class _Answers:
    """What one side has said so far."""

    def __init__(self, clock: Clock, ask: Ask) -> None:
        self._clock = clock
        self._ask = ask
        self._run: dict[str, Mapping[str, float]] = {}
        self._took: list[float] = []
        self._failed = self._empty = 0

    async def warm(self, text: str) -> None:
        """The first query of all pays for connections and loading: it is no one's time."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._ask(text)
        except (PromptuaryError, TimeoutError):
            return  # it will fail again where that counts

    async def answer(self, number: int, text: str) -> None:
        """Ask, in bounded time."""
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await self._ask(text)
        except (PromptuaryError, TimeoutError):
            self._failed += 1
            return
        self._took.append((self._clock.monotonic() - started) * 1_000)
        self._empty += not found
        self._run[str(number)] = {name: -float(rank) for rank, name in enumerate(found[:CUT])}

    def told(self, qrels: Mapping[str, Mapping[str, int]], delay: float | None) -> Answered:
        """The figures; a query that failed found nothing."""
        figures = score(qrels, self._run)
        ndcg = figures.ndcg10 if figures else 0.0
        return Answered(ndcg, p95(self._took), self._failed, self._empty, delay)
