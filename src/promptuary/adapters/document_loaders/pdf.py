"""`pdf:` documents in PDF, read by pypdf."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from promptuary.adapters.document_loaders._text import Writing, lines_of, paragraphs
from promptuary.domain.errors import InvalidInput, MissingExtra, TooLarge
from promptuary.domain.loading import Limits, Loaded, RawFile, Unread

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader


def connect(url: str) -> PdfLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`pdf:`"""
    return PdfLoader()


class PdfLoader:
    """The text that stands in a document, page by page; pictures of text are not read. A page that
    cannot be read is named. A document that opens with an empty password is opened."""

    @property
    def suffixes(self) -> frozenset[str]:
        """PDF."""
        return frozenset({".pdf"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded | Unread]:
        """As the port says."""
        if len(file.data) > limits.bytes:
            raise TooLarge(f"{len(file.data):,} bytes; at most {limits.bytes:,} are read")
        reader = _opened(file)
        pages = _pages(reader, limits)
        writing = Writing(limits)
        for number, page in enumerate(pages, 1):
            text, trouble = _text(page)
            if trouble:
                yield Unread(f"page {number}", InvalidInput.code, trouble)
            for run in paragraphs(lines_of(text)):
                writing.add("paragraph", "\n".join(line.text for line in run), page=number)
        if writing.blocks:
            yield Loaded(writing.text, writing.blocks, _title(reader))


def _opened(file: RawFile) -> PdfReader:
    if find_spec("pypdf") is None:
        raise MissingExtra("pdf:", "documents")
    from pypdf import PdfReader  # noqa: PLC0415  slow to import, and may not be there

    try:
        reader = PdfReader(io.BytesIO(file.data))
        locked = reader.is_encrypted and not _unlocked(reader)
    except Exception as error:
        raise InvalidInput(f"this is no PDF, or a damaged one: {_said(error)}") from error
    if locked:
        raise InvalidInput("it is encrypted; store it without a password")
    return reader


def _unlocked(reader: PdfReader) -> bool:
    """Whether it opens without a password, by ciphers that are there."""
    from pypdf.errors import DependencyError  # noqa: PLC0415  may not be there

    try:
        return bool(reader.decrypt(""))
    except DependencyError:
        return False


def _pages(reader: PdfReader, limits: Limits) -> list[PageObject]:
    try:
        count = len(reader.pages)
        if count > limits.pages:
            raise TooLarge(f"{count:,} pages; at most {limits.pages:,} are read")
        return list(reader.pages)
    except TooLarge:
        raise
    except Exception as error:
        raise InvalidInput(f"its pages cannot be found: {_said(error)}") from error


def _text(page: PageObject) -> tuple[str, str]:
    """The text of a page, and what went wrong."""
    try:
        return page.extract_text(), ""
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  pypdf raises whatever a damaged file leads to
        return "", _said(error)


def _title(reader: PdfReader) -> str:
    """The title that its author gave it, or nothing."""
    try:
        about = reader.metadata
        return str(about.title or "") if about else ""
    except Exception:  # noqa: BLE001  pypdf raises whatever a damaged file leads to
        return ""


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
