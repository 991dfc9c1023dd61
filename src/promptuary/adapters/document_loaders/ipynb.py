"""`ipynb:` Jupyter notebooks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from promptuary.adapters.document_loaders._markdown import read_markdown
from promptuary.adapters.document_loaders._text import Writing, decoded
from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.loading import Limits, Loaded, RawFile


def connect(url: str) -> NotebookLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`ipynb:`"""
    return NotebookLoader()


class NotebookLoader:
    """Cells in order, each a page of its number: text, code, and what the code printed."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Notebooks."""
        return frozenset({".ipynb"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded]:
        """As the port says."""
        cells = _cells(decoded(file, limits))
        if len(cells) > limits.pages:
            raise TooLarge(f"{len(cells):,} cells; at most {limits.pages:,} are read")
        writing = Writing(limits)
        for number, cell in enumerate(cells, 1):
            if isinstance(cell, dict):
                _write(cell, number, writing)
        if writing.blocks:
            yield Loaded(writing.text, writing.blocks, _title(writing))


def _cells(text: str) -> list[Any]:
    try:
        cells = json.loads(text)["cells"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput("this is no notebook of version 4: it has no cells") from error
    if not isinstance(cells, list):
        raise InvalidInput("this is no notebook: its cells are no list")
    return cells


def _write(cell: Mapping[str, Any], number: int, writing: Writing) -> None:
    source = _joined(cell.get("source"))
    if cell.get("cell_type") != "markdown":
        writing.add("code", source, page=number)
        for output in cell.get("outputs") or ():
            if isinstance(output, dict):
                writing.add("code", _printed(output), page=number)
        return
    for block in read_markdown(source):
        writing.add(block.kind, source[block.start : block.end], level=block.level, page=number)


def _printed(output: Mapping[str, Any]) -> str:
    data = output.get("data")
    plain = data.get("text/plain") if isinstance(data, dict) else None
    return _joined(output.get("text") or plain)


def _joined(source: object) -> str:
    """A text, or the list of its lines, as notebooks write both."""
    if isinstance(source, list):
        return "".join(each for each in source if isinstance(each, str))
    return source if isinstance(source, str) else ""


def _title(writing: Writing) -> str:
    for block in writing.blocks:
        if block.kind == "heading":
            return writing.text[block.start : block.end].strip("# ")
    return ""
