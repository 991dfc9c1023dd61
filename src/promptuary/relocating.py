"""The record of a home into another database: from SQLite to PostgreSQL, and back."""

from __future__ import annotations

from typing import Final

from promptuary.adapters.units_of_work._copying import copy_record
from promptuary.domain.errors import InvalidInput
from promptuary.domain.reports import Told, silent
from promptuary.domain.upkeep import RecordCopy
from promptuary.home import held
from promptuary.settings import Settings
from promptuary.settings.forms import show

SCHEMES: Final = ("sqlite", "postgresql", "postgres")
LONGEST: Final = 255


async def relocate(settings: Settings, to: str, *, progress: Told = silent) -> RecordCopy:
    """Copy the record that the settings name into the empty database at `to`, and compare every
    row. The record stays as it is; what was interrupted goes on when it is called again, and what
    was whole already is compared once more.

    Nobody may write to the record meanwhile: the home is held, and whoever shares a PostgreSQL has
    to be stopped, else the copy is found to differ. Positions of the outbox stay what they are, so
    an index goes on with the copy. Raises Busy while the home is in use or somebody else copies,
    Conflict for a database that holds something else, Misconfigured for one of another version.
    """
    here = settings.urls().record
    if to.partition(":")[0] not in SCHEMES:
        known = "sqlite:///PATH and postgresql://USER:PASSWORD@HOST/NAME"
        raise InvalidInput(f"a record lives at {known}", fields={"to": "no such URL"})
    if to == here:
        raise InvalidInput("that is where the record is already", fields={"to": "the same"})
    async with held(settings.home.expanduser().absolute()):
        return await copy_record(here, to, origin=_shown(settings, here), told=progress)


def _shown(settings: Settings, url: str) -> str:
    """The URL without its password."""
    return (show(settings.database_url) or url)[-LONGEST:]
