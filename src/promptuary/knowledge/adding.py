"""Documents that come as texts, from a program and not from a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from promptuary.domain.documents import AddedFile, Content, GivenText
from promptuary.domain.errors import (
    InvalidInput,
    Misconfigured,
    MissingExtra,
    PromptuaryError,
    TimedOut,
    TooLarge,
    Unavailable,
    Unsupported,
)
from promptuary.domain.loading import RawFile, Unread, suffix_of
from promptuary.domain.reports import Progress, Told, silent
from promptuary.knowledge.keeping import Knowledge, drafted, write
from promptuary.knowledge.reading import Named, content_of

ROOT = "given"
"""Where such a source is said to lie; no folder is called that."""
AT_ONCE = 200
_FAILURES: Mapping[str, type[PromptuaryError]] = {
    MissingExtra.code: Misconfigured,
    TimedOut.code: TimedOut,
    TooLarge.code: TooLarge,
    Unavailable.code: Unavailable,
    Unsupported.code: Unsupported,
}
"""What is raised for a file that cannot be read; what is not named here is the file's fault."""


async def add(
    parts: Knowledge, texts: Iterable[GivenText], collection: str, *, told: Told = silent
) -> int:
    """Keep each text as a document whose source is its id; how many passages came or went.

    Raises InvalidInput for a text that cannot be read; what came before it in the list may be kept.
    """
    given = list(texts)
    passages = 0
    for start in range(0, len(given), AT_ONCE):
        batch = [await _content(parts, each, collection) for each in given[start : start + AT_ONCE]]
        passages += await write(parts, collection, batch, {})
        told(Progress("read", start + len(batch), len(given)))
    return passages


async def add_file(
    parts: Knowledge, path: Path, collection: str, *, name: str, title: str = ""
) -> AddedFile:
    """Keep what the file at `path` holds under that name, in place of what was there.

    Raises Unsupported for a kind that nobody reads, InvalidInput, TooLarge or TimedOut for a file
    that cannot be read, Misconfigured where a package for it is missing; then nothing is changed.
    """
    if suffix_of(path.name) not in parts.reader.suffixes:
        raise Unsupported(f"no loader reads files like {path.name}")
    read = await parts.reader.read(path)
    if read.failed:
        raise _failure(name, read.failed)
    if title:
        titled = tuple(replace(each, title=title) for each in read.documents)
        read = replace(read, documents=titled)
    named = Named(collection, ROOT, name, name)
    kept = replace(read, stamp="")  # a later sync has nothing to compare with
    content = content_of(named, kept, parts.chunking, parts.clock.now(), parts.recipe)
    draft = await drafted(parts, content.source, path)
    drafts = {content.source.id: draft} if draft else {}
    changed = await write(parts, collection, [content], drafts)
    counted = replace(
        content.source,
        documents=len(content.documents),
        passages=len(content.passages),
        characters=sum(len(each.text) for each in content.documents),
    )
    return AddedFile(counted, changed)


def _failure(name: str, why: Unread) -> PromptuaryError:
    said = f"{name} cannot be read: {why.reason}"
    kind = _FAILURES.get(why.code)
    return kind(said) if kind else InvalidInput(said, fields={"body": why.reason})


async def _content(parts: Knowledge, given: GivenText, collection: str) -> Content:
    read = await parts.reader.read_bytes(
        RawFile("given.txt", given.text.encode("utf-8", "replace"))
    )
    if read.failed:
        raise InvalidInput(f"the text {given.id!r} cannot be read: {read.failed.reason}")
    if given.title:
        named = tuple(replace(each, title=given.title) for each in read.documents)
        read = replace(read, documents=named)
    now = parts.clock.now()
    named_so = Named(collection, ROOT, given.id, given.id)
    return content_of(named_so, read, parts.chunking, now, parts.recipe)
