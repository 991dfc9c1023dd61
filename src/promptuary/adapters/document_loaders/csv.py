"""`csv:` tables in text, with commas, semicolons, bars or tabs between the cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from promptuary.adapters.document_loaders._rows import Table
from promptuary.adapters.document_loaders._text import Writing, decoded
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Limits, Loaded, RawFile

_SAMPLE = 65_536
_DELIMITERS = ",;\t|"


def connect(url: str) -> CsvLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`csv:`"""
    return CsvLoader()


class CsvLoader:
    """A row becomes a line `name: value; name: value`, so that each stands for itself."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Tables in text."""
        return frozenset({".csv", ".tsv", ".tab"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded]:
        """As the port says."""
        text = decoded(file, limits)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
        writing = Writing(limits)
        table = Table(writing)
        line = 1
        try:
            for row in rows:
                table.add(row, line=line)
                line = rows.line_num + 1
        except csv.Error as error:
            raise InvalidInput(f"line {line} is no row of a table: {error}") from error
        table.end()
        if writing.blocks:
            yield Loaded(writing.text, writing.blocks)


def _delimiter(text: str) -> str:
    """The character that cuts the first lines into the same number of cells, and most of them."""
    lines = [line for line in text[:_SAMPLE].splitlines()[:20] if line.strip()]
    counts = {mark: [line.count(mark) for line in lines] for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: (min(counts[mark], default=0), sum(counts[mark])))
