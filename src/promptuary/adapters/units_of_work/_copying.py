"""A record into another database, by their URLs."""

from __future__ import annotations

from promptuary.adapters.units_of_work._migrating import engines_of
from promptuary.adapters.units_of_work._sql.copying import Copying
from promptuary.adapters.units_of_work._sql.engines import Engines
from promptuary.adapters.units_of_work._sql.errors import translated
from promptuary.adapters.units_of_work._sql.tables import HEAD
from promptuary.adapters.units_of_work._sql.versions import current, prepare
from promptuary.domain.errors import Misconfigured
from promptuary.domain.reports import Told, silent
from promptuary.domain.upkeep import RecordCopy


async def copy_record(source: str, target: str, *, origin: str, told: Told = silent) -> RecordCopy:
    """Copy the record at one URL, which nobody may write meanwhile, into the empty database at
    another; what was interrupted goes on. `origin` names the source, the same each time.

    Raises Misconfigured for a target whose tables are of another version, Conflict for one that
    holds something else, Busy while somebody else copies there, Unavailable.
    """
    ours, theirs = engines_of(source), engines_of(target)
    try:
        await _check(theirs)
        for each in (ours, theirs):
            await prepare(each.writing, each.reading)
        return await Copying(ours, theirs, origin, told).run()
    finally:
        await ours.aclose()
        await theirs.aclose()


async def _check(target: Engines) -> None:
    with translated():
        async with target.reading.begin() as connection:
            revision = await connection.run_sync(current)
    if revision not in {None, HEAD}:
        raise Misconfigured(
            f"the tables there are of another version ({revision}); name an empty database, or "
            "bring them up to date with promptuary db upgrade"
        )
