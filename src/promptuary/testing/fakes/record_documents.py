"""The fake record's sources, documents and passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from promptuary.domain.documents import Content, Document, Holdings, Passage, Source, SourceStatus
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import collection_id
from promptuary.testing.fakes.record_state import State, checked, paged


class MemoryDocuments:
    """The port `Documents`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def roots(self, collection_id: str) -> Sequence[str]:
        """Every root, in order."""
        return sorted({each.root for each in self._sources(collection_id)})

    async def manifest(
        self, collection_id: str, root: str, *, only: str | None = None
    ) -> Mapping[str, Source]:
        """By path."""
        here = [each for each in self._sources(collection_id) if each.root == root]
        return {each.path: each for each in here if only in {None, each.path}}

    async def replace(self, contents: Sequence[Content]) -> Sequence[str]:
        """In place of all that the sources held."""
        return sorted({each for content in contents for each in await self._replace(content)})

    async def _replace(self, content: Content) -> set[str]:
        source = content.source
        checked(
            ids=[source.id, *(d.id for d in content.documents), *(p.id for p in content.passages)],
            times=[source.updated_at],
        )
        if {each.document_id for each in content.passages} - {d.id for d in content.documents}:
            raise Conflict("a passage without a document")
        state = self._state.write()
        since = {d.id: d.created_at for d, owner in state.documents.values() if owner == source.id}
        before = set(self._remove([source.id]))
        state.sources[source.id] = replace(
            source,
            documents=len(content.documents),
            passages=len(content.passages),
            characters=sum(len(each.text) for each in content.documents),
        )
        for each in content.documents:
            kept = replace(each, created_at=since.get(each.id, each.created_at))
            state.documents[each.id] = (kept, source.id)
        state.passages.update({each.id: each for each in content.passages})
        return before ^ {each.id for each in content.passages}

    async def restamp(self, stamps: Mapping[str, str]) -> None:
        """Unknown ones are ignored."""
        sources = self._state.write().sources
        for id_, stamp in stamps.items():
            if id_ in sources:
                sources[id_] = replace(sources[id_], stamp=stamp)

    async def remove(self, source_ids: Sequence[str]) -> Sequence[str]:
        """With all they held; their originals are nobody's then."""
        noted = self._state.write().originals
        for blob, each in noted.items():
            if each.source_id in source_ids:
                noted[blob] = replace(each, source_id=None)
        return self._remove(source_ids)

    def _remove(self, source_ids: Sequence[str]) -> Sequence[str]:
        state = self._state.write()
        for each in source_ids:
            state.sources.pop(each, None)
        held = [d.id for d, owner in state.documents.values() if owner in source_ids]
        gone = [each.id for each in state.passages.values() if each.document_id in held]
        for document in held:
            del state.documents[document]
        for passage in gone:
            del state.passages[passage]
        return gone

    async def list(
        self,
        collection_id: str | None = None,
        *,
        status: SourceStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Source]:
        """By name."""
        return paged(
            [each for each in self._sources(collection_id) if status in {None, each.status}],
            lambda each: (each.name, each.id),
            scope=f"sources {collection_id} {status}",
            cursor=cursor,
            limit=limit,
        )

    async def source(self, source_id: str) -> Source:
        """Raises NotFound."""
        if source_id not in self._state.sources:
            raise NotFound("source", source_id)
        return self._state.sources[source_id]

    async def within(self, source_id: str) -> Sequence[Document]:
        """By name."""
        held = [d for d, owner in self._state.documents.values() if owner == source_id]
        return sorted(held, key=lambda each: (each.source, each.id))

    async def get(self, document_id: str) -> Document:
        """Raises NotFound."""
        if document_id not in self._state.documents:
            raise NotFound("document", document_id)
        return self._state.documents[document_id][0]

    async def passages(self, ids: Sequence[str]) -> Sequence[Passage]:
        """In the order asked."""
        return [self._state.passages[each] for each in ids if each in self._state.passages]

    async def passages_of(
        self, document_id: str, *, first: int = 0, limit: int = 1_000
    ) -> Sequence[Passage]:
        """In order."""
        every = self._state.passages.values()
        held = [p for p in every if p.document_id == document_id and p.seq >= first]
        return sorted(held, key=lambda each: each.seq)[:limit]

    async def every_passage(
        self, collection_id: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Passage]:
        """By id."""
        return paged(
            [each for each in self._state.passages.values() if _in(each.collection, collection_id)],
            lambda each: (each.id,),
            scope=f"passages {collection_id}",
            cursor=cursor,
            limit=limit,
        )

    async def holdings(self, collection_id: str | None = None) -> Holdings:
        """Counted anew."""
        known = self._sources(collection_id)
        states = [each.status for each in known]
        return Holdings(
            read=states.count("read"),
            failed=states.count("failed"),
            empty=states.count("empty"),
            documents=sum(each.documents for each in known),
            passages=sum(each.passages for each in known),
            characters=sum(each.characters for each in known),
            updated_at=max((each.updated_at for each in known), default=None),
        )

    def _sources(self, wanted: str | None) -> Sequence[Source]:
        return [each for each in self._state.sources.values() if _in(each.collection, wanted)]


def _in(collection: str, wanted: str | None) -> bool:
    return wanted in {None, collection_id(collection)}
