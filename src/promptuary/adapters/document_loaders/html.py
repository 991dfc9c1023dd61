"""`html:` pages of the web."""

from __future__ import annotations

from collections.abc import Iterator

from promptuary.adapters.document_loaders._html import charset, read_html
from promptuary.adapters.document_loaders._text import Writing, decoded
from promptuary.domain.loading import Limits, Loaded, RawFile


def connect(url: str) -> HtmlLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`html:`"""
    return HtmlLoader()


class HtmlLoader:
    """What a reader sees: no scripts, no styles, no navigation; with a `<main>`, only that."""

    @property
    def suffixes(self) -> frozenset[str]:
        """HTML by its usual names."""
        return frozenset({".html", ".htm", ".xhtml"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded]:
        """As the port says."""
        text = decoded(file, limits, declared=charset(file.data))
        writing = Writing(limits)
        title = read_html(text, writing)
        if writing.blocks:
            yield Loaded(writing.text, writing.blocks, title or _first_heading(writing))


def _first_heading(writing: Writing) -> str:
    for block in writing.blocks:
        if block.kind == "heading":
            return writing.text[block.start : block.end]
    return ""
