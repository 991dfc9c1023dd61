"""Rows of a table as lines that can be read by themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from promptuary.adapters.document_loaders._text import Writing

_NUMBER = re.compile(r"[-+]?[\d.,\s]+%?")
_SPACE = re.compile(r"\s+")


class Table:
    """Writes rows as `name: value; name: value`; where the first row names nothing, as values.

    The first row names the columns when it has a text without a number in each of its cells, all
    different.
    """

    def __init__(self, writing: Writing, *, page: int | None = None) -> None:
        self._writing = writing
        self._page = page
        self._names: Sequence[str] | None = None
        self._first: tuple[list[str], int | None] | None = None

    def add(self, row: Sequence[object], *, line: int | None = None) -> None:
        """One more row; one without any value is left out."""
        cells = [_SPACE.sub(" ", str(cell)).strip() if cell is not None else "" for cell in row]
        if not any(cells):
            return
        if self._names is None and self._first is None:
            self._first = (cells, line)
            return
        self._begin()
        self._write(cells, line)

    def end(self) -> None:
        """No more rows; a table of one row is that row."""
        if self._first is not None:
            cells, line = self._first
            self._first = None
            self._writing.add("row", " | ".join(filter(None, cells)), line=line, page=self._page)

    def _begin(self) -> None:
        """Now that there is a second row, decide what the first one is."""
        if self._first is None:
            return
        (cells, line), self._first = self._first, None
        named = all(cell and not _NUMBER.fullmatch(cell) and len(cell) < 80 for cell in cells)
        if named and len(set(cells)) == len(cells):
            self._names = cells
            self._writing.add("row", " | ".join(cells), line=line, page=self._page)
        else:
            self._names = ()
            self._write(cells, line)

    def _write(self, cells: Sequence[str], line: int | None) -> None:
        names = self._names or ()
        shown = [
            f"{names[at]}: {cell}" if at < len(names) else cell
            for at, cell in enumerate(cells)
            if cell
        ]
        self._writing.add("row", "; ".join(shown), line=line, page=self._page)
