"""JSON values out of a long text: the items of an array, or values one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptuary.canon.reading.lines import BadLine, Line

_MARK = re.compile(rb'[\\"\[\]{},]')


def values_of(lines: Iterator[Line | BadLine], limit: int) -> Iterator[Line | BadLine]:
    """The bytes of each object, array or string that stands alone or in the outermost array.

    `lines` may be parts of lines, see `lines.pieces_of`: an array is often one endless line.
    Each comes as a Line with the number of the line it begins in. Where a value lacks its closing
    bracket, everything after it is one bad line: nobody can tell where the next begins.
    """
    scan = _Scan(limit)
    for line in lines:
        if isinstance(line, BadLine):
            yield line
        else:
            yield from scan.feed(line)
    yield from scan.end()


class _Scan:
    """Counts brackets, and skips what stands in quotes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._depth = 0
        self._array = False
        self._quoted = False
        self._escaping = False
        self._line = 0
        self._begun = 0
        self._pieces: list[bytes] = []
        self._length = 0

    def feed(self, line: Line) -> Iterator[Line | BadLine]:
        start, escaped, self._line = 0, 0 if self._escaping else -1, line.number
        for mark in _MARK.finditer(line.data):
            at = mark.start()
            if at == escaped:
                continue
            if self._quoted and mark[0] == b"\\":
                escaped = at + 1
            elif (taken := self._step(mark[0])) is not None:
                self._hold(line.data[start : at + taken])
                yield from self._close()
                start = at + 1
        self._escaping = escaped == len(line.data)
        self._hold(line.data[start:])

    def end(self) -> Iterator[Line | BadLine]:
        if self._quoted or self._depth:
            reason = "a value that begins here is never closed; what follows it was not read"
            yield BadLine(self._begun, "INVALID_JSON", reason)
        else:
            yield from self._close()

    def _step(self, mark: bytes) -> int | None:
        """None within a value; where one ends, how many characters of the mark belong to it."""
        if mark == b'"' or self._quoted:
            self._quoted = self._quoted != (mark == b'"')
            return None
        if self._depth:
            self._depth += (mark in b"[{") - (mark in b"]}")
            return None if self._depth or self._array else 1
        if mark == b"{" or (mark == b"[" and self._array):
            self._depth = 1
            return None
        self._array = mark == b"[" or (self._array and mark == b",")
        return 0

    def _hold(self, piece: bytes) -> None:
        if not self._begun and piece.strip():
            self._begun = self._line
        self._length += len(piece)
        if self._length <= self._limit:
            self._pieces.append(piece)

    def _close(self) -> Iterator[Line | BadLine]:
        data, length, begun = b"".join(self._pieces).strip(), self._length, self._begun
        self._pieces, self._length, self._begun = [], 0, 0
        if length > self._limit:
            reason = f"the value has {length:,} bytes; at most {self._limit:,} are read"
            yield BadLine(begun, "LINE_TOO_LONG", reason)
        elif data:
            yield Line(begun, data)
