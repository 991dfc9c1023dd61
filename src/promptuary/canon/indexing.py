"""Keeping the index true to the record: what changed is put, what is gone is removed."""

from __future__ import annotations

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace

from promptuary.canon.leading import Change, Fence
from promptuary.canon.mirroring import Mirroring
from promptuary.canon.sifting import sift
from promptuary.domain.documents import Passage
from promptuary.domain.errors import Unavailable
from promptuary.domain.filters import Value
from promptuary.domain.found import Entry
from promptuary.domain.library import LibraryPrompt
from promptuary.domain.prompts import Prompt
from promptuary.domain.reports import Progress, Told, silent
from promptuary.domain.templates import Family, Lineage
from promptuary.ports._outbox import OutboxKind, OutboxRow
from promptuary.ports.embedder import Embedder, ForgetfulEmbedder
from promptuary.ports.index import Index, StagedIndex
from promptuary.ports.unit_of_work import Transaction, UnitOfWork
from promptuary.retrieval import kept

BATCH = 500
KINDS: tuple[OutboxKind, ...] = ("family", "lineage", "passage", "library", "prompt")
"""What is indexed, in the order in which it is derived anew."""
KEPT = 100_000
"""So many rows behind its own position a follower leaves in the outbox, for others that follow it
more slowly and for an index whose watermark a loss of power took back."""
_KIND_OF: Mapping[str, OutboxKind] = {
    "prompt": "prompt",
    "template": "lineage",
    "family": "family",
    "passage": "passage",
    kept.KIND: "library",
}
"""As what a change to an entry of that kind is announced."""
LONGEST = 20_000
"""Characters of a text that are indexed; the record keeps all of it."""
VALUES_SHOWN = 5
FAMILY_TEMPLATES = 8


@dataclass(frozen=True, slots=True)
class Indexing:
    """The parts that indexing needs; with a fence where others write to the index too."""

    record: UnitOfWork
    index: Index
    embedder: Embedder
    fence: Fence | None = None
    refused: dict[str, str] | None = None
    """Where entries are noted that the index refuses, by id with the reason, and left out; without
    it one such entry stops all."""
    mirroring: Mirroring | None = None
    """Who copies prompts for readers of other systems."""

    def around(self, changes: Sequence[Change]) -> AbstractAsyncContextManager[None]:
        """What a write of these to the index stands in. Raises LeaseLost."""
        return nullcontext() if self.fence is None else self.fence.around(changes)


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before its text has a vector."""

    id: str
    texts: dict[str, str]
    payload: dict[str, Value]


async def catch_up(parts: Indexing, told: Told = silent) -> int:
    """Bring the index up to the outbox's head; returns the watermark reached.

    Safe to stop anywhere: the watermark moves only after the entries are in. An index that missed
    rows that are pruned by now is rebuilt. Raises Unavailable for an index that knows of more than
    the record does.
    """
    position = await parts.index.watermark()
    while True:
        async with parts.record.read() as tx:
            head = await tx.outbox.last()
            _check_origin(position, head)
            if position == head:
                return position
            first = await tx.outbox.first()
            rows = await tx.outbox.after(position, limit=BATCH)
            drafts, gone = await drafts_of(tx, rows)
        if position + 1 < first:
            await rebuild(parts, told)
            return await parts.index.watermark()
        if not rows:
            return position
        await put_drafts(parts, drafts)
        await _remove(parts, [row for row in rows if row.entity_id in gone])
        position = rows[-1].position
        await parts.index.set_watermark(position)
        told(Progress("index", position, head))
        if len(rows) < BATCH:
            await _prune(parts.record, first, position)
            return position


def reached(parts: Indexing, told: Told = silent) -> Callable[[], Awaitable[bool]]:
    """Asks whether the index has everything that was committed when it was asked first."""
    wanted: int | None = None

    async def asked() -> bool:
        nonlocal wanted
        whole = (await parts.index.health()).state == "ok"
        position = await parts.index.watermark()
        async with parts.record.read() as tx:
            head = await tx.outbox.last()
        wanted = head if wanted is None else wanted
        told(Progress("index", position, head))
        return whole and wanted <= position <= head

    return asked


async def _prune(record: UnitOfWork, first: int, position: int) -> None:
    """Forget what this index took in long ago: many rows at once and seldom, since it is a write,
    but never so many that others wait for it."""
    if position - first >= 2 * KEPT:
        async with record.begin() as tx:
            await tx.outbox.prune(min(position - KEPT, first + 2 * KEPT))


async def notice_loss(parts: Indexing) -> None:
    """Have an index that holds nothing, beside a record that does, say that it is incomplete."""
    if await parts.index.watermark() == 0:
        async with parts.record.read() as tx:
            head = await tx.outbox.last()
        await parts.index.expect(head)


async def rebuild(parts: Indexing, told: Told = silent) -> None:
    """Derive the index again from the whole record; raises as `catch_up` does.

    Beside the index that serves, where the engine can do that and it is whole; else in its place.
    """
    if parts.mirroring:
        parts.mirroring.begin()
    async with parts.record.read() as tx:
        head = await tx.outbox.last()
    health = await parts.index.health()
    _check_origin(max(health.watermark, health.expected), head)
    if health.state == "ok" and isinstance(parts.index, StagedIndex):
        await _rebuild_beside(parts, parts.index, head, told)
    else:
        await parts.index.clear()
        await _derive(parts, head, told)
    await catch_up(parts)


async def _rebuild_beside(parts: Indexing, index: StagedIndex, head: int, told: Told) -> None:
    """What serves goes on serving until all of it is there again."""
    staged = await index.stage()
    try:
        await _derive(replace(parts, index=staged), head, told)
        await index.publish(staged)
    finally:
        await staged.aclose()


async def _derive(parts: Indexing, head: int, told: Told) -> None:
    done = 0
    async for drafts in everything(parts.record):
        await put_drafts(parts, drafts)
        done += len(drafts)
        told(Progress("index", done, None))
    await parts.index.set_watermark(head)


def _check_origin(position: int, head: int) -> None:
    """A damaged index of an empty record expects the first change, whatever it will be."""
    if position > max(head, 1):
        raise Unavailable(
            "the index knows of more than the record, which was perhaps restored from a backup; "
            "remove the folder of the index, then it is built again"
        )


async def put_drafts(parts: Indexing, drafts: Sequence[Draft]) -> None:
    """Embed and put them."""
    if drafts:
        entries = await entries_for(parts.embedder, drafts)
        async with parts.around([(_KIND_OF[str(d.payload["kind"])], d.id) for d in drafts]):
            await sift(parts.index, entries, parts.refused)
            if parts.mirroring:
                await parts.mirroring.show(entries)


async def entries_for(embedder: Embedder, drafts: Sequence[Draft]) -> list[Entry]:
    """The drafts with their vectors; what means nothing has none."""
    vectors = await embedder.embed([_meant(draft.texts) for draft in drafts])
    return [
        Entry(draft.id, draft.texts, draft.payload, vector if vector.any() else None)
        for draft, vector in zip(drafts, vectors, strict=True)
    ]


async def _remove(parts: Indexing, rows: Sequence[OutboxRow]) -> None:
    """Forget the entries, and first what the embedder remembers of passages: their texts stand
    nowhere else any more. Prompts never go, so nothing of them is looked up."""
    gone = list(dict.fromkeys(row.entity_id for row in rows))
    if not gone:
        return
    if isinstance(parts.embedder, ForgetfulEmbedder):
        entries = await parts.index.get(gone)
        texts = [_meant(each.texts) for each in entries if each.payload.get("kind") == "passage"]
        if texts:
            await parts.embedder.forget(texts)
    async with parts.around([(row.kind, row.entity_id) for row in rows]):
        await parts.index.remove(gone)


def _meant(texts: Mapping[str, str]) -> str:
    """What of an entry is embedded; a passage together with the titles above it, a kept prompt with
    all that is said about it."""
    if "about" in texts:
        return "\n".join(filter(None, texts.values()))
    if "headings" not in texts:
        return texts["text"]
    return "\n".join(filter(None, (texts["title"], texts["headings"], texts["text"])))


async def drafts_of(tx: Transaction, rows: Sequence[OutboxRow]) -> tuple[list[Draft], list[str]]:
    """What to put and what to remove for these changes."""
    ids = _ids_by_kind(rows)
    prompts = await _prompt_drafts(tx, await tx.prompts.get(ids["prompt"]))
    lineages = await tx.templates.some(ids["lineage"])
    templates = [_template_entry(line) for line in lineages if not line.merged_into]
    families = await _family_entries(tx, await tx.families.some(ids["family"]))
    passages = [_passage_entry(each) for each in await tx.documents.passages(ids["passage"])]
    library = await _library_drafts(tx, await tx.library.some(ids["library"]))
    drafts = [*prompts, *templates, *families, *passages, *library]
    found = {draft.id for draft in drafts}
    return drafts, [i for kind in ids.values() for i in kind if i not in found]


def _ids_by_kind(rows: Iterable[OutboxRow]) -> dict[OutboxKind, list[str]]:
    ids: dict[OutboxKind, dict[str, None]] = {kind: {} for kind in KINDS}
    for row in rows:
        ids[row.kind][row.entity_id] = None
    return {kind: list(known) for kind, known in ids.items()}


async def everything(record: UnitOfWork) -> AsyncIterator[list[Draft]]:
    """Everything of every collection, in batches of bounded size."""
    for kind in KINDS:
        cursor: str | None = None
        while True:
            async with record.read() as tx:
                drafts, cursor = await page_of(tx, kind, cursor)
            yield drafts
            if cursor is None:
                break


async def page_of(tx: Transaction, kind: str, cursor: str | None) -> tuple[list[Draft], str | None]:
    """One batch of that kind, and the cursor of the next one (None at the end)."""
    if kind == "family":
        families = await tx.families.list(cursor=cursor, limit=BATCH)
        return await _family_entries(tx, families.items), families.next_cursor
    if kind == "lineage":
        lineages = await tx.templates.list(cursor=cursor, limit=BATCH)
        return [_template_entry(item) for item in lineages.items], lineages.next_cursor
    if kind == "passage":
        passages = await tx.documents.every_passage(cursor=cursor, limit=BATCH)
        return [_passage_entry(item) for item in passages.items], passages.next_cursor
    if kind == "library":
        library = await tx.library.every(cursor=cursor, limit=BATCH)
        return await _library_drafts(tx, library.items), library.next_cursor
    prompts = await tx.prompts.list(cursor=cursor, limit=BATCH)
    return await _prompt_drafts(tx, prompts.items), prompts.next_cursor


async def _prompt_drafts(tx: Transaction, prompts: Sequence[Prompt]) -> list[Draft]:
    """Prompts that moderation refused are kept aside and never found."""
    safe = [prompt for prompt in prompts if not prompt.aside]
    homes = await tx.templates.homes([prompt.id for prompt in safe])
    return [_prompt_entry(prompt, homes.get(prompt.id)) for prompt in safe]


def _prompt_entry(prompt: Prompt, lineage_id: str | None) -> Draft:
    payload: dict[str, Value] = {
        "kind": "prompt",
        "collection": prompt.collection,
        "status": prompt.status,
        "created": int(prompt.created_at.timestamp()),
        "size": prompt.count,
        "alone": lineage_id is None,
    }
    if prompt.source:
        payload["source"] = prompt.source
    if lineage_id is not None:
        payload["lineage"] = lineage_id
    if prompt.family_id is not None:
        payload["family"] = prompt.family_id
    return Draft(prompt.id, {"text": prompt.text[:LONGEST]}, payload)


def _template_entry(lineage: Lineage) -> Draft:
    template = lineage.template
    payload: dict[str, Value] = {
        "kind": "template",
        "collection": lineage.collection,
        "lineage": lineage.id,
        "created": int(lineage.created_at.timestamp()),
        "size": lineage.size,
        "version": template.version,
        "slots": tuple(slot.name for slot in template.slots),
        "slot_types": tuple(dict.fromkeys(slot.type for slot in template.slots)),
    }
    if lineage.family_id:
        payload["family"] = lineage.family_id
    values = " ".join(
        example.value for slot in template.slots for example in slot.examples[:VALUES_SHOWN]
    )
    texts = {"title": lineage.name, "text": template.text[:LONGEST], "values": values[:LONGEST]}
    return Draft(lineage.id, texts, payload)


def _passage_entry(passage: Passage) -> Draft:
    """A passage is found by its text, by the headings above it, and by its document's title."""
    payload: dict[str, Value] = {
        **passage.metadata,
        "kind": "passage",
        "collection": passage.collection,
        "document": passage.document_id,
        "source": passage.source,
        "folders": tuple(_folders(passage.source)),
    }
    if passage.page is not None:
        payload["page"] = passage.page
    texts = {
        "title": passage.title,
        "headings": "\n".join(passage.headings),
        "text": passage.text[:LONGEST],
    }
    return Draft(passage.id, texts, payload)


async def _library_drafts(tx: Transaction, prompts: Sequence[LibraryPrompt]) -> list[Draft]:
    """Kept prompts are found by their latest versions."""
    newest = await tx.library.newest([prompt.id for prompt in prompts])
    pairs = [(prompt, newest[prompt.id]) for prompt in prompts if prompt.id in newest]
    return [
        Draft(
            prompt.id,
            {name: text[:LONGEST] for name, text in kept.texts_of(prompt, version).items()},
            kept.payload_of(prompt, version),
        )
        for prompt, version in pairs
    ]


def _folders(source: str) -> Iterator[str]:
    """`a/b/c.md` lies in `a` and in `a/b`."""
    at = source.find("/")
    while at > 0:
        yield source[:at]
        at = source.find("/", at + 1)


async def _family_entries(tx: Transaction, families: Sequence[Family]) -> list[Draft]:
    texts = await tx.templates.leading_texts([f.id for f in families], limit=FAMILY_TEMPLATES)
    own = {f.id: await _own_texts(tx, f) for f in families if not f.templates}
    return [_family_entry(f, own.get(f.id) or texts.get(f.id, ())) for f in families]


async def _own_texts(tx: Transaction, family: Family) -> list[str]:
    prompts = await tx.prompts.list(family_id=family.id, limit=FAMILY_TEMPLATES)
    return [prompt.text for prompt in prompts.items]


def _family_entry(family: Family, texts: Sequence[str]) -> Draft:
    """A family is found by its name and by its largest templates, or by prompts of its own."""
    payload: dict[str, Value] = {
        "kind": "family",
        "collection": family.collection,
        "family": family.id,
        "created": int(family.created_at.timestamp()),
        "size": family.size,
    }
    text = "\n".join(texts)[:LONGEST]
    return Draft(family.id, {"title": family.name, "text": text}, payload)
