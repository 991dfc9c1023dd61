"""From a record's URL to the engines that write and read it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from promptuary.adapters.units_of_work._sql.transaction import SqlUnitOfWork
from promptuary.adapters.units_of_work._sql.versions import prepare


@dataclass(frozen=True, slots=True)
class Engines:
    """`turn` is what a writer enters before it begins; see `SqlUnitOfWork`."""

    writing: AsyncEngine
    reading: AsyncEngine
    turn: AbstractAsyncContextManager[None]

    async def open(self) -> SqlUnitOfWork:
        """Create or migrate the tables where need be; on failure everything is released."""
        record = SqlUnitOfWork(self.writing, self.reading, self.turn)
        try:
            await prepare(self.writing, self.reading)
        except BaseException:
            await record.aclose()
            raise
        return record

    async def aclose(self) -> None:
        """Release every connection."""
        await self.writing.dispose()
        await self.reading.dispose()
