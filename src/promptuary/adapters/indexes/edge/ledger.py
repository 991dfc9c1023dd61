"""Terms, text fields and payload values by number, with counts: one log file beside the engine.

The engine knows numbers only. What they mean is appended here, and synced, before the engine hears
of them, so every number the engine holds has a meaning; a number the engine never got to hear of
does no harm. How often terms stand in entries is appended with them: a crash between the log and
the engine can leave the counts wrong by the one batch that was under way, never more.
"""

from __future__ import annotations

import os
from pathlib import Path
from zlib import crc32

from promptuary.adapters.indexes._shared.records import Record, from_bytes, to_bytes
from promptuary.adapters.indexes.edge.folder import Damaged, disk_errors
from promptuary.retrieval.lexicon import Lexicon

_HEAD = 8
_COMPACT_ABOVE = 1 << 22


class Ledger:
    """The lexicon of an index and the numbers of its facts (see `filters.facts`), kept in a log."""

    def __init__(self, path: Path) -> None:
        """Read the log, begun if there was none; a torn end (a kill while writing) is cut off.

        Raises Damaged when anything else about it is wrong.
        """
        self.lexicon = Lexicon()
        self.facts: list[str] = []
        self.numbers: dict[str, int] = {}
        self.last_change = 0
        """How many entries more (fewer, if negative) the newest record made it."""
        self._path = path
        with disk_errors(path):
            content = path.read_bytes() if path.exists() else b""
            end = self._replay(content)
            if end > _COMPACT_ABOVE and end > 2 * len(whole := _framed(self._whole())):
                _replace(path, whole)
                end = len(whole)
            self._log = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            os.ftruncate(self._log, end)
        self._end = end

    def append(self, record: Record) -> None:
        """Keep the record, durably, and take it over; raises StorageFull and keeps nothing."""
        framed = _framed(record)
        with disk_errors(self._path):
            try:
                written = os.pwrite(self._log, framed, self._end)
                if written < len(framed):
                    os.pwrite(self._log, framed[written:], self._end + written)
                if record.terms or record.fields or record.facts:
                    os.fdatasync(self._log)
            except OSError:
                os.ftruncate(self._log, self._end)
                raise
        self._end += len(framed)
        self._take(record)

    def close(self) -> None:
        """Release the file; closing twice is harmless."""
        if self._log >= 0:
            os.close(self._log)
        self._log = -1

    def _replay(self, content: bytes) -> int:
        at = 0
        while at + _HEAD <= len(content):
            size = int.from_bytes(content[at : at + 4], "little")
            body = content[at + _HEAD : at + _HEAD + size]
            if not size or len(body) < size:
                break
            if crc32(body) != int.from_bytes(content[at + 4 : at + _HEAD], "little"):
                raise Damaged("the ledger does not hold what was written")
            self._take(from_bytes(body))
            at += _HEAD + size
        return at

    def _take(self, record: Record) -> None:
        self.lexicon.learn(record.terms, record.fields)
        for fact in record.facts:
            self.numbers[fact] = len(self.facts)
            self.facts.append(fact)
        self.lexicon.count(record.entries, record.dimensions, record.changes)
        self.last_change = record.entries

    def _whole(self) -> Record:
        dimensions, changes = self.lexicon.counted()
        return Record(
            terms=self.lexicon.terms,
            fields=self.lexicon.fields,
            facts=self.facts,
            entries=self.lexicon.entries,
            dimensions=dimensions,
            changes=changes,
        )


def _framed(record: Record) -> bytes:
    body = to_bytes(record)
    return len(body).to_bytes(4, "little") + crc32(body).to_bytes(4, "little") + body


def _replace(path: Path, content: bytes) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
