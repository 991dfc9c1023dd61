"""The path of a search: words and meaning, fused; each hit with highlights and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from promptuary.domain.filters import Filter
from promptuary.domain.found import Entry, Found, Hit
from promptuary.ports.embedder import Embedder
from promptuary.ports.index import Index, WordQuery
from promptuary.retrieval.fusion import Fused, fuse
from promptuary.retrieval.highlight import Match, find, fragments

Mode: TypeAlias = Literal["hybrid", "words", "meaning"]

DEPTH = 100
"""Each ranker is asked for as many hits, or for a power of two times as many for later pages."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What to look for, and which part of the answer to give; see WordQuery for the words."""

    text: str
    mode: Mode = "hybrid"
    where: Filter | None = None
    boosts: Mapping[str, float] = field(default_factory=dict)
    phrase: bool = False
    prefix: bool = False
    typos: bool = True
    offset: int = 0
    limit: int = 10

    @property
    def words(self) -> WordQuery:
        """The part of it that is about words."""
        return WordQuery(
            self.text,
            boosts=self.boosts,
            phrase=self.phrase,
            prefix=self.prefix,
            typos=self.typos,
        )


async def search(index: Index, embedder: Embedder, request: SearchRequest) -> list[Found]:
    """The hits from `offset` on, at most `limit`, best first.

    A `phrase` is a condition, so meaning then only orders what words found; what has nothing in
    common with the query (a cosine of 0 or less) is not found by meaning. Scores are those of
    `fusion.fuse`, in (0, 1]; each ranker's own stands in the reasons. Raises what the index and
    the embedder raise.
    """
    rankings = await _rank(index, embedder, request)
    wanted = fuse(rankings)[request.offset : request.offset + request.limit]
    entries = {entry.id: entry for entry in await index.get([one.id for one in wanted])}
    return [_found(entries[one.id], one, request) for one in wanted if one.id in entries]


async def _rank(index: Index, embedder: Embedder, request: SearchRequest) -> dict[str, list[Hit]]:
    depth = DEPTH
    while depth < request.offset + request.limit:
        depth *= 2
    rankings: dict[str, list[Hit]] = {}
    if request.mode != "meaning":
        rankings["words"] = await index.search_words(
            request.words, limit=depth, where=request.where
        )
    if request.mode != "words":
        vectors = await embedder.embed([request.text], purpose="query")
        (near,) = await index.search_vectors(vectors, limit=depth, where=request.where)
        rankings["meaning"] = [hit for hit in near if hit.score > 0]
    if request.phrase and request.mode == "hybrid":
        standing = {hit.id for hit in rankings["words"]}
        rankings["meaning"] = [hit for hit in rankings["meaning"] if hit.id in standing]
    return rankings


def _found(entry: Entry, fused: Fused, request: SearchRequest) -> Found:
    matches = {
        name: found
        for name, text in entry.texts.items()
        if request.mode != "meaning"
        and request.boosts.get(name, 1.0) > 0
        and (found := find(text, request.words))
    }
    return Found(
        id=entry.id,
        score=fused.score,
        payload=entry.payload,
        texts=entry.texts,
        highlights={name: fragments(entry.texts[name], found) for name, found in matches.items()},
        reasons=tuple(_reasons(fused, matches)),
    )


def _reasons(fused: Fused, matches: Mapping[str, list[Match]]) -> list[str]:
    """What each ranker said, for a person to read."""
    reasons = []
    if said := fused.standings.get("words"):
        where = "; ".join(f"{_quoted(found)} in {name}" for name, found in matches.items())
        reasons.append(f"words: {where} (BM25 {said.score:.1f}, rank {said.rank})")
    if said := fused.standings.get("meaning"):
        reasons.append(f"meaning: cosine {said.score:.2f}, rank {said.rank}")
    return reasons


def _quoted(matches: list[Match]) -> str:
    """The matched terms, each once; one that is not what was typed says for what it stands."""
    named = dict.fromkeys(
        f"'{match.word.term}'" + ("" if match.how == "exact" else f" for '{match.typed}'")
        for match in matches
    )
    return ", ".join(named)
