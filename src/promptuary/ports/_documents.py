"""The part of the record that holds documents; what `ports/unit_of_work.py` says holds here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from promptuary.domain.documents import Content, Document, Holdings, Passage, Source, SourceStatus
from promptuary.domain.pages import Page


class Documents(Protocol):
    """Sources that were looked at, the documents in them, and their passages."""

    async def roots(self, collection_id: str) -> Sequence[str]:
        """Every root that a source of the collection lies under, in order."""
        ...

    async def manifest(
        self, collection_id: str, root: str, *, only: str | None = None
    ) -> Mapping[str, Source]:
        """Every source under that root, by its path; with `only`, the one of that path."""
        ...

    async def replace(self, contents: Sequence[Content]) -> Sequence[str]:
        """Write each source, and its documents in place of all that it held before; gives the ids
        of passages that came or went, which the index must hear of.

        A document that was there keeps its `created_at`; the counts of a source are those of what
        is written. Writers of one source take turns until commit. Raises Conflict when a passage
        belongs to none of the documents.
        """
        ...

    async def restamp(self, stamps: Mapping[str, str]) -> None:
        """What the folder says of sources now, by their ids; unknown ones are ignored."""
        ...

    async def remove(self, source_ids: Sequence[str]) -> Sequence[str]:
        """Forget these sources and all they held; gives the ids of the passages that went. Unknown
        ones are ignored."""
        ...

    async def list(
        self,
        collection_id: str | None = None,
        *,
        status: SourceStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Source]:
        """By name in order of code points; ties by id."""
        ...

    async def source(self, source_id: str) -> Source:
        """Raises NotFound."""
        ...

    async def within(self, source_id: str) -> Sequence[Document]:
        """The documents of a source in the order of their names."""
        ...

    async def get(self, document_id: str) -> Document:
        """Raises NotFound."""
        ...

    async def passages(self, ids: Sequence[str]) -> Sequence[Passage]:
        """The passages that exist, in the order asked."""
        ...

    async def passages_of(
        self, document_id: str, *, first: int = 0, limit: int = 1_000
    ) -> Sequence[Passage]:
        """The passages of a document from the seq `first` on, in order."""
        ...

    async def every_passage(
        self, collection_id: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Passage]:
        """All of them, in an order of their own."""
        ...

    async def holdings(self, collection_id: str | None = None) -> Holdings:
        """How much there is, in numbers."""
        ...
