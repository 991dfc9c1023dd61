"""What a driver's error means to the caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from promptuary.domain.errors import (
    Busy,
    Conflict,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    StorageFull,
    TimedOut,
    TooLarge,
    Unavailable,
    Unsupported,
)


class ReadOnlyError(Unsupported):
    """Nothing can be written: this transaction is one for reading, or the database is read-only."""


_SQLITE: dict[int, type[PromptuaryError]] = {
    sqlite3.SQLITE_BUSY: Busy,
    sqlite3.SQLITE_LOCKED: Busy,
    sqlite3.SQLITE_FULL: StorageFull,
    # What a quota or a limit on the size of files looks like to SQLite.
    sqlite3.SQLITE_IOERR_WRITE: StorageFull,
    sqlite3.SQLITE_IOERR_SHMSIZE: StorageFull,
    sqlite3.SQLITE_CONSTRAINT: Conflict,
    sqlite3.SQLITE_TOOBIG: TooLarge,
    sqlite3.SQLITE_READONLY: ReadOnlyError,
    sqlite3.SQLITE_NOTADB: Misconfigured,
    sqlite3.SQLITE_ERROR: Misconfigured,
}
"""By extended result code, or by its primary one (the lowest eight bits); SQLITE_ERROR is what a
missing table or column gives."""

_POSTGRESQL: dict[str, type[PromptuaryError]] = {
    "53100": StorageFull,
    "55P03": Busy,
    "40001": Busy,
    "40P01": Busy,
    "57014": TimedOut,
    "25006": ReadOnlyError,
    "3D000": Misconfigured,
    "22": InvalidInput,
    "23": Conflict,
    "28": Misconfigured,
    "42": Misconfigured,
    "54": TooLarge,
}
"""By SQLSTATE, or by its class (the first two characters)."""


@contextmanager
def translated() -> Iterator[None]:
    """Turns errors of SQLAlchemy and of the drivers into errors of the house."""
    try:
        yield
    except (exc.SQLAlchemyError, OSError, TimeoutError) as error:
        meaning = _meaning(error)
        if meaning is None:
            raise
        raise meaning from error


def _meaning(error: Exception) -> PromptuaryError | None:
    match error:
        case exc.TimeoutError():
            meaning: PromptuaryError | None = Busy("every connection to the record is in use")
        case exc.DBAPIError(orig=BaseException() as cause):
            meaning = _of_driver(cause)
        case exc.StatementError(orig=PromptuaryError() as cause):
            meaning = cause
        case exc.StatementError(orig=ValueError() as cause):
            meaning = InvalidInput(f"this cannot be stored: {cause}")
        case TimeoutError():
            meaning = TimedOut("the record did not answer in time")
        case OSError():
            meaning = Unavailable(f"the record cannot be reached: {error}")
        case _:
            meaning = None
    return meaning


def _of_driver(cause: BaseException) -> PromptuaryError:
    said = str(cause).rpartition(">: ")[2]
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        kind = _SQLITE.get(code or 0) or _SQLITE.get((code or 0) & 0xFF, Unavailable)
    else:
        state = getattr(cause, "sqlstate", None) or ""
        kind = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2], Unavailable)
    return kind(f"the record says: {said}")
