"""Searching the library: words, meaning or both, under filters, and what is like a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias

from promptuary.domain.errors import InvalidInput, Unavailable
from promptuary.domain.filters import AllOf, Between, Eq, Filter, Not
from promptuary.domain.found import Found, ids_of
from promptuary.domain.library import Domain, Expertise
from promptuary.domain.pages import offset_of
from promptuary.domain.reports import SearchAnswer
from promptuary.library.changing import Opened
from promptuary.retrieval.hybrid import Mode, SearchRequest, search
from promptuary.retrieval.kept import BOOSTS, KIND, text_of
from promptuary.retrieval.sides import Side, look

Sorting: TypeAlias = Literal["relevance", "newest", "updated", "rating", "slug"]
DEEPEST: Final = 1_000
"""How far pages go, and how many of the best another order than relevance puts in order."""
LONGEST_LIKENESS: Final = 600
"""Characters of a prompt that others are compared with."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for, and which page of it."""

    text: str
    where: Filter
    mode: Mode
    sort: Sorting
    cursor: str | None
    limit: int
    facets: Sequence[str] = ()
    phrase: bool = False
    prefix: bool = False
    typos: bool = True


async def find(
    self: Opened,
    query: str,
    *,
    mode: Mode = "hybrid",
    domain: Domain | None = None,
    expertise: Expertise | None = None,
    tags: Sequence[str] = (),
    folder: str | None = None,
    created_after: datetime | None = None,
    min_rating: float | None = None,
    archived: bool | None = False,
    where: Filter | None = None,
    facets: Sequence[str] = (),
    sort: Sorting = "relevance",
    cursor: str | None = None,
    limit: int = 10,
    phrase: bool = False,
    prefix: bool = False,
    typos: bool = True,
    tenant: str = "",
) -> SearchAnswer:
    """Kept prompts by words, by meaning or by both, best first; each hit says why it was found.

    Every filter that is given must hold: all of the `tags`, the `folder` or one inside it, and
    `where` for the rest. `sort` orders the thousand best. What finds nothing is noted, unless the
    last word is still being typed (`prefix`). Raises InvalidInput, Unavailable.
    """
    wanted = [
        _eq("domain", domain),
        _eq("expertise", expertise),
        *(Eq("tags", tag) for tag in tags),
        _eq("folders", folder),
        _eq("archived", archived),
        created_after and Between("created", low=created_after.timestamp()),
        Between("rating", low=min_rating) if min_rating is not None else None,
        where,
    ]
    holds = (Eq("kind", KIND), Eq("tenant", tenant), *(each for each in wanted if each))
    sought = Sought(
        query, AllOf(holds), mode, sort, cursor, limit, tuple(facets), phrase, prefix, typos
    )
    answer = await found(self, sought)
    if not prefix and cursor is None and _missed(answer, mode) and query.strip():
        async with self._record.begin() as tx:
            await tx.library.missed(query.strip(), self._clock.now(), tenant)
    return answer


async def similar(
    self: Opened, slug: str, *, limit: int = 10, cursor: str | None = None, tenant: str = ""
) -> SearchAnswer:
    """Prompts like this one, the nearest first. Raises NotFound, Unavailable."""
    async with self._record.read() as tx:
        prompt = await tx.library.get(slug, tenant)
        version = await tx.library.version(prompt.id, prompt.latest)
    others = AllOf((
        Eq("kind", KIND), Eq("tenant", tenant), Eq("archived", False), Not(Eq("slug", slug)),
    ))  # fmt: skip
    text = f"{prompt.about.title}\n{text_of(version.content)}"[:LONGEST_LIKENESS]
    return await found(self, Sought(text, others, "hybrid", "relevance", cursor, limit))


async def found(self: Opened, sought: Sought) -> SearchAnswer:
    """What the index finds. Raises InvalidInput, Unavailable."""
    finding = self._finding
    if finding is None:
        raise Unavailable("this library has no index to search in")
    if not 1 <= sought.limit <= 100:
        raise InvalidInput("limit must be between 1 and 100", fields={"limit": "1 to 100"})
    offset = offset_of(sought.cursor, DEEPEST)
    started = self._clock.monotonic()
    partial = await finding.behind()
    request = _request(sought, offset)

    async def ask(side: Side, mode: Mode) -> list[Found]:
        asked = replace(request, mode=mode)
        return await search(side.index, side.embedder, asked, thesaurus=finding.thesaurus)

    looked = await look(finding.sides, sought.mode, ask, key=sought.text, ids=ids_of)
    hits = _sorted(looked.found, sought.sort, offset)
    index = looked.side.index
    more = len(hits) > sought.limit and offset + sought.limit < DEEPEST
    return SearchAnswer(
        hits=tuple(hits[: sought.limit]),
        next_cursor=str(offset + sought.limit) if more else None,
        facets={name: await index.facets(name, where=sought.where) for name in sought.facets},
        partial=partial or looked.caveat,
        took_ms=(self._clock.monotonic() - started) * 1_000,
    )


def _request(sought: Sought, offset: int) -> SearchRequest:
    by_relevance = sought.sort == "relevance"
    return SearchRequest(
        text=sought.text,
        mode=sought.mode,
        where=sought.where,
        offset=offset if by_relevance else 0,
        limit=sought.limit + 1 if by_relevance else DEEPEST,
        boosts=BOOSTS,
        phrase=sought.phrase,
        prefix=sought.prefix,
        typos=sought.typos,
    )


def _sorted(hits: Sequence[Found], sort: Sorting, offset: int) -> Sequence[Found]:
    """The hits from the offset on, in that order."""
    if sort == "relevance":
        return hits
    if sort == "slug":
        return sorted(hits, key=lambda hit: str(hit.payload["slug"]))[offset:]
    field = {"newest": "created", "updated": "updated", "rating": "rating"}[sort]
    return sorted(hits, key=lambda hit: (-_number(hit, field), str(hit.payload["slug"])))[offset:]


def _number(hit: Found, field: str) -> float:
    value = hit.payload.get(field, 0)
    return value if isinstance(value, int | float) else 0.0


def _missed(answer: SearchAnswer, mode: Mode) -> bool:
    """Whether nothing was found; meaning finds something near to anything, so words must."""
    if mode == "meaning":
        return not answer.hits
    return not any(hit.highlights for hit in answer.hits)


def _eq(field: str, value: str | bool | None) -> Filter | None:
    return None if value is None else Eq(field, value)
