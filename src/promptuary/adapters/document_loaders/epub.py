"""`epub:` electronic books."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from promptuary.adapters.document_loaders._html import charset, read_html
from promptuary.adapters.document_loaders._text import Writing, decoded
from promptuary.adapters.document_loaders._unpacking import Unpacking
from promptuary.adapters.document_loaders._xml import below, first, parsed
from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.loading import Limits, Loaded, RawFile, Unread

_CONTAINER = "META-INF/container.xml"


def connect(url: str) -> BookLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`epub:`"""
    return BookLoader()


class BookLoader:
    """Chapters as pages, in reading order. A chapter that cannot be read is named."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Books."""
        return frozenset({".epub"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded | Unread]:
        """As the port says."""
        unpacking = Unpacking(file, limits)
        unpacking.members()
        name, package = _package(unpacking)
        chapters = _chapters(package)
        if len(chapters) > limits.pages:
            raise TooLarge(f"{len(chapters):,} chapters; at most {limits.pages:,} are read")
        writing = Writing(limits)
        for number, chapter in enumerate(chapters, 1):
            place = posixpath.normpath(posixpath.join(posixpath.dirname(name), chapter))
            try:
                data = unpacking.named(place)
                if data is None:
                    raise InvalidInput(f"{place} is not there")
                text = decoded(RawFile(place, data), limits, declared=charset(data))
                read_html(text, writing, page=number, lines=False)
            except InvalidInput as error:
                yield Unread(f"chapter {number}", error.code, str(error))
        if writing.blocks:
            title = first(package, "metadata", "title")
            yield Loaded(
                writing.text, writing.blocks, (title.text or "") if title is not None else ""
            )


def _package(unpacking: Unpacking) -> tuple[str, Element]:
    """The part that says what is in the book, and its name."""
    container = unpacking.named(_CONTAINER)
    if container is None:
        raise InvalidInput(f"this book has no {_CONTAINER}: it is damaged or of another kind")
    root = first(parsed(container, _CONTAINER), "rootfiles", "rootfile")
    name = root.get("full-path", "") if root is not None else ""
    data = unpacking.named(name)
    if data is None:
        raise InvalidInput(f"this book has no {name!r}, which says what is in it")
    return name, parsed(data, name)


def _chapters(package: Element) -> list[str]:
    """Where its chapters lie, in reading order."""
    places = {
        each.get("id", ""): unquote(each.get("href", ""))
        for each in below(package, "manifest", "item")
    }
    order = [each.get("idref", "") for each in below(package, "spine", "itemref")]
    return [places[each] for each in order if each in places]
