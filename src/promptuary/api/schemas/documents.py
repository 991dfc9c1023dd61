"""Documents: files that were looked at, the texts in them, and what the index of them holds."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any

from pydantic import ConfigDict, Field

from promptuary.api.schemas.basics import Name, ScalarOut, Text, Wire
from promptuary.domain.documents import AddedFile, Document, Passage, Source, SourceStatus
from promptuary.domain.reports import SourceOutcome, SyncReport

UNWELL = frozenset({"failed", "partly"})


class SourceOut(Wire):
    """A file or page that was looked at, and what stands here because of it.

    Of a `failed` one `code` and `reason` say why; of one that was read, what of it could not be.
    """

    id: str
    name: Text = Field(examples=["handbook/parcels.md"])
    collection: Text
    status: SourceStatus
    code: str
    reason: Text
    documents_count: int
    passages_count: int
    characters: int
    updated_at: datetime

    @classmethod
    def of(cls, source: Source) -> SourceOut:
        """From the record. Where the file lies is nobody's business."""
        return cls(**_source(source))


class SourceList(Wire):
    """A page of files."""

    documents: list[SourceOut]
    total: int
    next_cursor: str | None


class AddedOut(SourceOut):
    """A file that was taken in; so many passages came or went for it."""

    passages_changed: int

    @classmethod
    def added(cls, file: AddedFile) -> AddedOut:
        """From the facade's answer."""
        return cls(**_source(file.source), passages_changed=file.changed)


class DocumentOut(Wire):
    """One document with all its text: a file, or a member of an archive."""

    id: str
    collection: Text
    source: Text
    title: Text
    text: Text
    created_at: datetime
    updated_at: datetime
    metadata: dict[Text, ScalarOut]

    @classmethod
    def of(cls, document: Document) -> DocumentOut:
        """From the record."""
        return cls(
            id=document.id,
            collection=document.collection,
            source=document.source,
            title=document.title,
            text=document.text,
            created_at=document.created_at,
            updated_at=document.updated_at,
            metadata=dict(document.metadata),
        )


class DocumentsOut(Wire):
    """A file with the documents in it; asked for by a document's id, that document alone."""

    source: SourceOut | None
    documents: list[DocumentOut]


class PassageOut(Wire):
    """A piece of a document: its characters from `start` to `end`."""

    id: str
    document_id: str
    collection: Text
    source: Text
    title: Text
    seq: int
    text: Text
    start: int
    end: int
    headings: list[Text]
    line: int | None
    page: int | None

    @classmethod
    def of(cls, passage: Passage) -> PassageOut:
        """From the record."""
        return cls(
            id=passage.id,
            document_id=passage.document_id,
            collection=passage.collection,
            source=passage.source,
            title=passage.title,
            seq=passage.seq,
            text=passage.text,
            start=passage.start,
            end=passage.end,
            headings=list(passage.headings),
            line=passage.line,
            page=passage.page,
        )


class PassageList(Wire):
    """The passages that exist, in the order asked."""

    passages: list[PassageOut]


class Deleted(Wire):
    """What went."""

    success: bool
    message: str
    passages: int
    timestamp: datetime


class IndexIn(Wire):
    """A folder to be synced: one of those that the server's settings allow, or one inside them.

    Without a `directory` all of them are. With `force` every file is read again.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"directory": "handbook"}]})

    directory: Name | None = None
    collection: Name = "default"
    force: bool = False
    recursive: bool = True
    file_patterns: list[Name] | None = Field(default=None, max_length=64)


class IndexedFile(Wire):
    """What became of one file."""

    status: str
    path: Text
    url: str | None = None
    error: Text | None = None

    @classmethod
    def of(cls, outcome: SourceOutcome) -> IndexedFile:
        """From the report."""
        return cls(status=outcome.status, path=outcome.name, error=outcome.reason or None)


class IndexOut(Wire):
    """What a sync did. `details` are the first 1,000 files that were not as before."""

    success: bool
    processed_count: int
    failed_count: int
    unchanged_count: int
    processing_time: float
    directory: Text
    details: list[IndexedFile]
    error_messages: list[Text]

    @classmethod
    def of(cls, reports: list[SyncReport], seconds: float) -> IndexOut:
        """From the reports of each folder."""
        outcomes = [outcome for report in reports for outcome in report.outcomes]
        failed = sum(report.counts.get("failed", 0) for report in reports)
        left = {"failed", "skipped", "removed"}
        done = [n for r in reports for status, n in r.counts.items() if status not in left]
        return cls(
            success=failed == 0,
            processed_count=sum(done),
            failed_count=failed,
            unchanged_count=sum(report.unchanged for report in reports),
            processing_time=round(seconds, 4),
            directory=", ".join(PurePath(report.root).name for report in reports),
            details=[IndexedFile.of(outcome) for outcome in outcomes],
            error_messages=[f"{o.name}: {o.reason}" for o in outcomes if o.status in UNWELL],
        )


class IndexStats(Wire):
    """What the index of documents holds; `database_path` is the kind of index, not a place."""

    connected: bool
    total_chunks: int
    total_documents: int
    total_sources: int
    failed_sources: int
    empty_sources: int
    characters: int
    collections: list[Text]
    database_path: str
    last_updated: datetime | None


def _source(source: Source) -> dict[str, Any]:
    return {
        "id": source.id,
        "name": source.name,
        "collection": source.collection,
        "status": source.status,
        "code": source.code,
        "reason": source.reason,
        "documents_count": source.documents,
        "passages_count": source.passages,
        "characters": source.characters,
        "updated_at": source.updated_at,
    }
