"""The blocks of a Markdown text. Its lines are read once, whatever is nested in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptuary.adapters.document_loaders._text import Line, block_of, lines_of
from promptuary.domain.loading import Block, BlockKind

_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"\s{0,3}(#{1,6})(?:\s|$)")
_UNDERLINE = re.compile(r"\s{0,3}(=+|-{2,})\s*")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+\S")
_DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")


def read_markdown(text: str, *, page: int | None = None) -> Iterator[Block]:
    """Headings, paragraphs, list items, table rows and code, each with its line."""
    reading = _Reading(text, page)
    for line in lines_of(text):
        yield from reading.take(line)
    yield from reading.close()


class _Reading:
    """The lines of the block at hand, and what kind of block they are so far."""

    def __init__(self, text: str, page: int | None) -> None:
        self._text = text
        self._page = page
        self._lines: list[Line] = []
        self._kind: BlockKind = "paragraph"
        self._until: str | None = None
        self._table = False

    def take(self, line: Line) -> Iterator[Block]:
        """One more line; gives the blocks that it ends."""
        if self._until is not None:
            yield from self._inside(line)
        elif line.number == 1 and line.text.rstrip() == "---":
            yield from self._open(line, "---")
        elif fence := _FENCE.match(line.text):
            yield from self.close()
            yield from self._open(line, fence[1])
        elif line.blank:
            self._table = False
            yield from self.close()
        else:
            yield from self._outside(line)

    def close(self) -> Iterator[Block]:
        """The block at hand ends."""
        if self._lines:
            block = block_of(self._text, self._kind, self._lines, page=self._page)
            self._lines = []
            if block:
                yield block
        self._kind, self._until = "paragraph", None

    def _open(self, line: Line, until: str) -> Iterator[Block]:
        yield from self.close()
        self._lines, self._kind, self._until = [line], "code", until

    def _inside(self, line: Line) -> Iterator[Block]:
        """In a fence, or in the front matter; one that nobody closes lasts to the end."""
        self._lines.append(line)
        ends = line.text.strip()
        until = self._until or ""
        if ends.startswith(until) and not ends.strip(until[0]):
            yield from self.close()

    def _outside(self, line: Line) -> Iterator[Block]:
        if heading := _HEADING.match(line.text):
            yield from self._heading([line], len(heading[1]))
        elif self._underlines(line):
            lines = [*self._lines, line]
            self._lines = []
            yield from self._heading(lines, 1 if "=" in line.text else 2)
        elif self._is_row(line):
            yield from self._rows(line)
        elif _ITEM.match(line.text):
            yield from self.close()
            self._lines, self._kind = [line], "list"
        else:
            self._lines.append(line)

    def _underlines(self, line: Line) -> bool:
        whole = bool(self._lines) and self._kind == "paragraph" and len(self._lines) <= 3
        return whole and _UNDERLINE.fullmatch(line.text) is not None

    def _heading(self, lines: list[Line], level: int) -> Iterator[Block]:
        yield from self.close()
        block = block_of(self._text, "heading", lines, level=level, page=self._page)
        if block:
            yield block

    def _is_row(self, line: Line) -> bool:
        """A table begins with the row of dashes below its head."""
        if self._table:
            return "|" in line.text
        head = self._lines[-1].text if self._lines else ""
        begins = "|" in line.text and _DELIMITER.fullmatch(line.text) is not None
        self._table = begins and "|" in head
        return self._table

    def _rows(self, line: Line) -> Iterator[Block]:
        before, head = self._lines[:-1], self._lines[-1:]
        self._lines = before
        yield from self.close()
        for row in (*head, line):
            block = block_of(self._text, "row", [row], page=self._page)
            if block:
                yield block
