"""From a question to the passages of documents that may answer it.

A passage is an entry of kind `passage` in the index: its title with the headings above it and its
text are searched by words, all of them together are embedded, and its place is in the payload, so
that what is found can be cited without asking the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promptuary.domain.documents import Passage
from promptuary.domain.filters import AllOf, Eq, Filter, Payload, Scalar, Value
from promptuary.domain.found import Entry
from promptuary.ports.embedder import Embedder
from promptuary.ports.index import Index
from promptuary.retrieval.hybrid import Mode, SearchRequest, rank, reasons_of
from promptuary.retrieval.thesaurus import Thesaurus

KIND = "passage"
BOOSTS = {"title": 1.0}
_BETWEEN = " > "
_META = "meta."


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was found. `score` orders passages of one question; a higher one is better.

    `features` are the figures behind it by name, those of `retrieval/features.py` and each ranker's
    own score; 0 stands for "nothing found". `reasons` say the same for a person to read.
    """

    passage: Passage
    score: float
    features: Mapping[str, float]
    reasons: tuple[str, ...]


async def retrieve(
    index: Index,
    embedder: Embedder,
    question: str,
    *,
    where: Filter | None = None,
    limit: int = 10,
    mode: Mode = "hybrid",
    thesaurus: Thesaurus | None = None,
) -> list[Retrieved]:
    """The passages that match `where`, best first, at most `limit`; see `hybrid.search`."""
    only = Eq("kind", KIND)
    request = SearchRequest(
        question,
        mode=mode,
        where=only if where is None else AllOf((only, where)),
        boosts=BOOSTS,
        limit=limit,
        about="documents",
    )
    ranked = (await rank(index, embedder, request, thesaurus=thesaurus))[:limit]
    entries = {entry.id: entry for entry in await index.get([one.id for one in ranked])}
    return [
        Retrieved(passage_of(entry), one.score, one.features, reasons_of(one, entry, request))
        for one in ranked
        if (entry := entries.get(one.id)) is not None
    ]


def wording(passage: Passage) -> str:
    """What is embedded of a passage: a piece of text says little without its title."""
    return "\n".join(filter(None, (_title(passage), passage.text)))


def passage_entry(passage: Passage, vector: NDArray[np.float32] | None) -> Entry:
    """How a passage stands in the index; `vector` is that of its `wording`."""
    payload: dict[str, Value] = {
        "kind": KIND,
        "collection": passage.collection,
        "document": passage.document_id,
        "source": passage.source,
        "name": passage.title,
        "seq": passage.seq,
        "start": passage.start,
        "end": passage.end,
        "headings": passage.headings,
    }
    if passage.line is not None:
        payload["line"] = passage.line
    if passage.page is not None:
        payload["page"] = passage.page
    payload |= {_META + name: value for name, value in passage.metadata.items()}
    texts = {"title": _title(passage), "text": passage.text}
    return Entry(passage.id, texts, payload, vector)


def passage_of(entry: Entry) -> Passage:
    """The passage that `passage_entry` made an entry of."""
    said = entry.payload
    return Passage(
        id=entry.id,
        document_id=str(said["document"]),
        collection=str(said["collection"]),
        source=str(said["source"]),
        title=str(said["name"]),
        seq=_whole(said, "seq") or 0,
        text=entry.texts["text"],
        start=_whole(said, "start") or 0,
        end=_whole(said, "end") or 0,
        headings=_strings(said.get("headings", ())),
        line=_whole(said, "line"),
        page=_whole(said, "page"),
        metadata=_metadata(said),
    )


def _title(passage: Passage) -> str:
    return _BETWEEN.join(filter(None, (passage.title, *passage.headings)))


def _whole(payload: Payload, name: str) -> int | None:
    value = payload.get(name)
    return int(value) if isinstance(value, int | float) else None


def _strings(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _metadata(payload: Payload) -> dict[str, Scalar]:
    return {
        name.removeprefix(_META): value
        for name, value in payload.items()
        if name.startswith(_META) and not isinstance(value, tuple)
    }
