"""Bytes to lines, streaming: any line ending, gzip, byte order marks, and a bound on every line."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

CHUNK_BYTES = 1 << 16
LINE_BYTES = 16 * 1024 * 1024
"""A longer line is refused without being held: it is over every limit on a prompt."""

_ENDING = re.compile(rb"\r\n|\n|\r")
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A place of a file that gives no prompt. `line` counts from 1; `code` is stable."""

    line: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its ending, and its number from 1."""

    number: int
    data: bytes


class Damaged(Exception):  # noqa: N818 - not an error of the caller: it becomes a BadLine
    """The compressed stream ends here."""


def chunks_of(stream: BinaryIO) -> Iterator[bytes]:
    """UTF-8 pieces of a stream: unpacked if it is gzip, recoded if it is UTF-16, without mark.

    Raises Damaged where a compressed stream breaks.
    """
    pieces = iter(lambda: stream.read(CHUNK_BYTES), b"")
    first = next(pieces, b"")
    pieces = chain([first], pieces)
    if first.startswith(_GZIP_MAGIC):
        pieces = _unpacked(pieces)
        first = next(pieces, b"")
        pieces = chain([first], pieces)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield from _recoded(pieces)
    else:
        next(pieces, b"")
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from pieces


def lines_of(chunks: Iterator[bytes], limit: int = LINE_BYTES) -> Iterator[Line | BadLine]:
    """Every line once, in order; one over `limit` bytes as a BadLine."""
    held = _Held(limit)
    carried = b""
    try:
        for chunk in chunks:
            data = carried + chunk
            carried = b"\r" if data.endswith(b"\r") else b""  # a line feed may follow
            data = data[: len(data) - len(carried)]
            start = 0
            for ending in _ENDING.finditer(data):
                yield held.line(data[start : ending.end()])
                start = ending.end()
            held.add(data[start:])
    except Damaged as error:
        yield BadLine(held.number, "DAMAGED_FILE", str(error))
        return
    if held.length or carried:
        yield held.line(carried)


def pieces_of(chunks: Iterator[bytes]) -> Iterator[Line | BadLine]:
    """Lines, and of a long line its parts as they come: for a reader that needs no whole line."""
    number = 1
    try:
        for chunk in chunks:
            for piece in chunk.splitlines(keepends=True):
                yield Line(number, piece)
                number += piece.endswith(b"\n")
    except Damaged as error:
        yield BadLine(number, "DAMAGED_FILE", str(error))


class _Held:
    """The line that is being read, as long as it is not too long."""

    def __init__(self, limit: int) -> None:
        self.number = 1
        self.length = 0
        self._limit = limit
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        self.length += len(piece)
        self._pieces.append(piece)
        if self.length > self._limit:
            self._pieces.clear()

    def line(self, last: bytes) -> Line | BadLine:
        self.add(last)
        number, length, data = self.number, self.length, b"".join(self._pieces)
        self.number, self.length = number + 1, 0
        self._pieces.clear()
        if length <= self._limit:
            return Line(number, data)
        reason = f"the line has {length:,} bytes; at most {self._limit:,} are read"
        return BadLine(number, "LINE_TOO_LONG", reason)


def line_number(line: Line | BadLine) -> int:
    """Where it stands in its file, from 1."""
    return line.number if isinstance(line, Line) else line.line


def text_of(line: Line) -> str | BadLine:
    """The line as text, its ending still there."""
    try:
        return line.data.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = line.data[error.start]
        reason = f"byte {error.start + 1} (0x{byte:02x}) is not UTF-8; save the file as UTF-8"
        return BadLine(line.number, "INVALID_UTF8", reason)


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Members of a gzip stream one after the other, a bounded piece at a time."""
    unpack, begun = zlib.decompressobj(wbits=31), False
    for piece in pieces:
        rest = piece
        while rest:
            begun = True
            try:
                yield unpack.decompress(rest, CHUNK_BYTES)
            except zlib.error as error:
                raise Damaged(f"the gzip data is damaged here ({error})") from error
            rest = unpack.unconsumed_tail
            if unpack.eof:
                rest, begun = unpack.unused_data, False
                unpack = zlib.decompressobj(wbits=31)
    if begun:
        raise Damaged("the gzip data ends early: the file was cut off")


def _recoded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
