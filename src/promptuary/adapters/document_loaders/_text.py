"""Text out of bytes, lines with their offsets, and texts that are put together from pieces."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.loading import Block, BlockKind, Limits, RawFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


def decoded(file: RawFile, limits: Limits, *, declared: str | None = None) -> str:
    """The file as text: by its byte order mark, as UTF-8, as `declared`, else as Windows-1252.

    Raises InvalidInput for bytes that are no text, TooLarge for too many characters.
    """
    if len(file.data) > limits.bytes:
        raise TooLarge(f"{len(file.data):,} bytes; at most {limits.bytes:,} are read")
    text = _decoded(file.data, declared)
    # One in a hundred may be odd: a form feed or an escape sequence makes no program of a text.
    odd = len(_CONTROL.findall(text[:65536]))
    if "\x00" in text[:65536] or odd * 100 > min(len(text), 65536):
        raise InvalidInput(f"{file.name} holds bytes that are no text; is its name right?")
    return within(text, limits)


def within(text: str, limits: Limits) -> str:
    """The text itself; raises TooLarge when it is too long."""
    if len(text) > limits.characters:
        raise TooLarge(f"{len(text):,} characters; at most {limits.characters:,} are read")
    return text


def _decoded(data: bytes, declared: str | None) -> str:
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return data.decode(marked, "replace")
    for encoding in ("utf-8", declared):
        try:
            if encoding:
                return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text: its number from 1, its place, and its text without the line's end."""

    number: int
    start: int
    text: str

    @property
    def end(self) -> int:
        """Behind its last character."""
        return self.start + len(self.text)

    @property
    def indent(self) -> int:
        """Characters of white space before its text."""
        return len(self.text) - len(self.text.lstrip())

    @property
    def blank(self) -> bool:
        """Nothing but white space."""
        return not self.text.strip()


def lines_of(text: str) -> list[Line]:
    """Every line; a text that ends with a line's end has no empty last line."""
    found = []
    for number, match in enumerate(_LINE.finditer(text), 1):
        if match.start() < len(text):
            found.append(Line(number, match.start(), match[0].rstrip("\r\n")))
    return found


def block_of(
    text: str, kind: BlockKind, lines: list[Line], *, level: int = 0, page: int | None = None
) -> Block | None:
    """The block of these lines without the white space around; None when there is nothing else."""
    start, end = trimmed(text, lines[0].start, lines[-1].end)
    if start == end:
        return None
    first = next(line for line in lines if not line.blank)
    return Block(kind, start, end, level, first.number, page)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The same range without the white space at both ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def paragraphs(lines: list[Line]) -> Iterator[list[Line]]:
    """Runs of lines between blank ones; a form feed begins a run too."""
    run: list[Line] = []
    for line in lines:
        if run and line.text.startswith("\f"):
            yield run
            run = []
        if not line.blank:
            run.append(line)
        elif run:
            yield run
            run = []
    if run:
        yield run


class Writing:
    """A text that is put together block by block, for sources that are no text themselves."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pieces: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks so far."""
        return tuple(self._blocks)

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._pieces)

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        level: int = 0,
        line: int | None = None,
        page: int | None = None,
    ) -> None:
        """One more block, if there is anything but white space in it. Raises TooLarge."""
        text = text.strip()
        if not text:
            return
        self._gap(kind)
        start = self._length
        self._put(text)
        self._blocks.append(Block(kind, start, self._length, level, line, page))

    def _gap(self, kind: BlockKind) -> None:
        """Rows and items stand on neighbouring lines, everything else apart."""
        if self._blocks:
            together = kind in {"row", "list"} and self._blocks[-1].kind == kind
            self._put("\n" if together else "\n\n")

    def _put(self, piece: str) -> None:
        self._length += len(piece)
        if self._length > self._limits.characters:
            raise TooLarge(f"more than {self._limits.characters:,} characters of text")
        self._pieces.append(piece)
