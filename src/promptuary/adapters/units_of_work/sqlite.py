"""sqlite:///path/to/record.db"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from promptuary.adapters.units_of_work._sql.on_sqlite import sqlite_engines
from promptuary.domain.errors import InvalidInput, NotFound, StorageFull, Unavailable
from promptuary.ports.unit_of_work import UnitOfWork

_PAGES = 4096
"""So many pages are copied at once; others may write in between."""


async def connect(url: str) -> UnitOfWork:
    """Open the record in that file; a new file gets its tables at once, an older one is migrated.

    Raises Misconfigured for a URL that names no file or a file that is no record of ours,
    Busy when another process holds the file for half a minute.
    """
    return await sqlite_engines(url).open()


def file_of(url: str) -> Path:
    """The file of the record behind that URL."""
    return Path(url.removeprefix("sqlite:///")).absolute()


def snapshot(url: str, target: Path) -> None:
    """Copy the record of one moment into a new file, while others use it (SQLite's online backup).

    Raises NotFound where there is no record, StorageFull, Unavailable.
    """
    path = file_of(url)
    if not path.is_file():
        raise NotFound("record", str(path))
    try:
        _copy(path, target)
    except sqlite3.Error as error:
        kind = StorageFull if "full" in str(error) else Unavailable
        raise kind(f"{path} cannot be copied: {error}") from error


def _copy(path: Path, target: Path) -> None:
    """On a disk that is full or read-only, SQLite cannot say beside the file that somebody reads.
    Nobody has to know of that where nobody has the file open."""
    before = path.stat().st_mtime_ns
    try:
        _copy_as(f"{path.as_uri()}?mode=ro", target)
    except sqlite3.OperationalError:
        if not _is_closed(path):
            raise
        target.unlink(missing_ok=True)
        _copy_as(f"{path.as_uri()}?immutable=1", target)
        if not _is_closed(path) or path.stat().st_mtime_ns != before:
            raise


def _copy_as(address: str, target: Path) -> None:
    with (
        closing(sqlite3.connect(address, uri=True)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy, pages=_PAGES)


def _is_closed(path: Path) -> bool:
    """Whether everything stands in the file itself: its log goes when the last one closes it."""
    log = Path(f"{path}-wal")
    return not log.exists() or log.stat().st_size == 0


def blobs_in(path: Path) -> list[str]:
    """The names of the originals that the record in that file has of its sources."""
    wanted = "SELECT blob FROM originals WHERE source_id IS NOT NULL ORDER BY blob"
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as opened:
        try:
            return [blob for (blob,) in opened.execute(wanted)]
        except sqlite3.OperationalError:  # a record from before originals were kept
            return []


def check_whole(path: Path) -> None:
    """Raises InvalidInput for a file that is no SQLite database, or a damaged one."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as opened:
            (said,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise InvalidInput(f"the record in the backup is damaged: {said}")
