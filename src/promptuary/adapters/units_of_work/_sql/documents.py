"""Documents: sources that were looked at, what was read from them, and its passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, bindparam, delete, func, select, update

from promptuary.adapters.units_of_work._sql.collections import collection_name
from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.schema import documents, passages, sources
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among, same
from promptuary.domain.documents import (
    Content,
    Document,
    Holdings,
    Passage,
    Source,
    SourceStatus,
    source_id,
)
from promptuary.domain.errors import NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import collection_id as id_of

_source = sources.c
_document = documents.c
_passage = passages.c
_SOURCES = select(sources, collection_name(_source.collection_id))
_DOCUMENTS = select(documents, collection_name(_document.collection_id))
_PASSAGES = select(
    passages,
    _document.name.label("source"),
    _document.title,
    _document.metadata,
    collection_name(_document.collection_id),
).join(documents, _document.id == _passage.document_id)
_BY_NAME = Order((_source.name, _source.id), (False, False))
_BY_ID = Order((_passage.id,), (False,))
_CHANGING = [
    column.name
    for column in sources.columns
    if column.name not in {"id", "collection_id", "root", "path"}
]
_RESTAMP = (
    update(sources)
    .where(_source.id == bindparam("changed"))
    .values(stamp=bindparam("new", type_=_source.stamp.type))
)


class SqlDocuments:
    """The port `Documents`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def roots(self, collection_id: str) -> Sequence[str]:
        """Every root, in order."""
        wanted = select(_source.root).where(same(_source.collection_id, collection_id))
        return [row["root"] for row in await self._db.rows(wanted.distinct().order_by("root"))]

    async def manifest(
        self, collection_id: str, root: str, *, only: str | None = None
    ) -> Mapping[str, Source]:
        """Every source under that root, by its path."""
        wanted = _SOURCES.where(same(_source.collection_id, collection_id), _source.root == root)
        if only is not None:
            wanted = wanted.where(_source.id == source_id(collection_id, root, only))
        rows = await self._db.rows(wanted)
        return {row["path"]: _to_source(row) for row in rows}

    async def replace(self, contents: Sequence[Content]) -> Sequence[str]:
        """Write sources and what they hold now; gives the passages that came or went."""
        ordered = sorted(contents, key=lambda each: each.source.id)
        ids = [each.source.id for each in ordered]
        # First, as it makes other writers of these sources wait until this one commits; in the
        # order of ids, so that no two writers wait for each other.
        await self._db.many(
            self._db.upsert(sources, "id", *_CHANGING), [_source_row(each) for each in ordered]
        )
        since, before = await self._held(ids)
        for some in chunks(ids):
            await self._db.run(delete(documents).where(among(_document.source_id, some)))
        rows = [_document_row(d, each.source.id, since) for each in ordered for d in each.documents]
        held = [passage for each in ordered for passage in each.passages]
        await self._db.many(documents.insert(), rows)
        await self._db.many(passages.insert(), [_passage_row(each) for each in held])
        return sorted(before ^ {each.id for each in held})

    async def restamp(self, stamps: Mapping[str, str]) -> None:
        """What the folder says of sources now."""
        rows = [{"changed": source, "new": stamp} for source, stamp in stamps.items()]
        await self._db.many(_RESTAMP, rows)

    async def remove(self, source_ids: Sequence[str]) -> Sequence[str]:
        """Forget these sources and all they held."""
        gone: list[str] = []
        for some in chunks(list(dict.fromkeys(source_ids))):
            gone += (await self._held(some))[1]
            await self._db.run(delete(sources).where(among(_source.id, some)))
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
        wanted = _in(_source.collection_id, collection_id)
        if status is not None:
            wanted.append(_source.status == status)
        listing = Listing(f"sources {collection_id} {status}", _BY_NAME, cursor, limit)
        total = select(func.count()).select_from(sources).where(*wanted)
        return await listing.page(self._db, _SOURCES.where(*wanted), total, _to_source)

    async def source(self, source_id: str) -> Source:
        """Raises NotFound."""
        row = await self._db.row(_SOURCES.where(same(_source.id, source_id)))
        if row is None:
            raise NotFound("source", source_id)
        return _to_source(row)

    async def within(self, source_id: str) -> Sequence[Document]:
        """The documents of a source."""
        wanted = _DOCUMENTS.where(same(_document.source_id, source_id))
        rows = await self._db.rows(wanted.order_by(_document.name, _document.id))
        return [_to_document(row) for row in rows]

    async def get(self, document_id: str) -> Document:
        """Raises NotFound."""
        row = await self._db.row(_DOCUMENTS.where(same(_document.id, document_id)))
        if row is None:
            raise NotFound("document", document_id)
        return _to_document(row)

    async def passages(self, ids: Sequence[str]) -> Sequence[Passage]:
        """The passages that exist, in the order asked."""
        found: dict[str, Passage] = {}
        for some in chunks(list(dict.fromkeys(ids))):
            rows = await self._db.rows(_PASSAGES.where(among(_passage.id, some)))
            found.update({row["id"]: _to_passage(row) for row in rows})
        return [found[each] for each in ids if each in found]

    async def passages_of(
        self, document_id: str, *, first: int = 0, limit: int = 1_000
    ) -> Sequence[Passage]:
        """The passages of a document from `first` on."""
        wanted = _PASSAGES.where(same(_passage.document_id, document_id), _passage.seq >= first)
        rows = await self._db.rows(wanted.order_by(_passage.seq).limit(limit))
        return [_to_passage(row) for row in rows]

    async def every_passage(
        self, collection_id: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Passage]:
        """All of them, by id."""
        wanted = _in(_document.collection_id, collection_id)
        listing = Listing(f"passages {collection_id}", _BY_ID, cursor, limit)
        counted = select(func.sum(_source.passages)).where(
            *_in(_source.collection_id, collection_id)
        )
        return await listing.page(self._db, _PASSAGES.where(*wanted), counted, _to_passage)

    async def holdings(self, collection_id: str | None = None) -> Holdings:
        """How much there is."""
        sums = (_source.documents, _source.passages, _source.characters)
        counted: Select[Any] = select(
            _source.status,
            func.count().label("n"),
            *(func.sum(each).label(each.name) for each in sums),
            func.max(_source.updated_at).label("newest"),
        )
        here = _in(_source.collection_id, collection_id)
        rows = await self._db.rows(counted.where(*here).group_by(_source.status))
        by_status = {row["status"]: row["n"] for row in rows}
        totals = {each.name: int(sum(row[each.name] or 0 for row in rows)) for each in sums}
        newest = max((row["newest"] for row in rows), default=None)
        return Holdings(**by_status, **totals, updated_at=newest)

    async def _held(self, source_ids: Sequence[str]) -> tuple[Mapping[str, Any], set[str]]:
        """Since when each document of these sources is there, and the ids of their passages."""
        since: dict[str, Any] = {}
        held: set[str] = set()
        for some in chunks(source_ids):
            of_them = among(_document.source_id, some)
            for row in await self._db.rows(
                select(_document.id, _document.created_at).where(of_them)
            ):
                since[row["id"]] = row["created_at"]
            inner = select(_document.id).where(of_them)
            rows = await self._db.rows(select(_passage.id).where(_passage.document_id.in_(inner)))
            held.update(row["id"] for row in rows)
        return since, held


def _in(column: ColumnElement[str], collection_id: str | None) -> list[ColumnElement[bool]]:
    return [] if collection_id is None else [same(column, collection_id)]


def _source_row(content: Content) -> dict[str, Any]:
    source = content.source
    return {
        "id": source.id,
        "collection_id": id_of(source.collection),
        "root": source.root,
        "path": source.path,
        "name": source.name,
        "stamp": source.stamp,
        "digest": source.digest,
        "recipe": source.recipe,
        "status": source.status,
        "code": source.code,
        "reason": source.reason,
        "documents": len(content.documents),
        "passages": len(content.passages),
        "characters": sum(len(each.text) for each in content.documents),
        "updated_at": source.updated_at,
    }


def _to_source(row: RowMapping) -> Source:
    return Source(
        id=row["id"],
        collection=row["collection"],
        root=row["root"],
        path=row["path"],
        name=row["name"],
        stamp=row["stamp"],
        digest=row["digest"],
        recipe=row["recipe"],
        status=row["status"],
        updated_at=row["updated_at"],
        code=row["code"],
        reason=row["reason"],
        documents=row["documents"],
        passages=row["passages"],
        characters=row["characters"],
    )


def _document_row(document: Document, source_id: str, since: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": document.id,
        "collection_id": id_of(document.collection),
        "source_id": source_id,
        "name": document.source,
        "title": document.title,
        "digest": document.digest,
        "content": document.text,
        "metadata": dict(document.metadata),
        "created_at": since.get(document.id, document.created_at),
        "updated_at": document.updated_at,
    }


def _to_document(row: RowMapping) -> Document:
    return Document(
        id=row["id"],
        collection=row["collection"],
        source=row["name"],
        title=row["title"],
        digest=row["digest"],
        text=row["content"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        metadata=row["metadata"],
    )


def _passage_row(passage: Passage) -> dict[str, Any]:
    return {
        "id": passage.id,
        "document_id": passage.document_id,
        "seq": passage.seq,
        "content": passage.text,
        "start_offset": passage.start,
        "end_offset": passage.end,
        "headings": list(passage.headings),
        "line": passage.line,
        "page": passage.page,
    }


def _to_passage(row: RowMapping) -> Passage:
    return Passage(
        id=row["id"],
        document_id=row["document_id"],
        collection=row["collection"],
        source=row["source"],
        title=row["title"],
        seq=row["seq"],
        text=row["content"],
        start=row["start_offset"],
        end=row["end_offset"],
        headings=tuple(row["headings"]),
        line=row["line"],
        page=row["page"],
        metadata=row["metadata"],
    )
