"""Finding what each query of a labelled collection asks for, by the ordinary path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from promptuary.domain.documents import Passage
from promptuary.domain.filters import Eq
from promptuary.domain.found import Entry
from promptuary.domain.reports import Progress, Told, silent
from promptuary.ports.embedder import Embedder
from promptuary.ports.index import Index
from promptuary.retrieval.evaluating.collections import Asked, Row
from promptuary.retrieval.hybrid import Mode, Ranked, SearchRequest, rank
from promptuary.retrieval.passages import BOOSTS, KIND, passage_entry, wording
from promptuary.retrieval.thesaurus import Thesaurus

COLLECTION = "eval"
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
    passages = [_passage(row) for row in rows]
    for start in range(0, len(passages), _BATCH):
        batch = passages[start : start + _BATCH]
        vectors = await shelf.embedder.embed([wording(passage) for passage in batch])
        await shelf.index.put(
            [passage_entry(p, v if v.any() else None) for p, v in zip(batch, vectors, strict=True)]
        )
        told(Progress("index", start + len(batch), len(passages)))


async def keep_prompts(shelf: Shelf, rows: Sequence[Row], told: Told = silent) -> None:
    """Put every prompt into the index: title, text and tags."""
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        vectors = await shelf.embedder.embed([f"{row.title}\n{row.text}" for row in batch])
        await shelf.index.put(
            [
                Entry(row.id, _texts(row), {"kind": "prompt"}, vector if vector.any() else None)
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


def _passage(row: Row) -> Passage:
    text = row.text
    return Passage(row.id, row.id, COLLECTION, row.id, row.title, 0, text, 0, len(text))


def _texts(row: Row) -> dict[str, str]:
    return {"title": row.title, "text": row.text, "tags": " ".join(row.tags)}
