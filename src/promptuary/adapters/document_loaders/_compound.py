"""Compound files, the format of Office before 2007 and of Outlook's mails (MS-CFB).

A small file system: sectors in chains, one table that links them, a directory of storages (folders)
and streams (files). Every chain is bounded, so a damaged one ends instead of running in circles.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from promptuary.domain.errors import InvalidInput

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST = 0xFFFFFFFA
"""Sector numbers from here on stand for the end of a chain, or for none."""
_ENTRY = 128
_HEAD = 512
_IN_HEAD = 109
"""Sectors of the table that the head itself names."""
STREAM, STORAGE, ROOT = 2, 1, 5


@dataclass(frozen=True, slots=True)
class Entry:
    """A stream or a storage; `left`, `right` and `child` are places in the directory."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class Compound:
    """A compound file in memory. Raises InvalidInput for what is none, or damaged."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEAD or not data.startswith(MAGIC):
            raise InvalidInput("this is no compound file")
        self._data = data
        shift, mini = struct.unpack_from("<HH", data, 30)
        if shift not in {9, 12} or mini != 6:
            raise InvalidInput("a compound file with sectors of an unknown size")
        self._sector, self._mini = 1 << shift, 1 << mini
        head = struct.unpack_from("<II4sIIIII", data, 44)
        fats, first, _, self._cutoff, minifat, _, difat, _ = head
        self._next = self._table(self._fat_sectors(fats, difat))
        self._entries = list(self._directory(b"".join(self._chain(first))))
        if not self._entries or self._entries[0].kind != ROOT:
            raise InvalidInput("a compound file without a root")
        self._next_mini = self._table_of(b"".join(self._chain(minifat)))
        self._minis = b"".join(self._chain(self._entries[0].start))

    def inside(self, storage: Entry | None = None) -> Iterator[Entry]:
        """What lies in a storage; in the root, when none is named."""
        left = [(storage or self._entries[0]).child]
        seen: set[int] = set()
        while left:
            place = left.pop()
            if place >= len(self._entries) or place in seen:
                continue
            seen.add(place)
            entry = self._entries[place]
            left += [entry.left, entry.right]
            yield entry

    def read(self, stream: Entry) -> bytes:
        """What is in a stream; as much as there is of one that breaks off."""
        if stream.size >= self._cutoff:
            return b"".join(self._chain(stream.start))[: stream.size]
        size, places = self._mini, self._walk(stream.start, self._next_mini)
        return b"".join(self._minis[at * size : (at + 1) * size] for at in places)[: stream.size]

    def _fat_sectors(self, count: int, difat: int) -> list[int]:
        listed = list(struct.unpack_from(f"<{_IN_HEAD}I", self._data, 76))
        each = self._sector // 4
        for _ in range(len(self._data) // self._sector):
            if difat >= _LAST:
                break
            more = self._table_of(self._at(difat))
            listed += more[: each - 1]
            difat = more[each - 1] if len(more) == each else _LAST
        return [number for number in listed if number < _LAST][:count]

    def _table(self, sectors: list[int]) -> list[int]:
        return self._table_of(b"".join(self._at(each) for each in sectors))

    @staticmethod
    def _table_of(data: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))

    def _at(self, number: int) -> bytes:
        start = (number + 1) * self._sector
        return self._data[start : start + self._sector]

    def _chain(self, start: int) -> Iterator[bytes]:
        return (self._at(number) for number in self._walk(start, self._next))

    @staticmethod
    def _walk(start: int, following: list[int]) -> Iterator[int]:
        for _ in range(len(following)):
            if start >= len(following):
                return
            yield start
            start = following[start]

    @staticmethod
    def _directory(data: bytes) -> Iterator[Entry]:
        for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
            raw = data[at : at + _ENTRY]
            length, kind = struct.unpack_from("<HB", raw, 64)
            left, right, child = struct.unpack_from("<III", raw, 68)
            start, size = struct.unpack_from("<II", raw, 116)
            name = raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            yield Entry(name, kind, left, right, child, start, size)
