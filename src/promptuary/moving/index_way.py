"""How a search index moves: both stores are derived from the record.

The record is the truth, and every change stands in its outbox. From `dual_write` on the new store
is owed everything that comes after a position of the outbox, and what was there before is copied
from the record; so no order of events can lose a change or bring an older one over a newer. The
old store goes on being given every change until the move is finalised, so going back is a matter
of asking it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from promptuary.canon.faults import a_probe, as_query
from promptuary.canon.indexing import KINDS, Indexing, catch_up, page_of, put_drafts
from promptuary.canon.verifying import repair, verify
from promptuary.domain.errors import BadReply, GuardRefused, SpaceMismatch
from promptuary.domain.moves import Move, MoveKind
from promptuary.domain.reports import Told
from promptuary.domain.upkeep import Verified
from promptuary.moving.ways import Copied
from promptuary.ports._outbox import OutboxKind
from promptuary.ports.index import Index, WordQuery

PROBE: Final = "promptuary-preflight-probe"


class IndexWay:
    """The `Way` of an index, from one URL to another, into the parts of the new store."""

    kind: MoveKind = "index"

    def __init__(self, source: str, target: str, new: Indexing) -> None:
        self.source = source
        self.target = target
        self._new = new

    @property
    def space(self) -> str:
        """The space of the vectors on the new side."""
        return self._new.embedder.space.name

    @property
    def index(self) -> Index:
        """The new store."""
        return self._new.index

    @property
    def refused(self) -> Mapping[str, str]:
        """As `Way` says."""
        return self._new.refused or {}

    async def entries(self) -> int:
        """As `Way` says."""
        async with self._new.record.read() as tx:
            pages = (
                await tx.families.list(limit=1),
                await tx.templates.list(limit=1),
                await tx.documents.every_passage(limit=1),
                await tx.library.every(limit=1),
                await tx.prompts.list(limit=1),
            )
        return sum(page.total for page in pages)

    async def preflight(self, move: Move, told: Told) -> tuple[str, ...]:  # noqa: ARG002 - `Way`
        """The new store is empty and of the right space, and gives back what it is given."""
        index, space = self._new.index, self._new.embedder.space
        if index.space.fingerprint != space.fingerprint:
            raise SpaceMismatch(f"the new index holds vectors of {index.space.name}")
        await index.remove([PROBE])
        if held := await index.count():
            raise GuardRefused(
                f"the new index holds {held:,} entries that are not of this move, perhaps of one "
                "that was rolled back; name an empty one, or remove it by the engine's own means"
            )
        probe = a_probe(PROBE, space)
        await index.put([probe])
        try:
            found = await index.search_words(WordQuery("preflight"), limit=1)
            near = await index.search_vectors(as_query(probe), limit=1)
            back = await index.get([PROBE])
        finally:
            await index.remove([PROBE])
        if not (back and found and near[0]):
            raise BadReply("the new index took an entry and did not find it again")
        return ()

    async def owe(self, move: Move) -> None:  # noqa: ARG002 - as `Way` says
        """From here on the new store is owed every change."""
        async with self._new.record.read() as tx:
            head = await tx.outbox.last()
        await self._new.index.set_watermark(head)

    async def copy(self, cursor: str) -> Copied:
        """One page of the record."""
        kind, page = _place(cursor)
        if kind is None:
            return Copied(0, cursor)
        async with self._new.record.read() as tx:
            drafts, page = await page_of(tx, kind, page)
        await put_drafts(self._new, drafts)
        following = kind if page is not None else _following(kind)
        return Copied(len(drafts), f"{following or 'end'} {page or ''}")

    async def level(self, move: Move) -> None:  # noqa: ARG002 - as `Way` says
        """Take in what was written meanwhile."""
        await catch_up(self._new)

    async def compare(self, move: Move, told: Told, *, mend: bool) -> Verified:
        """Compare every id with the record."""
        return await (repair if mend else verify)(self._new, told, total=move.total)

    async def deliver(self, move: Move) -> None:
        """The old store was given everything all the while."""

    async def end(self, move: Move) -> None:
        """Nothing of ours stands outside of the index."""


def _place(cursor: str) -> tuple[OutboxKind | None, str | None]:
    """The kind and the page that a checkpoint names; the first of all without one."""
    if not cursor:
        return KINDS[0], None
    name, _, rest = cursor.partition(" ")
    kind = next((each for each in KINDS if each == name), None)
    return kind, rest or None


def _following(kind: OutboxKind) -> OutboxKind | None:
    at = KINDS.index(kind) + 1
    return KINDS[at] if at < len(KINDS) else None
