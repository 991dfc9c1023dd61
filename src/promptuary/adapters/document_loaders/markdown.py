"""`markdown:` Markdown, as CommonMark and GitHub write it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptuary.adapters.document_loaders._markdown import read_markdown
from promptuary.adapters.document_loaders._text import decoded
from promptuary.domain.loading import Limits, Loaded, RawFile

_TITLE = re.compile(r"^title:\s*(['\"]?)(.+?)\1\s*$", re.MULTILINE)


def connect(url: str) -> MarkdownLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`markdown:`"""
    return MarkdownLoader()


class MarkdownLoader:
    """The text is the file's own, marks included, so that offsets and lines are the file's.

    The title is that of the front matter, else the first heading of the highest level there is.
    """

    @property
    def suffixes(self) -> frozenset[str]:
        """Markdown by its usual names."""
        return frozenset({".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded]:
        """As the port says."""
        text = decoded(file, limits)
        blocks = tuple(read_markdown(text))
        if not blocks:
            return
        headings = [block for block in blocks if block.kind == "heading"]
        first = min(headings, key=lambda block: block.level, default=None)
        title = plain(text[first.start : first.end]) if first else ""
        if text.startswith("---") and (named := _TITLE.search(text, 0, blocks[0].end)):
            title = named[2]
        yield Loaded(text, blocks, title)


def plain(heading: str) -> str:
    """A heading without its marks."""
    line = heading.strip().splitlines()[0]
    return re.sub(r"^#{1,6}\s+|\s+#+\s*$", "", line).replace("`", "").strip("*_ ")
