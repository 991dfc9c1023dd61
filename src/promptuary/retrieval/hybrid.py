"""The path of a search: candidates by words and by meaning, ranked by what stands in them.

Each ranker of the index names its best. What stands in the best CANDIDATES of each is looked at
(`features.py`) and decides their order (`blending.py`); everything else follows as the rankers have
it (`fusion.py`). Where one ranker alone is asked, or none has a question, its order is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, TypeAlias

import numpy as np
from anyio import to_thread

from promptuary.domain.filters import Filter
from promptuary.domain.found import Entry, Found, Hit
from promptuary.domain.vectors import Vectors
from promptuary.ports.embedder import Embedder
from promptuary.ports.index import Index, WordQuery
from promptuary.retrieval.blending import Weights, blend, learnt
from promptuary.retrieval.features import Candidate, Features, features
from promptuary.retrieval.function_words import content_words
from promptuary.retrieval.fusion import Standing, fuse
from promptuary.retrieval.highlight import Finder, Match, fragments
from promptuary.retrieval.questions import Question, read_question
from promptuary.retrieval.quoting import quoted
from promptuary.retrieval.thesaurus import Thesaurus
from promptuary.retrieval.words import terms

Mode: TypeAlias = Literal["hybrid", "words", "meaning"]

About: TypeAlias = Literal["documents", "prompts"]
"""Whose weights the ranking takes: questions to documents, or a look for prompts and templates."""

DEPTH = 100
"""Each ranker is asked for as many hits, or for a power of two times as many for later pages."""

CANDIDATES = 30
"""So many of each ranker's best are looked at word by word."""

TABLE = "static:"
"""How the spaces of static tables of words are called."""

TITLE = "title"
"""The text field that names a thing; all others say what it is."""


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
    about: About = "prompts"

    @property
    def words(self) -> WordQuery:
        """The part of it that is about words. Of both rankers together the words that say nothing
        are left to meaning, and the last word may always be unfinished."""
        natural = self.mode == "hybrid" and not self.phrase
        text = " ".join(content_words(terms(self.text))) if natural else self.text
        return WordQuery(
            text,
            boosts=self.boosts,
            phrase=self.phrase,
            prefix=self.prefix or natural,
            typos=self.typos,
            forms=natural,
        )


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry in the order of a search: its score, what each ranker said, and, of candidates, its
    features and itself."""

    id: str
    score: float
    standings: Mapping[str, Standing]
    features: Mapping[str, float] = field(default_factory=dict)
    entry: Entry | None = None


async def search(
    index: Index, embedder: Embedder, request: SearchRequest, *, thesaurus: Thesaurus | None = None
) -> list[Found]:
    """The hits from `offset` on, at most `limit`, best first.

    A `phrase` is a condition, so meaning then only orders what words found; what has nothing in
    common with the query (a cosine of 0 or less) is not found by meaning. A text that is quoted
    whole finds first where it stands word for word. Scores are in (0, 1] and order the hits of this
    search; where no word was found they are no higher than the best cosine, and by meaning alone
    they are cosines. Each ranker's own stands in the reasons. A `thesaurus` lets words of nearly
    the same meaning count. Raises what the index and the embedder raise.
    """
    inside = None if request.phrase or request.mode == "meaning" else quoted(request.text)
    if inside is None:
        ranked = await rank(index, embedder, request, thesaurus=thesaurus)
    else:
        request = replace(request, text=inside)
        ranked = await _phrase_first(index, embedder, request, thesaurus)
    wanted = ranked[request.offset : request.offset + request.limit]
    entries = await entries_of(index, wanted)
    finder = Finder(request.words)
    return [_found(entries[one.id], one, request, finder) for one in wanted if one.id in entries]


async def _phrase_first(
    index: Index, embedder: Embedder, request: SearchRequest, thesaurus: Thesaurus | None
) -> list[Ranked]:
    """What has the words side by side as they are typed, and then everything else."""
    exactly = replace(request, phrase=True, prefix=False, typos=False)
    first = await rank(index, embedder, exactly, thesaurus=thesaurus)
    others = await rank(index, embedder, request, thesaurus=thesaurus)
    standing, least = {one.id for one in first}, first[-1].score if first else 1.0
    return [*first, *(_lower(one, least / 2) for one in others if one.id not in standing)]


def _lower(ranked: Ranked, share: float) -> Ranked:
    # For a hundred entries a search: `replace` takes five times as long.
    lower = ranked.score * share
    return Ranked(ranked.id, lower, ranked.standings, ranked.features, ranked.entry)


async def entries_of(index: Index, ranked: Sequence[Ranked]) -> dict[str, Entry]:
    """The entries by id: candidates have theirs, the others are looked up."""
    entries = {one.id: one.entry for one in ranked if one.entry is not None}
    if missing := [one.id for one in ranked if one.entry is None]:
        entries |= {entry.id: entry for entry in await index.get(missing)}
    return entries


async def rank(
    index: Index, embedder: Embedder, request: SearchRequest, *, thesaurus: Thesaurus | None = None
) -> list[Ranked]:
    """The whole order, as deep as the rankers were asked; see `search`."""
    rankings, asked = await _ask(index, embedder, request)
    fused = fuse(rankings)
    plain = [Ranked(one.id, one.score, one.standings) for one in fused]
    if request.mode == "meaning":
        return [replace(one, score=one.standings["meaning"].score) for one in plain]
    if request.mode == "words" or not plain:
        return plain
    near = {hit.id for hits in rankings.values() for hit in hits[:CANDIDATES]}
    head = {one.id: one for one in plain if one.id in near}
    entries = await index.get(list(head))
    known = await index.known_words(request.words)
    question = read_question(request.text, known, (await index.health()).entries)
    weights = _weights(index, request)
    order = partial(_ordered, request, question, thesaurus, weights, head, entries, asked)
    best = await to_thread.run_sync(order)
    least = best[-1].score if best else 1.0
    ranked = [*best, *(_lower(one, least) for one in plain if one.id not in near)]
    nearest = 1.0 if rankings["words"] else rankings["meaning"][0].score
    return ranked if nearest == 1.0 else [_lower(one, nearest) for one in ranked]


def _ordered(
    request: SearchRequest,
    question: Question,
    thesaurus: Thesaurus | None,
    weights: Weights,
    head: Mapping[str, Ranked],
    entries: Sequence[Entry],
    asked: Vectors,
) -> list[Ranked]:
    """The candidates, best first: milliseconds of computing, for a thread of its own."""
    candidates = [_candidate(entry, request.boosts) for entry in entries]
    found = {**features(question, candidates, thesaurus), **_said(entries, head, asked)}
    scores = blend(found, weights, _rows(entries, asked))
    best = [
        Ranked(e.id, float(score), head[e.id].standings, _row(found, at), e)
        for at, (e, score) in enumerate(zip(entries, scores, strict=True))
    ]
    return sorted(best, key=lambda one: (-one.score, one.id))


def _candidate(entry: Entry, boosts: Mapping[str, float]) -> Candidate:
    said = {name: text for name, text in entry.texts.items() if boosts.get(name, 1.0) > 0}
    title = said.pop(TITLE, "")
    return Candidate(title, "\n".join(said.values()))


def _said(entries: Sequence[Entry], head: Mapping[str, Ranked], asked: Vectors) -> Features:
    """The rankers' own scores; the cosine of what was found by words alone is looked up."""
    words, meaning = [], []
    for entry in entries:
        standings = head[entry.id].standings
        words.append(standings["words"].score if "words" in standings else 0.0)
        if "meaning" in standings:
            meaning.append(standings["meaning"].score)
        else:
            meaning.append(0.0 if entry.vector is None else float(asked @ entry.vector))
    return {
        "words": np.array(words, dtype=np.float32),
        "meaning": np.array(meaning, dtype=np.float32),
    }


def _weights(index: Index, request: SearchRequest) -> Weights:
    """A model that reads whole sentences is worth more than a table of words."""
    sentences = request.about == "documents" and not index.space.name.startswith(TABLE)
    return learnt("documents, sentence model" if sentences else request.about)


def _rows(entries: Sequence[Entry], asked: Vectors) -> Vectors:
    """The candidates' vectors; zeros for what has none."""
    blank = np.zeros_like(asked)
    return np.stack([blank if entry.vector is None else entry.vector for entry in entries])


def _row(found: Features, at: int) -> dict[str, float]:
    return {name: float(values[at]) for name, values in found.items()}


async def _ask(
    index: Index, embedder: Embedder, request: SearchRequest
) -> tuple[dict[str, list[Hit]], Vectors]:
    """Each ranker's hits, and the vector of the text (zeros where meaning is not asked)."""
    depth = DEPTH
    while depth < request.offset + request.limit:
        depth *= 2
    rankings: dict[str, list[Hit]] = {}
    asked = np.zeros(index.space.dimensions, dtype=np.float32)
    if request.mode != "meaning":
        rankings["words"] = await index.search_words(
            request.words, limit=depth, where=request.where
        )
    if request.mode != "words":
        vectors = await embedder.embed([request.text], purpose="query")
        (near,) = await index.search_vectors(vectors, limit=depth, where=request.where)
        rankings["meaning"] = [hit for hit in near if hit.score > 0]
        asked = vectors[0]
    if request.phrase and request.mode == "hybrid":
        standing = {hit.id for hit in rankings["words"]}
        rankings["meaning"] = [hit for hit in rankings["meaning"] if hit.id in standing]
    return rankings, asked


def reasons_of(ranked: Ranked, entry: Entry, request: SearchRequest) -> tuple[str, ...]:
    """Why the entry was found and stands where it does, for a person to read."""
    return tuple(_reasons(ranked, _matches(entry, request, Finder(request.words))))


def _found(entry: Entry, ranked: Ranked, request: SearchRequest, finder: Finder) -> Found:
    matches = _matches(entry, request, finder)
    return Found(
        id=entry.id,
        score=ranked.score,
        payload=entry.payload,
        texts=entry.texts,
        highlights={name: fragments(entry.texts[name], found) for name, found in matches.items()},
        reasons=tuple(_reasons(ranked, matches)),
    )


def _matches(entry: Entry, request: SearchRequest, finder: Finder) -> dict[str, list[Match]]:
    if request.mode == "meaning":
        return {}
    return {
        name: found
        for name, text in entry.texts.items()
        if request.boosts.get(name, 1.0) > 0 and (found := finder.find(text))
    }


def _reasons(ranked: Ranked, matches: Mapping[str, list[Match]]) -> list[str]:
    """What each ranker said, for a person to read."""
    reasons = []
    if said := ranked.standings.get("words"):
        where = "; ".join(f"{_quoted(found)} in {name}" for name, found in matches.items())
        reasons.append(f"words: {where} (BM25 {said.score:.1f}, rank {said.rank})")
    if said := ranked.standings.get("meaning"):
        reasons.append(f"meaning: cosine {said.score:.2f}, rank {said.rank}")
    if ranked.features:
        figures = (f"{name} {value:.2f}" for name, value in ranked.features.items() if value > 0)
        reasons.append(f"together: {', '.join(figures)}")
    return reasons


def _quoted(matches: list[Match]) -> str:
    """The matched terms, each once; one that is not what was typed says for what it stands."""
    named = dict.fromkeys(
        f"'{match.word.term}'" + ("" if match.how == "exact" else f" for '{match.typed}'")
        for match in matches
    )
    return ", ".join(named)
