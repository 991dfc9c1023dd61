"""Finding what each query of a labelled collection asks for, by the ordinary path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from promptuary.domain.filters import Eq
from promptuary.domain.found import Entry
from promptuary.domain.reports import Progress, Told, silent
from promptuary.ports.embedder import Embedder
from promptuary.ports.index import Index
from promptuary.retrieval.evaluating.collections import Asked, Row
from promptuary.retrieval.hybrid import Mode, Ranked, SearchRequest, rank
from promptuary.retrieval.passages import BOOSTS, KIND
from promptuary.retrieval.thesaurus import Thesaurus

DEEP = 100
"""Results a query."""

_BATCH = 500
_BOOSTS = {"title": 2.0, "tags": 0.5}


@dataclass(frozen=True, slots=True)
class Shelf:
    """The parts that finding needs."""

    index: Index
    embedder: Embedder
    thesaurus: Thesaurus | None
    mode: Mode = "hybrid"


async def keep_documents(shelf: Shelf, rows: Sequence[Row], told: Told = silent) -> None:
    """Put every document into the index, whole, as one passage."""
    await _keep(shelf, KIND, rows, told)


async def keep_prompts(shelf: Shelf, rows: Sequence[Row], told: Told = silent) -> None:
    """Put every prompt into the index: title, text and tags."""
    await _keep(shelf, "prompt", rows, told)


async def _keep(shelf: Shelf, kind: str, rows: Sequence[Row], told: Told) -> None:
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        vectors = await shelf.embedder.embed(
            ["\n".join(filter(None, (row.title, row.text))) for row in batch]
        )
        await shelf.index.put(
            [
                Entry(row.id, _texts(row), {"kind": kind}, vector if vector.any() else None)
                for row, vector in zip(batch, vectors, strict=True)
            ]
        )
        told(Progress("index", start + len(batch), len(rows)))


async def look_for_documents(shelf: Shelf, asked: Asked) -> list[Ranked]:
    """The documents found, at most DEEP, with their scores and features."""
    request = SearchRequest(asked.text, mode=shelf.mode, boosts=BOOSTS, about="documents")
    return await _look(shelf, replace(request, where=Eq("kind", KIND)))


async def look_for_prompts(shelf: Shelf, asked: Asked) -> list[Ranked]:
    """The prompts found, at most DEEP, with their scores and features."""
    request = SearchRequest(asked.text, mode=shelf.mode, boosts=_BOOSTS)
    return await _look(shelf, replace(request, where=Eq("kind", "prompt")))


async def _look(shelf: Shelf, request: SearchRequest) -> list[Ranked]:
    request = replace(request, limit=DEEP)
    ranked = await rank(shelf.index, shelf.embedder, request, thesaurus=shelf.thesaurus)
    return ranked[:DEEP]


def _texts(row: Row) -> dict[str, str]:
    texts = {"title": row.title, "text": row.text, "tags": " ".join(row.tags)}
    return {name: text for name, text in texts.items() if text or name == "text"}
