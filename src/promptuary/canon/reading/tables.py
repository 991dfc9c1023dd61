"""CSV and its relatives: the separator is found, the first row names the columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from promptuary.canon.reading.lines import LINE_BYTES, BadLine, Line, line_number, text_of
from promptuary.canon.reading.records import KNOWN_FIELDS, TEXT_FIELDS, ReadPrompt, RecordReader
from promptuary.domain.errors import InvalidInput

SEPARATORS = ",;\t|"


def rows_of(
    lines: Iterator[Line | BadLine], reader: RecordReader
) -> Iterator[ReadPrompt | BadLine]:
    """A prompt a row. Raises InvalidInput, with the columns there are, for one that is missing."""
    first = next(line for line in lines if isinstance(line, BadLine) or line.data.strip())
    head = first if isinstance(first, BadLine) else text_of(first)
    if isinstance(head, BadLine):
        raise InvalidInput(f"the row of column names cannot be read: {head.reason}")
    separator = separator_of(head)
    csv.field_size_limit(LINE_BYTES)  # the module's own is below the longest prompt
    columns = [name.strip() for name in next(csv.reader([head], delimiter=separator), [])]
    _check(columns, reader)
    feed = _Feed(lines)
    table = csv.reader(feed, delimiter=separator, strict=True)
    while True:
        begun = max(feed.number, line_number(first)) + 1
        try:
            cells = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            reason = f"this row cannot be read: {error}; is a quote missing?"
            feed.trouble()
            yield BadLine(begun, "INVALID_ROW", reason)
            continue
        if bad := feed.trouble():
            yield bad
        elif len(cells) > len(columns):
            reason = f"the row has {len(cells)} cells for {len(columns)} columns; quote the text"
            yield BadLine(begun, "INVALID_ROW", reason)
        elif any(cells):
            yield from reader.read(begun, dict(zip(columns, cells, strict=False)))


def separator_of(head: str) -> str:
    """What most probably separates the columns of that first row."""
    bare = re.sub(r'"[^"]*"', "", head)
    return max(SEPARATORS, key=bare.count)


def has_text_column(head: str) -> bool:
    """Whether the line names at least two columns, one of them known to hold a prompt."""
    columns = [name.strip().strip('"') for name in head.split(separator_of(head))]
    return len(columns) > 1 and any(name in TEXT_FIELDS for name in columns)


def _check(columns: list[str], reader: RecordReader) -> None:
    wanted = (reader.text_field,) if reader.text_field else TEXT_FIELDS
    unknown = [name for name in columns if name not in KNOWN_FIELDS]
    only = not reader.text_field and len(columns) > 1 and len(unknown) == 1
    if not only and not any(name in columns for name in wanted):
        there = ", ".join(repr(name) for name in columns) or "none"
        missing = repr(reader.text_field) if reader.text_field else f"of {', '.join(TEXT_FIELDS)}"
        message = f"there is no column {missing}; the columns are: {there}"
        raise InvalidInput(f"{message}; name the one with the prompts with --text-field")


class _Feed:
    """Decoded lines for the csv module, which may take several for one row."""

    def __init__(self, lines: Iterator[Line | BadLine]) -> None:
        self._lines = lines
        self.number = 0
        self._bad: BadLine | None = None

    def trouble(self) -> BadLine | None:
        """What was wrong with a line since the last time of asking."""
        bad, self._bad = self._bad, None
        return bad

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if isinstance(line, BadLine):
            self.number, self._bad = line.line, line
            return "\n"
        self.number = line.number
        text = text_of(line)
        if isinstance(text, BadLine):
            self._bad = text
            return line.data.decode("utf-8", "replace")
        return text
