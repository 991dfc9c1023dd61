"""Who wants to know what was committed, and how PostgreSQL tells it from process to process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.ports._news import News

NEWS: Final[tuple[News, ...]] = ("outbox", "jobs")
PAUSE_SECONDS: Final = 1.0
"""How long to wait before listening again after the connection was lost."""


class Announcer:
    """Tells the listeners of this process; with an engine of PostgreSQL also those of others.

    There, one connection is kept for listening, from the first listener on, in addition to those
    of the pool that are used otherwise.
    """

    def __init__(self, engine: AsyncEngine | None = None) -> None:
        self._engine = engine
        self._own = str(uuid4())
        self._listeners: dict[News, list[Callable[[], None]]] = {news: [] for news in NEWS}
        self._hearing: asyncio.Task[None] | None = None

    def listen(self, news: News, heard: Callable[[], None]) -> Callable[[], None]:
        """As the port says."""
        self._listeners[news].append(heard)
        if self._engine is not None and self._hearing is None:
            self._hearing = asyncio.create_task(self._hear(self._engine))
        return lambda: self._listeners[news].remove(heard)

    async def before_commit(self, db: Statements) -> None:
        """Let other processes hear of it when this transaction commits."""
        if self._engine is not None:
            for news in sorted(db.news):
                await db.run(select(func.pg_notify(_channel(news), self._own)))

    def after_commit(self, db: Statements) -> None:
        """Tell this process, which knows by itself what it wrote to the outbox."""
        self._tell(db.news - {"outbox"})

    async def aclose(self) -> None:
        """Stop listening."""
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    def _tell(self, news: Iterable[News]) -> None:
        for each in news:
            for heard in list(self._listeners[each]):
                heard()

    async def _hear(self, engine: AsyncEngine) -> None:
        while True:
            with suppress(SQLAlchemyError, OSError, TimeoutError):
                await self._hear_on(engine)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _hear_on(self, engine: AsyncEngine) -> None:
        """Until the connection is lost."""
        async with engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            lost = asyncio.Event()
            raw.add_termination_listener(lambda _: lost.set())
            try:
                for news in NEWS:
                    await raw.add_listener(_channel(news), self._heard)
                self._tell(NEWS)  # of what was missed until now
                await lost.wait()
            finally:
                await connection.invalidate()

    def _heard(self, _connection: object, _pid: int, channel: str, sender: str) -> None:
        if sender != self._own:
            self._tell(news for news in NEWS if _channel(news) == channel)


def _channel(news: News) -> str:
    return f"promptuary_{news}"
