"""The index: what the port asks for, in the engine's requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import anyio

from promptuary.adapters.indexes._lucene import (
    filters,
    generations,
    lexicons,
    opening,
    words,
    writing,
)
from promptuary.adapters.indexes._lucene.dialect import Dialect, Nearest
from promptuary.adapters.indexes._lucene.documents import (
    KEPT,
    KEY,
    MEANING,
    VECTOR,
    document_id,
    from_document,
    id_of,
    numbers,
    sort_key,
    to_document,
)
from promptuary.adapters.indexes._lucene.wire import Engine, Json, refused
from promptuary.domain.errors import InvalidInput, NotFound, PromptuaryError, Unavailable
from promptuary.domain.filters import Filter
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Space, Vectors
from promptuary.ports.index import Generation, Index, IndexHealth, KnownWord, WordQuery
from promptuary.retrieval.checks import check_rows, checked_entries, countable, ranked_facets
from promptuary.retrieval.lexicon import Lexicon

_PAGE = 5_000
_MGET = 500
_UNREAD: Json = {"stored_fields": "_none_", "track_total_hits": False}
"""What a hit is sorted by says all that is asked of it: no document need be read for its id."""


class LuceneIndex:
    """An index on Elasticsearch or OpenSearch. What is put can be found when `put` returns."""

    def __init__(self, engine: Engine, dialect: Dialect, space: Space, name: str) -> None:
        """Take over an index that `opening` opened; `name` is its alias, or the engine's own name
        of one that does not serve yet."""
        self._engine = engine
        self._dialect = dialect
        self._space = space
        self._name = name
        self._written = ""
        self._counted = lexicons.Counted()
        self._open = True
        self._last = IndexHealth("ok", 0, 0)
        self._entries: int | None = None

    @property
    def space(self) -> Space:
        """The space that stands in the index."""
        return self._space

    async def put(self, entries: Sequence[Entry]) -> None:
        """As the port says."""
        self._check_open()
        checked = checked_entries(entries, self._space)
        native = self._engine.address.native
        documents = [(document_id(e.id), to_document(e, native=native)) for e in checked]
        self._check_fields(checked)
        with anyio.CancelScope(shield=True):
            self._written = await writing.index(self._engine, self._name, documents)
        self._entries = None

    async def get(self, ids: Sequence[str]) -> list[Entry]:
        """As the port says."""
        self._check_open()
        found: dict[str, Entry] = {}
        wanted = list(dict.fromkeys(ids))
        path = f"/{self._name}/_mget?_source={KEPT},{VECTOR}"
        for start in range(0, len(wanted), _MGET):
            asked = {"ids": [document_id(key) for key in wanted[start : start + _MGET]]}
            for told in (await self._engine.ask("POST", path, asked))["docs"]:
                if error := told.get("error"):
                    raise refused(503, error, f"a read from {self._name}")
                if told.get("found"):
                    entry = from_document(told["_source"])
                    found[entry.id] = entry
        return [found[key] for key in ids if key in found]

    async def remove(self, ids: Sequence[str]) -> int:
        """As the port says."""
        self._check_open()
        with anyio.CancelScope(shield=True):
            doomed = [document_id(key) for key in ids]
            removed = await writing.delete(self._engine, self._name, doomed)
        self._entries = None
        return removed

    async def clear(self) -> None:
        """As the port says: another index takes over, with nothing in it."""
        self._check_open()
        with anyio.CancelScope(shield=True):
            state = await writing.read_state(self._engine, self._name)
            expected = max(state.get("expected", 0), state.get("watermark", 0))
            old = await opening.standing(self._engine)
            new = await opening.make_next(self._engine, self._dialect, self._space)
            await writing.keep_state(self._engine, new, watermark=0, expected=expected)
            await opening.take_over(self._engine, new, old, remove=True)
        self._entries, self._written = None, ""

    async def stage(self) -> LuceneIndex:
        """As the ability says."""
        self._check_open()
        await generations.forget_others(self._engine)
        new = await opening.make_next(self._engine, self._dialect, self._space)
        return LuceneIndex(Engine(self._engine.address), self._dialect, self._space, new)

    async def publish(self, staged: Index) -> None:
        """As the ability says."""
        self._check_open()
        if not isinstance(staged, LuceneIndex) or staged._name == self._name:
            raise InvalidInput("only what was staged here can take over")
        await self.serve(staged._name)

    async def generations(self) -> list[Generation]:
        """As the ability says."""
        self._check_open()
        return await generations.known(self._engine)

    async def serve(self, name: str) -> None:
        """As the ability says."""
        self._check_open()
        if name not in {each.name for each in await generations.known(self._engine)}:
            raise NotFound("generation of the index", name)
        with anyio.CancelScope(shield=True):
            old = await opening.standing(self._engine)
            if old != name:
                await opening.take_over(self._engine, name, old, remove=False)
        self._entries, self._written = None, ""

    async def count(self, where: Filter | None = None) -> int:
        """As the port says."""
        self._check_open()
        body = {"query": _entries(filters.translate(where))}
        return int((await self._engine.ask("POST", f"/{self._name}/_count", body))["count"])

    async def list_ids(
        self, *, after: str | None = None, limit: int = 100, where: Filter | None = None
    ) -> list[str]:
        """As the port says."""
        self._check_open()
        found: list[str] = []
        query = _entries(filters.translate(where))
        while (wanted := min(_PAGE, limit - len(found))) > 0:
            body: Json = {"query": query, "size": wanted, "sort": [KEY], **_UNREAD}
            if (last := found[-1] if found else after) is not None:
                body["search_after"] = [sort_key(last)]
            (told,) = await self._engine.search(self._name, [body])
            page = [id_of(hit["sort"][0]) for hit in told["hits"]["hits"]]
            found += page
            if len(page) < wanted:
                break
        return found

    async def search_vectors(
        self, queries: Vectors, *, limit: int, where: Filter | None = None
    ) -> list[list[Hit]]:
        """As the port says up to `exact` entries; beyond, what the graph of vectors finds."""
        self._check_open()
        check_rows(queries, self._space)
        answers: list[list[Hit]] = [[] for _ in queries]
        meant = [at for at, row in enumerate(queries) if limit > 0 and row.any()]
        if not meant:
            return answers
        exactly = await self._is_small() or limit > _PAGE
        allowed = {"bool": {"filter": [filters.translate(where), {"exists": {"field": MEANING}}]}}
        searches = []
        for at in meant:
            wanted = Nearest(numbers(queries[at]), min(limit, 10_000), allowed)
            searches.append(self._by_meaning(wanted, exactly=exactly))
        base, scale = (1.0, 1.0) if exactly else (1.0, 2.0)
        for at, told in zip(meant, await self._engine.search(self._name, searches), strict=True):
            hits = told["hits"]["hits"]
            scored = [(id_of(hit["sort"][1]), scale * hit["_score"] - base) for hit in hits]
            answers[at] = [Hit(key, min(1.0, max(-1.0, score))) for key, score in scored]
        return answers

    async def search_words(
        self, query: WordQuery, *, limit: int, where: Filter | None = None
    ) -> list[Hit]:
        """As the port says."""
        self._check_open()
        if limit <= 0:
            return []
        allowed = filters.translate(where)
        lexicon = self._counted.lexicon
        search = self._by_words(lexicon, query, limit, allowed)
        replies = await self._engine.search(
            self._name, [lexicons.state_asked(), *([search[0]] if search else [])]
        )
        if self._counted.due(changed := lexicons.state_told(replies[0])):
            await self._counted.count(self._engine, self._name, changed)
            search = self._by_words(self._counted.lexicon, query, limit, allowed)
            replies = [{}, *(await self._engine.search(self._name, [search[0]]) if search else [])]
        if search is None:
            return []
        body, scale = search
        return await self._paged(body, replies[1], scale, limit)

    async def known_words(self, query: WordQuery) -> tuple[KnownWord, ...]:
        """As the port says."""
        self._check_open()
        (told,) = await self._engine.search(self._name, [lexicons.state_asked()])
        await self._counted.count(self._engine, self._name, lexicons.state_told(told))
        return self._counted.lexicon.known(query)

    async def facets(
        self, field: str, *, limit: int = 20, where: Filter | None = None
    ) -> dict[str | bool | int, int]:
        """As the port says."""
        self._check_open()
        key, most = filters.field_key(field), max(1_000, 4 * limit)
        counts: Counter[tuple[str, str | bool | int]] = Counter()
        while True:
            rule: Json = {"field": filters.FACTS, "include": f"{key}[{filters.COUNTED}].*"}
            rule |= {"size": min(most, 60_000), "order": [{"_count": "desc"}, {"_key": "asc"}]}
            body = {"size": 0, "query": _entries(filters.translate(where))}
            body |= {"track_total_hits": False, "aggs": {"facts": {"terms": rule}}}
            (reply,) = await self._engine.search(self._name, [body])
            told = reply["aggregations"]["facts"]
            if told["doc_count_error_upper_bound"] <= 0 or most >= 60_000:
                break
            most *= 8
        for bucket in told["buckets"]:
            value = filters.value_of(bucket["key"][len(key) :])
            if value is None:
                value = await self._long_value(field, bucket["key"])
            counts[type(value).__name__, value] = bucket["doc_count"]
        return ranked_facets(counts, limit)

    async def watermark(self) -> int:
        """As the port says."""
        self._check_open()
        return (await writing.read_state(self._engine, self._name)).get("watermark", 0)

    async def set_watermark(self, position: int) -> None:
        """As the port says."""
        self._check_open()
        # Of the index that was written to: another may have taken over meanwhile.
        await writing.keep_state(self._engine, self._written or self._name, watermark=position)

    async def expect(self, position: int) -> None:
        """As the port says."""
        self._check_open()
        await writing.raise_state(self._engine, self._name, "expected", position)

    async def health(self) -> IndexHealth:
        """As the port says; while the engine is away, what was true last and why it is not sure."""
        if not self._open:
            return replace(self._last, detail="closed")
        try:
            state = await writing.read_state(self._engine, self._name)
            entries = await self.count()
        except PromptuaryError as error:
            return replace(self._last, state="rebuilding", detail=f"away: {error}")
        watermark, expected = state.get("watermark", 0), state.get("expected", 0)
        behind = watermark < expected
        detail = f"entries are missing up to change {expected}" if behind else ""
        known = IndexHealth("rebuilding" if behind else "ok", entries, watermark, detail, expected)
        self._last = known
        return known

    async def place(self) -> str:
        """As the port says: the cluster's own id, and the alias there."""
        self._check_open()
        told = await self._engine.ask("GET", "/")
        address = self._engine.address
        return f"{told.get('cluster_uuid', address.base)}/{address.index}"[:255]

    async def aclose(self) -> None:
        """As the port says; nothing is held back here, so there is nothing to flush."""
        if self._open:
            self._open = False
            await self._engine.aclose()

    def _check_open(self) -> None:
        if not self._open:
            raise Unavailable("this index is closed")

    def _check_fields(self, entries: Sequence[Entry]) -> None:
        """Raises InvalidInput past the number of text fields that an index may have."""
        known = Lexicon()
        known.learn([], [*self._counted.lexicon.fields, *(f for e in entries for f in e.texts)])

    async def _is_small(self) -> bool:
        """Whether every vector is compared. Asked once after a write of one's own."""
        if self._entries is None:
            self._entries = await self.count()
        return self._entries <= self._engine.address.exact

    def _by_meaning(self, wanted: Nearest, *, exactly: bool) -> Json:
        quantized = self._engine.address.quantized
        query = (
            self._dialect.compared(wanted)
            if exactly
            else self._dialect.nearest(wanted, quantized=quantized)
        )
        return _page(query, wanted.limit)

    def _by_words(
        self, lexicon: Lexicon, query: WordQuery, limit: int, allowed: Json
    ) -> tuple[Json, float] | None:
        """The search and what its scores are to be multiplied with; None if nothing is found."""
        meant = lexicon.meant(query)
        weights, scale = words.asked(lexicon, meant, query.boosts)
        if not weights:
            return None
        rules = [allowed]
        if query.phrase:
            if not all(word.terms for word in meant):
                return None
            rules.append(words.side_by_side(lexicon, meant, query.boosts))
        found = {"bool": {"must": [self._dialect.by_words(weights)], "filter": rules}}
        return _page(found, min(limit, _PAGE)), scale

    async def _paged(self, body: Json, told: Json, scale: float, limit: int) -> list[Hit]:
        """The hits of a first page, and of as many more as it takes."""
        found = _hits(told, scale)
        while len(found) < limit and len(told["hits"]["hits"]) == body["size"]:
            last = told["hits"]["hits"][-1]["sort"]
            (told,) = await self._engine.search(self._name, [{**body, "search_after": last}])
            found += _hits(told, scale)
        return found[:limit]

    async def _long_value(self, field: str, told: str) -> str | bool | int:
        """The value of a fact that is too long to stand in the engine, from an entry that has
        it."""
        query = {"term": {filters.FACTS: told}}
        body = {"query": query, "size": 1, "_source": [KEPT]}
        (reply,) = await self._engine.search(self._name, [body])
        key = filters.field_key(field)
        for hit in reply["hits"]["hits"]:
            for value in countable(from_document(hit["_source"]).payload.get(field, ())):
                if filters.fact(key, value) == told:
                    return value
        return ""


def _entries(where: Json) -> Json:
    """The entries that a filter admits: not every document is one."""
    return {"bool": {"filter": [where, {"exists": {"field": KEY}}]}}


def _page(query: Json, limit: int) -> Json:
    return {
        "query": query,
        "size": limit,
        "sort": ["_score", KEY],
        **_UNREAD,
    }


def _hits(told: Mapping[str, Any], scale: float) -> list[Hit]:
    return [Hit(id_of(hit["sort"][1]), hit["_score"] * scale) for hit in told["hits"]["hits"]]
