"""Documents that come as texts, from a program and not from a folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from promptuary.domain.documents import Content
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import RawFile
from promptuary.domain.reports import Progress, Told, silent
from promptuary.knowledge.keeping import Knowledge
from promptuary.knowledge.reading import Named, content_of

ROOT = "given"
"""Where such a source is said to lie; no folder is called that."""
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class GivenText:
    """A text and the id by which its sender knows it; the same id again replaces it."""

    id: str
    text: str
    title: str = ""


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
        passages += await _write(parts, batch, collection)
        told(Progress("read", start + len(batch), len(given)))
    return passages


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
    return content_of(Named(collection, ROOT, given.id, given.id), read, parts.chunking, now)


async def _write(parts: Knowledge, batch: Sequence[Content], collection: str) -> int:
    async with parts.record.begin() as tx:
        await tx.collections.ensure(collection)
        changed = await tx.documents.replace(batch)
        await tx.outbox.add("passage", changed)
    return len(changed)
