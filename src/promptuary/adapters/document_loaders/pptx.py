"""`pptx:` presentations of PowerPoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from promptuary.adapters.document_loaders._office import Package
from promptuary.adapters.document_loaders._rows import Table
from promptuary.adapters.document_loaders._text import Writing
from promptuary.adapters.document_loaders._xml import below, first
from promptuary.domain.errors import TooLarge
from promptuary.domain.loading import Limits, Loaded, RawFile

_PRESENTATION = "ppt/presentation.xml"


def connect(url: str) -> SlidesLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`pptx:`"""
    return SlidesLoader()


class SlidesLoader:
    """Slides as pages, in the order they are shown: title, text, tables, then the notes."""

    @property
    def suffixes(self) -> frozenset[str]:
        """PowerPoint since 2007."""
        return frozenset({".pptx", ".pptm", ".ppsx"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded]:
        """As the port says."""
        package = Package(file, limits)
        slides = _slides(package)
        if len(slides) > limits.pages:
            raise TooLarge(f"{len(slides):,} slides; at most {limits.pages:,} are read")
        writing = Writing(limits)
        for number, name in enumerate(slides, 1):
            _write(package, name, number, writing)
        if writing.blocks:
            yield Loaded(writing.text, writing.blocks, package.title() or _title(writing))


def _slides(package: Package) -> Sequence[str]:
    """The parts of the slides in the order of the presentation."""
    places = package.relations(_PRESENTATION)
    shown = below(package.needed(_PRESENTATION), "sldIdLst", "sldId")
    return [places[id_] for each in shown if (id_ := each.get("r:id", "")) in places]


def _write(package: Package, name: str, number: int, writing: Writing) -> None:
    slide = package.part(name)
    if slide is None:
        return
    for shape in slide.iter():
        if shape.tag == "sp":
            _shape(shape, number, writing)
        elif shape.tag == "tbl":
            rows = Table(writing, page=number)
            for row in below(shape, "tr"):
                rows.add([_said(cell) for cell in below(row, "tc")])
            rows.end()
    for place in package.relations(name).values():
        if "/notesSlides/" in place and (notes := package.part(place)) is not None:
            for shape in notes.iter("sp"):
                if _kind(shape) == "body":
                    writing.add("paragraph", _said(shape), page=number)


def _shape(shape: Element, number: int, writing: Writing) -> None:
    kind = _kind(shape)
    if kind in {"title", "ctrTitle"}:
        writing.add("heading", _said(shape), level=1, page=number)
    elif kind not in {"sldNum", "dt", "ftr"}:
        for paragraph in shape.iter("p"):
            writing.add("list", f"- {text}" if (text := _said(paragraph)) else "", page=number)


def _kind(shape: Element) -> str:
    """What a placeholder is for."""
    found = first(shape, "nvSpPr", "nvPr", "ph")
    return found.get("type", "") if found is not None else ""


def _said(element: Element) -> str:
    paragraphs = list(element.iter("p")) if element.tag != "p" else [element]
    lines = ("".join(run.text or "" for run in each.iter("t")) for each in paragraphs)
    return "\n".join(filter(None, (line.strip() for line in lines)))


def _title(writing: Writing) -> str:
    for block in writing.blocks:
        if block.kind == "heading":
            return writing.text[block.start : block.end]
    return ""
