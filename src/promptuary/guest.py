"""The record of another home, held for as long as it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from promptuary.domain.errors import NotFound
from promptuary.home import held
from promptuary.plugins import open_unit_of_work
from promptuary.ports.unit_of_work import UnitOfWork


@asynccontextmanager
async def guest(home: Path) -> AsyncIterator[UnitOfWork]:
    """The record in that folder; nobody else uses it meanwhile, and it is not written.

    Raises NotFound where there is no record, Busy when another process holds the folder.
    """
    file = _record_file(home)
    async with held(file.parent):
        record = await open_unit_of_work(f"sqlite:///{file}")
        try:
            yield record
        finally:
            await record.aclose()


def _record_file(home: Path) -> Path:
    file = home.expanduser().absolute() / "record.db"
    if not file.is_file():
        raise NotFound("record", str(file))
    return file
