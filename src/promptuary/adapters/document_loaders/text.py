"""`text:` plain text and reStructuredText."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptuary.adapters.document_loaders._text import (
    Line,
    block_of,
    decoded,
    lines_of,
    paragraphs,
)
from promptuary.domain.loading import Block, BlockKind, Limits, Loaded, RawFile

_ADORNED = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)]|#\.)\s+\S")
_DIRECTIVE = re.compile(r"\s*\.\. ")


def connect(url: str) -> TextLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`text:`"""
    return TextLoader()


class TextLoader:
    """Paragraphs are what stands between blank lines. A form feed begins a page.

    A line above a row of punctuation as long as itself is a heading; what is indented below a
    paragraph that ends in `::`, or below a directive, is code.
    """

    @property
    def suffixes(self) -> frozenset[str]:
        """Plain text by many names."""
        endings = {".txt", ".text", ".rst", ".rest", ".log", ".adoc", ".org", ".tex", ".srt"}
        return frozenset(endings | {"readme", "license", "notice", "authors", "changelog"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded]:
        """As the port says."""
        text = decoded(file, limits)
        blocks = _Reading(text).blocks()
        if blocks:
            yield Loaded(text, tuple(blocks), _title(text, blocks[0]))


def _title(text: str, first: Block) -> str:
    """The first block, where it is a heading, without its row of punctuation."""
    if first.kind != "heading":
        return ""
    lines = text[first.start : first.end].splitlines()
    return next(line.strip() for line in lines if not _rule(line.rstrip()))


class _Reading:
    """One text on its way to blocks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._page = 1 if "\f" in text.strip("\f \n") else None
        self._counted = 0
        self._styles: list[str] = []
        self._literal = False

    def blocks(self) -> list[Block]:
        """All of them."""
        found: list[Block] = []
        for run in paragraphs(lines_of(self._text)):
            found += self._of(run)
        return found

    def _of(self, run: list[Line]) -> Iterator[Block]:
        heading = self._heading(run)
        if heading:
            taken, level = heading
            yield from self._block("heading", run[:taken], level)
            run = run[taken:]
        if not run:
            return
        code = self._literal and run[0].indent > 0
        last = run[-1].text.rstrip()
        self._literal = code or last.endswith("::") or bool(_DIRECTIVE.match(run[0].text))
        if code:
            yield from self._block("code", run)
        elif _ITEM.match(run[0].text):
            yield from self._items(run)
        else:
            yield from self._block("paragraph", run)

    def _heading(self, run: list[Line]) -> tuple[int, int] | None:
        """How many lines it takes and its level; over- and underline, or an underline alone."""
        texts = [line.text.rstrip() for line in run[:3]]
        if len(texts) == 3 and _rule(texts[0]) and texts[0] == texts[2] and not _rule(texts[1]):
            return 3, self._level(texts[0][0] * 2)
        if len(texts) >= 2 and not _rule(texts[0]) and _rule(texts[1]):
            plain = not run[0].indent and len(texts[1]) >= len(texts[0])
            return (2, self._level(texts[1][0])) if plain else None
        return None

    def _level(self, style: str) -> int:
        if style not in self._styles:
            self._styles.append(style)
        return self._styles.index(style) + 1

    def _items(self, run: list[Line]) -> Iterator[Block]:
        starts = [at for at, line in enumerate(run) if _ITEM.match(line.text)]
        for at, after in zip(starts, [*starts[1:], len(run)], strict=True):
            yield from self._block("list", run[at:after])

    def _block(self, kind: BlockKind, run: list[Line], level: int = 0) -> Iterator[Block]:
        if self._page is not None:
            self._page += self._text.count("\f", self._counted, run[0].end)
            self._counted = run[0].end
        block = block_of(self._text, kind, run, level=level, page=self._page)
        if block:
            yield block


def _rule(text: str) -> bool:
    return _ADORNED.fullmatch(text) is not None
