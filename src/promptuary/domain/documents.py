"""Documents: what a collection of knowledge holds, and the passages that are found and cited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from promptuary.domain.filters import Scalar


@dataclass(frozen=True, slots=True)
class Document:
    """One source that was read: a file, a page of the web. `digest` is of its raw bytes.

    `text` is everything that was read from it; offsets of passages count its characters.
    """

    id: str
    collection: str
    source: str
    title: str
    digest: str
    text: str
    created_at: datetime
    updated_at: datetime
    metadata: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """The piece of a document that is embedded, found and cited.

    `text` is exactly the characters from `start` to `end` of the document's text. `line` and
    `page` count from 1, where the source has such; `headings` are those above it, outermost first.
    """

    id: str
    document_id: str
    collection: str
    source: str
    title: str
    seq: int
    text: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    line: int | None = None
    page: int | None = None
    metadata: Mapping[str, Scalar] = field(default_factory=dict)
