"""Terms, text fields and payload values by number, with counts: one log file beside the engine.

The engine knows numbers only. What they mean is appended here, and synced, before the engine hears
of them, so every number the engine holds has a meaning; a number the engine never got to hear of
does no harm. How often terms stand in entries is appended with them: a crash between the log and
the engine can leave the counts wrong by the one batch that was under way, never more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from promptuary.adapters.indexes.edge.folder import Damaged, disk_errors
from promptuary.retrieval.lexicon import MAX_FIELDS, Lexicon

_HEAD = 8
_COMPACT_ABOVE = 1 << 22

Dimensions = NDArray[np.int64]
_NO_DIMENSIONS: Dimensions = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Record:
    """What one batch brought: new names, entries that came or went, their dimensions, each as often
    as it came or went."""

    terms: Sequence[str] = ()
    fields: Sequence[str] = ()
    facts: Sequence[str] = ()
    came: int = 0
    went: int = 0
    gained: Dimensions = field(default_factory=lambda: _NO_DIMENSIONS)
    lost: Dimensions = field(default_factory=lambda: _NO_DIMENSIONS)

    def undone(self) -> Record:
        """The same batch going away again; names stay."""
        return Record(came=self.went, went=self.came, gained=self.lost, lost=self.gained)


class Ledger:
    """The lexicon of an index and the numbers of its facts (see `filters.facts`), kept in a log."""

    def __init__(self, path: Path) -> None:
        """Read the log, begun if there was none; a torn end (a kill while writing) is cut off.

        Raises Damaged when anything else about it is wrong.
        """
        self.lexicon = Lexicon()
        self.facts: list[str] = []
        self.numbers: dict[str, int] = {}
        self.last_batch = 0
        """How many entries the newest record is about."""
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
            if len(body) < size:
                break
            if crc32(body) != int.from_bytes(content[at + 4 : at + _HEAD], "little"):
                raise Damaged("the ledger does not hold what was written")
            self._take(_read(body))
            at += _HEAD + size
        return at

    def _take(self, record: Record) -> None:
        self.lexicon.learn(record.terms, record.fields)
        for fact in record.facts:
            self.numbers[fact] = len(self.facts)
            self.facts.append(fact)
        self.lexicon.count(record.went, record.lost, -1)
        self.lexicon.count(record.came, record.gained, 1)
        self.last_batch = record.came + record.went

    def _whole(self) -> Record:
        counts = self.lexicon.counts()
        numbers, slots = np.nonzero(counts)
        dimensions = numbers.astype(np.int64) * MAX_FIELDS + slots
        return Record(
            terms=self.lexicon.terms,
            fields=self.lexicon.fields,
            facts=self.facts,
            came=self.lexicon.entries,
            gained=np.repeat(dimensions, counts[numbers, slots]),
        )


def _framed(record: Record) -> bytes:
    gained, gains = np.unique(record.gained, return_counts=True)
    lost, losses = np.unique(record.lost, return_counts=True)
    names = {"terms": record.terms, "fields": record.fields, "facts": record.facts}
    head = {name: list(given) for name, given in names.items() if given}
    sizes = {"came": record.came, "went": record.went, "gained": len(gained), "lost": len(lost)}
    arrays = [part.astype("<u4").tobytes() for part in (gained, gains, lost, losses)]
    body = b"\n".join([json.dumps(head | sizes).encode(), b"".join(arrays)])
    return len(body).to_bytes(4, "little") + crc32(body).to_bytes(4, "little") + body


def _read(body: bytes) -> Record:
    line, _, rest = body.partition(b"\n")
    head = json.loads(line)
    numbers = np.frombuffer(rest, dtype="<u4").astype(np.int64)
    gained, gains, lost, losses = np.split(
        numbers, np.cumsum([head["gained"], head["gained"], head["lost"]])
    )
    return Record(
        terms=head.get("terms", ()),
        fields=head.get("fields", ()),
        facts=head.get("facts", ()),
        came=head["came"],
        went=head["went"],
        gained=np.repeat(gained, gains),
        lost=np.repeat(lost, losses),
    )


def _replace(path: Path, content: bytes) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
