"""The file that a collection travels in: a ZIP that is checked whole before it is believed.

`contents.jsonl` has a line a source, with its documents and passages; `manifest.json` says what
that is, and its SHA-256; `originals/SHA-256` are the files that sources were read from. Nothing in
such a file is ever written under a name that stands in it.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from promptuary.domain import plain
from promptuary.domain.archives import CollectionArchive
from promptuary.domain.documents import Content, Document, Passage, document_id, source_id
from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.prompts import collection_id
from promptuary.knowledge import packed
from promptuary.knowledge.packed import Packed

MANIFEST: Final = "manifest.json"
CONTENTS: Final = "contents.jsonl"
MIMETYPE: Final = b"promptuary-collection/2"
"""The comment of such a ZIP file: what it is, and in which version."""
BEFORE: Final = b"promptuary-collection/1"
"""The version without originals, which is read too."""
LONGEST_MANIFEST = 1024 * 1024
LONGEST_LINE = 512 * 1024 * 1024
MOST_BYTES = 64 * 1024 * 1024 * 1024


class ArchiveWriter:
    """Writes an archive source by source; `close` makes it whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        self._zip.comment = MIMETYPE
        self._lines = self._zip.open(CONTENTS, "w", force_zip64=True)
        self._digest = sha256()
        self._counts: Counter[str] = Counter()

    def add(self, content: Content) -> None:
        """One source with all that was read from it."""
        line = plain.encode(content) + b"\n"
        self._digest.update(line)
        self._lines.write(line)
        self._counts["sources"] += 1
        self._counts["documents"] += len(content.documents)
        self._counts["passages"] += len(content.passages)

    def add_original(self, digest: str, path: Path) -> None:
        """A file of that digest; after all sources, and each only once."""
        self._lines.close()
        packed.pack(self._zip, f"{packed.FOLDER}{digest}", path)
        self._counts["originals"] += 1

    def close(self, said: CollectionArchive) -> CollectionArchive:
        """Write what it says of itself, with the counts and the digest filled in; that."""
        self._lines.close()
        manifest = replace(
            said,
            sources=self._counts["sources"],
            documents=self._counts["documents"],
            passages=self._counts["passages"],
            originals=self._counts["originals"],
            digest=self._digest.hexdigest(),
        )
        self._zip.writestr(MANIFEST, plain.encode(manifest))
        self._zip.close()
        return manifest


def verify(file: IO[bytes]) -> CollectionArchive:
    """What the archive holds, once every byte of it was looked at. Raises InvalidInput for what is
    damaged, altered or no archive of ours, TooLarge for what unpacks to too much."""
    with _opened(file) as archive:
        manifest = _manifest(archive)
        digest, counts = sha256(), Counter[str]()
        seen: set[str] = set()
        for number, line in _lines(archive):
            digest.update(line)
            content = _content(number, line)
            _check(number, content, manifest.collection, seen)
            counts["sources"] += 1
            counts["documents"] += len(content.documents)
            counts["passages"] += len(content.passages)
        kept = packed.check(archive, MOST_BYTES)
        told = (manifest.sources, manifest.documents, manifest.passages, manifest.originals)
        found = (counts["sources"], counts["documents"], counts["passages"], kept)
        if digest.hexdigest() != manifest.digest or told != found:
            raise _damaged("its contents are not those that it was made with")
    return manifest


def contents(file: IO[bytes], into: str) -> Iterator[Content]:
    """What a verified archive holds, as the collection `into` has it."""
    with _opened(file) as archive:
        move = mover(_manifest(archive).collection, into)
        for number, line in _lines(archive):
            yield move(_content(number, line))


@contextmanager
def originals(file: IO[bytes]) -> Iterator[Packed]:
    """The originals of a verified archive."""
    with _opened(file) as archive:
        yield Packed.within(archive)


def mover(collection: str, into: str) -> Callable[[Content], Content]:
    """What brings a source of one collection to another: ids follow, as a collection is part of
    them. The same source always gets the same ones."""
    if collection == into:
        return lambda content: content
    home = collection_id(into)

    def moved(content: Content) -> Content:
        was = content.source
        source = replace(was, id=source_id(home, was.root, was.path), collection=into)
        own = {each.id: document_id(source.id, each.id) for each in content.documents}
        return Content(
            source,
            tuple(replace(d, id=own[d.id], collection=into) for d in content.documents),
            tuple(_moved(p, own[p.document_id], into) for p in content.passages),
        )

    return moved


def _moved(passage: Passage, document: str, into: str) -> Passage:
    own = document_id(document, passage.id)
    return replace(passage, id=own, document_id=document, collection=into)


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[ZipFile]:
    """Raises InvalidInput for what is no archive, wherever in it that is noticed."""
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            if archive.comment not in {MIMETYPE, BEFORE}:
                raise _damaged("it is no archive of a collection, or of another version")
            names = archive.namelist()
            others = sorted(name for name in names if packed.digest_in(name) is None)
            if others != sorted((CONTENTS, MANIFEST)) or len(set(names)) != len(names):
                raise _damaged("it holds other files than an archive does")
            yield archive
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(str(error)) from error


def _manifest(archive: ZipFile) -> CollectionArchive:
    with archive.open(MANIFEST) as member:
        body = member.read(LONGEST_MANIFEST + 1)
    if len(body) > LONGEST_MANIFEST:
        raise TooLarge("the manifest of the archive is too large")
    try:
        return plain.decode(CollectionArchive, body)
    except ValueError as error:
        raise _damaged(f"its manifest cannot be read: {error}") from error


def _lines(archive: ZipFile) -> Iterator[tuple[int, bytes]]:
    read = 0
    with archive.open(CONTENTS) as member:
        for number in range(1, 1 << 62):
            line = member.readline(LONGEST_LINE + 1)
            read += len(line)
            if len(line) > LONGEST_LINE or read > MOST_BYTES:
                raise TooLarge(f"the archive unpacks to more than is allowed, at line {number}")
            if not line:
                return
            yield number, line


def _content(number: int, line: bytes) -> Content:
    try:
        return plain.decode(Content, line)
    except ValueError as error:
        raise _damaged(f"line {number} cannot be read: {error}") from error


def _check(number: int, content: Content, collection: str, seen: set[str]) -> None:
    """What is written must be what a sync could have written: nothing else can be relied on."""
    source = content.source
    documents = {each.id: each for each in content.documents}
    ids = [source.id, *documents, *(each.id for each in content.passages)]
    wrong = (
        source.id != source_id(collection_id(collection), source.root, source.path)
        or len(documents) != len(content.documents)
        or not seen.isdisjoint(ids)
        or len(set(ids)) != len(ids)
        or any(not _is_uuid(each) for each in ids)
        or {source.collection, *(each.collection for each in content.documents)} != {collection}
        or any(each.tzinfo is None for each in _times(content))
        or any(not _stands(each, documents) for each in content.passages)
    )
    if wrong:
        raise _damaged(f"line {number} contradicts itself")
    seen.update(ids)


def _stands(passage: Passage, documents: dict[str, Document]) -> bool:
    """Whether a passage is what it says: a piece of its document."""
    own = documents.get(passage.document_id)
    return own is not None and (
        0 <= passage.start <= passage.end
        and own.text[passage.start : passage.end] == passage.text
        and (passage.source, passage.title) == (own.source, own.title)
        and passage.collection == own.collection
    )


def _times(content: Content) -> Iterator[datetime]:
    yield content.source.updated_at
    for each in content.documents:
        yield from (each.created_at, each.updated_at)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _damaged(why: str) -> InvalidInput:
    return InvalidInput(f"the archive cannot be taken over: {why}", fields={"file": why})
