"""Entries and their words in Chroma."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from chromadb.api.models.Collection import Collection

from promptuary.adapters.indexes._shared.conditions import inexact
from promptuary.adapters.indexes._shared.engine import Change, Counts, Weights
from promptuary.adapters.indexes._shared.facts import number_key
from promptuary.adapters.indexes._shared.kept import point_id
from promptuary.adapters.indexes._shared.listing import Listing
from promptuary.adapters.indexes._shared.weights import leading, products
from promptuary.adapters.indexes.chroma.asking import Asking
from promptuary.adapters.indexes.chroma.filters import (
    ANY,
    MOST,
    Translating,
    Where,
    among,
    conditions_in,
    having,
    joined,
)
from promptuary.adapters.indexes.chroma.log import Log
from promptuary.adapters.indexes.chroma.records import (
    MEANS,
    WEIGHTS,
    WORDS,
    to_entry,
    to_id,
    to_key,
    to_records,
    weights_in,
)
from promptuary.domain.filters import Filter, matches
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Vectors
from promptuary.retrieval.checks import countable

SCORED = 10_000
"""So many of the entries that words find are scored; where there are more, the commonest words are
left out of the search until there are not."""

_PAGE = 1_000


class ChromaEngine:
    """Two collections: the entries, and the log with the notes."""

    def __init__(
        self,
        entries: Collection,
        log: Collection,
        asking: Asking,
        *,
        dimensions: int,
        release: Callable[[], Awaitable[None]],
    ) -> None:
        """Take over collections that exist; `release` closes the client."""
        self._entries = entries
        self._ask = asking
        self._log = Log(log, asking)
        self._dimensions = dimensions
        self._release = release
        self._listing = Listing(self._walk_ids, lambda: self._log.position)

    @property
    def tears(self) -> bool:
        """As `Engine` says."""
        return False

    async def read_note(self, name: str) -> str | None:
        """As `Engine` says."""
        return await self._log.read_note(name)

    async def write_note(self, name: str, text: str) -> None:
        """As `Engine` says."""
        await self._log.write_note(name, text)

    async def log_after(self, position: int) -> Sequence[tuple[int, str]]:
        """As `Engine` says."""
        return await self._log.after(position)

    async def log_cut(self, position: int) -> None:
        """As `Engine` says."""
        await self._log.cut(position)

    async def apply(self, change: Change) -> bool:
        """As `Engine` says. The record stands before the entries do. What stood under an id is
        removed first: Chroma adds to a record's metadata, and takes nothing of it away."""
        if not await self._log.claim(change.position, change.record):
            return False
        gone = dict.fromkeys(map(to_key, (*change.removed, *change.before)))
        if gone:
            await self._ask(self._entries.delete, ids=list(gone))
        if change.points:
            records = to_records(change.points, self._dimensions)
            await self._ask(
                self._entries.upsert,
                ids=records.ids,
                embeddings=records.embeddings,
                metadatas=records.metadatas,
                documents=records.documents,
            )
        return True

    async def wipe(self, position: int, record: str) -> bool:
        """As `Engine` says."""
        if not await self._log.claim(position, record):
            return False
        while ids := (await self._get(limit=_PAGE, include=[]))["ids"]:
            await self._ask(self._entries.delete, ids=ids)
        await self.log_cut(position)
        return True

    async def standing(self, ids: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """As `Engine` says."""
        found = await self._by_ids(ids, ["metadatas"])
        pairs = zip(found["ids"], found["metadatas"], strict=True)
        return {to_id(key): metadata.get(WORDS, []) for key, metadata in pairs}

    async def retrieve(self, ids: Sequence[str], *, vectors: bool = True) -> Sequence[Entry]:
        """As `Engine` says."""
        parts = ["metadatas", "documents", *(["embeddings"] if vectors else [])]
        found = await self._by_ids(ids, parts)
        embeddings = found["embeddings"] if vectors else [None] * len(found["ids"])
        rows = zip(found["documents"], found["metadatas"], embeddings, strict=True)
        return [to_entry(*row) for row in rows]

    async def count(self, where: Filter | None) -> int:
        """As `Engine` says."""
        if where is None:
            return await self._ask(self._entries.count)
        found = await self._get(where=await self._conditions(where), include=[])
        return len(found["ids"])

    async def ids_after(self, after: str | None, limit: int, where: Filter | None) -> list[str]:
        """As `Engine` says; Chroma lists in the order of arrival."""
        return await self._listing.page(after, limit, where)

    async def nearest(
        self, queries: Vectors, limit: int, where: Filter | None
    ) -> Sequence[Sequence[Hit]]:
        """As `Engine` says, as far as Chroma's graph finds them."""
        parts = [] if where is None else [await self._conditions(where)]
        if (await self._get(where=having(MEANS, holds=False), limit=1, include=[]))["ids"]:
            parts.append(having(MEANS))
        found: Any = await self._ask(
            self._entries.query,
            query_embeddings=queries,
            n_results=limit,
            where=joined("$and", parts) if parts else None,
            include=["distances"],
        )
        return [
            [Hit(to_id(key), 1.0 - distance) for key, distance in zip(keys, row, strict=True)]
            for keys, row in zip(found["ids"], found["distances"], strict=True)
        ]

    async def by_words(
        self, asked: Weights, limit: int, offset: int, where: Filter | None
    ) -> Sequence[Hit]:
        """As `Engine` says, within SCORED and MOST."""
        narrowed = [] if where is None else [await self._conditions(where)]
        rarest = sorted(asked, key=lambda dimension: -asked[dimension])[:MOST]
        while True:
            words = joined("$or", [{WORDS: {"$contains": dimension}} for dimension in rarest])
            found = await self._get(
                where=joined("$and", [words, *narrowed]), limit=SCORED + 1, include=["documents"]
            )
            if len(found["ids"]) <= SCORED or len(rarest) == 1:
                break
            rarest = rarest[: len(rarest) // 2]
        scores = products(asked, await self._weights(found))
        best = leading(scores, offset + limit)
        hits = [Hit(to_id(found["ids"][at]), scores[at]) for at in best]
        hits.sort(key=lambda hit: (-hit.score, hit.id))
        return hits[offset : offset + limit]

    async def facets(self, field: str, where: Filter | None) -> Counts:
        """As `Engine` says: every matching entry is read."""
        conditions = None if where is None else await self._conditions(where)
        counts: Counts = Counter()
        async for entries in self._walk(conditions):
            for entry in entries:
                values = countable(entry.payload.get(field, ()))
                counts.update((type(value).__name__, value) for value in values)
        return counts

    async def aclose(self) -> None:
        """As `Engine` says."""
        await self._release()

    async def _conditions(self, where: Filter) -> Where:
        """The filter for Chroma; what it cannot tell, or not in time, is evaluated here."""
        if conditions_in(where) > MOST:
            return among(await self._matching(where, having(ANY)))
        known = {
            wanted: await self._matching(wanted, having(number_key(wanted.field)))
            for wanted in inexact(where)
        }
        return Translating(known).one(where)

    async def _matching(self, where: Filter, within: Where) -> list[str]:
        return [
            point_id(entry.id).hex
            async for entries in self._walk(within)
            for entry in entries
            if matches(where, entry.payload)
        ]

    async def _walk(self, conditions: Where | None) -> AsyncIterator[Sequence[Entry]]:
        at = 0
        while True:
            parts = ["documents", "metadatas"]
            page = await self._get(where=conditions, limit=_PAGE, offset=at, include=parts)
            pairs = zip(page["documents"], page["metadatas"], strict=True)
            yield [to_entry(document, metadata, None) for document, metadata in pairs]
            at += _PAGE
            if len(page["ids"]) < _PAGE:
                break

    async def _walk_ids(self, where: Filter | None) -> AsyncIterator[Sequence[str]]:
        conditions = None if where is None else await self._conditions(where)
        page = await self._get(where=conditions, include=[])
        yield [to_id(key) for key in page["ids"]]

    async def _by_ids(self, ids: Sequence[str], include: list[str]) -> dict[str, Any]:
        if not ids:
            return {"ids": [], "documents": [], "metadatas": [], "embeddings": []}
        return await self._get(ids=[to_key(key) for key in ids], include=include)

    async def _weights(self, found: Mapping[str, Any]) -> list[str]:
        """The weights of the words of those found, whose documents are known; none for an entry of
        an older version that somebody overwrote or removed meanwhile."""
        weights = dict(zip(found["ids"], map(weights_in, found["documents"]), strict=True))
        if older := [key for key, text in weights.items() if text is None]:
            read = await self._get(ids=older, include=["metadatas"])
            pairs = zip(read["ids"], read["metadatas"], strict=True)
            weights |= {key: str(metadata.get(WEIGHTS, "")) for key, metadata in pairs}
        return [text or "" for text in weights.values()]

    async def _get(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - what the client takes
        found: Any = await self._ask(self._entries.get, **asked)
        given: dict[str, Any] = found
        return given
