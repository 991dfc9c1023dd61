"""Copies of prompts for readers of other systems, written beside the index with what it is given.

A mirror that is away holds nobody up: what it missed is counted, health says so, and building the
index again shows it everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

import numpy as np

from promptuary.domain.errors import PromptuaryError
from promptuary.domain.found import Entry
from promptuary.domain.mirrors import Centre, MirroredPrompt
from promptuary.domain.templates import Lineage
from promptuary.domain.vectors import Vectors
from promptuary.ports.embedder import Embedder
from promptuary.ports.mirror import Mirror
from promptuary.ports.unit_of_work import UnitOfWork


class Mirroring:
    """Shows mirrors the prompts among entries, and where their lineages lie."""

    def __init__(self, record: UnitOfWork, embedder: Embedder, mirrors: Sequence[Mirror]) -> None:
        self._record = record
        self._embedder = embedder
        self._mirrors = mirrors
        self._missed = 0
        self._why = ""

    @property
    def trouble(self) -> str | None:
        """What is missing since copying began or the index was built again, or None."""
        if not self._missed:
            return None
        return f"{self._missed:,} prompts were not copied to a mirror: {self._why}"

    def begin(self) -> None:
        """Everything will be shown again: what was missed counts no more."""
        self._missed = 0

    async def show(self, entries: Sequence[Entry]) -> None:
        """Copy the prompts among these entries; one whose text means nothing has no vector, and is
        left out. Raises nothing of a mirror's."""
        vectors = {e.id: e.vector for e in entries if e.vector is not None}
        ids = [e.id for e in entries if e.payload.get("kind") == "prompt" and e.id in vectors]
        if not ids:
            return
        async with self._record.read() as tx:
            prompts = await tx.prompts.get(ids)
            placed = {each.prompt_id: each for each in await tx.templates.placements(ids)}
            homes = dict.fromkeys(each.lineage_id for each in placed.values())
            lineages = await tx.templates.some(list(homes))
        shown = [
            MirroredPrompt(each.id, each.text, vectors[each.id])
            if (at := placed.get(each.id)) is None
            else MirroredPrompt(each.id, each.text, vectors[each.id], at.lineage_id, at.similarity)
            for each in prompts
        ]
        centres = await self._centres(lineages)
        for mirror in self._mirrors:
            try:
                await mirror.show(shown, centres)
            except PromptuaryError as error:
                self._missed += len(shown)
                self._why = str(error)

    async def passed(self, batch_id: str, position: int, at: datetime) -> None:
        """A batch is durable up to that item. A mirror that misses it hears of the next; to whoever
        reads less than was saved nothing is lost, since what is sent again is known."""
        for mirror in self._mirrors:
            with suppress(PromptuaryError):
                await mirror.passed(batch_id, position, at)

    async def _centres(self, lineages: Sequence[Lineage]) -> list[Centre]:
        """The mean direction of the members that a lineage keeps as examples, which the embedder
        mostly remembers."""
        texts = [text for lineage in lineages for text in lineage.examples]
        rows = dict(zip(texts, await self._embedder.embed(texts), strict=True))
        found = ((line.id, _centre(line.examples, rows)) for line in lineages)
        return [Centre(lineage_id, vector) for lineage_id, vector in found if vector is not None]


def _centre(texts: Sequence[str], rows: Mapping[str, Vectors]) -> Vectors | None:
    if not texts:
        return None
    mean: Vectors = np.mean([rows[text] for text in texts], axis=0, dtype=np.float64)
    length = float(np.linalg.norm(mean))
    return (mean / length).astype(np.float32) if length else None
