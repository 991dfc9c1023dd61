"""`docx:` documents of Word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from promptuary.adapters.document_loaders._office import Package
from promptuary.adapters.document_loaders._rows import Table
from promptuary.adapters.document_loaders._text import Writing
from promptuary.adapters.document_loaders._xml import below, first
from promptuary.domain.loading import Limits, Loaded, RawFile

_HEADING = re.compile(r"heading\s*([1-9])", re.IGNORECASE)
_PASSED_OVER = frozenset({"Fallback", "del", "moveFrom", "instrText"})
_WHITE = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def connect(url: str) -> WordLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`docx:`"""
    return WordLoader()


class WordLoader:
    """Paragraphs, headings by their styles, items and tables, then footnotes; what was deleted and
    only tracked is left out. Macros are not looked at."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Word since 2007."""
        return frozenset({".docx", ".docm", ".dotx"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded]:
        """As the port says."""
        package = Package(file, limits)
        body = first(package.needed("word/document.xml"), "body")
        reading = _Reading(_levels(package.part("word/styles.xml")), Writing(limits))
        reading.take(body)
        for note in below(package.part("word/footnotes.xml"), "footnote"):
            reading.take(note)
        if reading.writing.blocks:
            title = package.title() or reading.title
            yield Loaded(reading.writing.text, reading.writing.blocks, title)


def _levels(styles: Element | None) -> Mapping[str, int]:
    """Which styles are headings, and how deep; a title is above all of them."""
    found = {}
    for style in below(styles, "style"):
        named = first(style, "name")
        name = named.get("val", "") if named is not None else ""
        heading = _HEADING.fullmatch(name)
        if heading or name.lower() == "title":
            found[style.get("styleId", "")] = int(heading[1]) if heading else 1
    return found


class _Reading:
    """One document on its way to blocks."""

    def __init__(self, levels: Mapping[str, int], writing: Writing) -> None:
        self._levels = levels
        self.writing = writing
        self.title = ""

    def take(self, parent: Element | None) -> None:
        """Whatever stands in a body, a note or a content control, in order."""
        for child in parent if parent is not None else ():
            if child.tag == "p":
                self._paragraph(child)
            elif child.tag == "tbl":
                self._table(child)
            elif child.tag in {"sdt", "sdtContent", "ins", "moveTo", "customXml"}:
                self.take(child)

    def _paragraph(self, paragraph: Element) -> None:
        text = said(paragraph)
        style = first(paragraph, "pPr", "pStyle")
        level = self._levels.get(style.get("val", ""), 0) if style is not None else 0
        if level:
            self.title = self.title or text.strip()
            self.writing.add("heading", text, level=level)
        elif first(paragraph, "pPr", "numPr") is not None:
            self.writing.add("list", f"- {text.strip()}" if text.strip() else "")
        else:
            self.writing.add("paragraph", text)

    def _table(self, table: Element) -> None:
        rows = Table(self.writing)
        for row in below(table, "tr"):
            rows.add([said(cell) for cell in below(row, "tc")])
        rows.end()


def said(element: Element) -> str:
    """The text in it; between paragraphs a line's end."""
    return "".join(_pieces(element)).strip()


def _pieces(element: Element) -> Iterator[str]:
    if element.tag in _PASSED_OVER:
        return
    if element.tag == "t":
        yield element.text or ""
    elif element.tag in _WHITE:
        yield _WHITE[element.tag]
    for child in element:
        yield from _pieces(child)
    if element.tag == "p":
        yield "\n"
