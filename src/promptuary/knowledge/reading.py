"""What was read from a file, as a source with its documents and passages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Protocol

from promptuary.domain.documents import (
    Content,
    Document,
    Passage,
    Source,
    SourceStatus,
    document_id,
    passage_id,
    source_id,
)
from promptuary.domain.loading import Loaded, RawFile, ReadFile, Unread
from promptuary.domain.prompts import collection_id
from promptuary.knowledge.chunking import Chunking, pieces

RECIPE = 2
"""Raised when the same file would be read or cut otherwise than before, so that all are again."""
NAMED = 3
"""Parts that could not be read and are named in a reason."""


class Reader(Protocol):
    """Reads files within limits; never raises for what is wrong with a file."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Endings of names of files that can be read."""
        ...

    async def read(self, path: Path, *, known: str | None = None) -> ReadFile:
        """Read the file there, unless its digest is the `known` one."""
        ...

    async def read_bytes(self, file: RawFile, *, known: str | None = None) -> ReadFile:
        """The same for a file that lies nowhere."""
        ...

    async def aclose(self) -> None:
        """Release what is held."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """Where a source lies, and what people call it; `suffix` says what it is where the name does
    not."""

    collection: str
    root: str
    path: str
    name: str
    suffix: str = ""


def recipe_of(how: Chunking, *, keeping: bool) -> str:
    """How files are read and cut now, and whether they are kept."""
    return f"{RECIPE}:{how.size}:{how.overlap}{':kept' if keeping else ''}"


def content_of(named: Named, read: ReadFile, how: Chunking, now: datetime, recipe: str) -> Content:
    """The source with what stands in the record because of it."""
    id_ = source_id(collection_id(named.collection), named.root, named.path)
    documents: list[Document] = []
    passages: list[Passage] = []
    for part, loaded in _distinct(read.documents):
        document = _document(id_, named, part, loaded, now)
        documents.append(document)
        passages += _passages(document, loaded, how)
    trouble = _trouble(read)
    status: SourceStatus = "failed" if read.failed else "read" if documents else "empty"
    source = Source(
        id=id_,
        collection=named.collection,
        root=named.root,
        path=named.path,
        name=named.name,
        stamp=read.stamp,
        digest=read.digest,
        recipe=recipe,
        status=status,
        updated_at=now,
        code=trouble.code if trouble else "",
        reason=trouble.reason if trouble else "",
    )
    return Content(source, tuple(documents), tuple(passages))


def _distinct(documents: tuple[Loaded, ...]) -> Iterator[tuple[str, Loaded]]:
    """Each with the name of its part; an archive may hold two members of one name."""
    seen: Counter[str] = Counter()
    for each in documents:
        seen[each.part] += 1
        again = f"#{seen[each.part]}" if seen[each.part] > 1 else ""
        yield each.part + again, each


def _document(id_: str, named: Named, part: str, loaded: Loaded, now: datetime) -> Document:
    name = f"{named.name}/{part}" if part else named.name
    suffix = (named.suffix or PurePosixPath(name).suffix).lower().lstrip(".")
    return Document(
        id=document_id(id_, part),
        collection=named.collection,
        source=name,
        title=" ".join(loaded.title.split()) or PurePosixPath(name).stem,
        digest=sha256(loaded.text.encode("utf-8", "surrogatepass")).hexdigest(),
        text=loaded.text,
        created_at=now,
        updated_at=now,
        metadata={**loaded.metadata, **({"format": suffix} if suffix else {})},
    )


def _passages(document: Document, loaded: Loaded, how: Chunking) -> Iterator[Passage]:
    seen: Counter[str] = Counter()
    about = [document.source, document.title, repr(sorted(document.metadata.items()))]
    for seq, piece in enumerate(pieces(loaded, how)):
        text = document.text[piece.start : piece.end]
        content = "\0".join([*about, *piece.headings, str(piece.page), text])
        seen[content] += 1
        yield Passage(
            id=passage_id(document.id, content, str(seen[content])),
            document_id=document.id,
            collection=document.collection,
            source=document.source,
            title=document.title,
            seq=seq,
            text=text,
            start=piece.start,
            end=piece.end,
            headings=piece.headings,
            line=piece.line,
            page=piece.page,
            metadata=document.metadata,
        )


def _trouble(read: ReadFile) -> Unread | None:
    """Why nothing, or not everything, could be read."""
    if read.failed or not read.unread:
        return read.failed
    named = "; ".join(f"{each.part}: {each.reason}" for each in read.unread[:NAMED])
    more = len(read.unread) - NAMED
    rest = f"; and {more} more" if more > 0 else ""
    return Unread("", read.unread[0].code, f"parts could not be read: {named}{rest}")
