"""Searching prompts, templates and families: the user's filter made exact, pages, honesty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from promptuary.domain.errors import InvalidInput
from promptuary.domain.filters import AllOf, AnyOf, Eq, Filter, Not, OneOf
from promptuary.domain.found import Found, ids_of
from promptuary.domain.pages import each_page, offset_of
from promptuary.domain.reports import SearchAnswer
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.retrieval.hybrid import Mode, SearchRequest, search
from promptuary.retrieval.sides import Side, Sides, look
from promptuary.retrieval.thesaurus import Thesaurus

Kind: TypeAlias = Literal["prompt", "template", "family", "passage", "library"]
DEEPEST = 1_000
"""How far pages go: ranking is a matter of the best, a listing walks everything."""
BOOSTS = {"title": 2.0, "text": 1.0, "values": 0.5}
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for. `cursor` comes from the page before."""

    text: str
    kinds: Sequence[Kind]
    collection: str | None = None
    where: Filter | None = None
    mode: Mode = "hybrid"
    facets: Sequence[str] = ()
    cursor: str | None = None
    limit: int = 10
    phrase: bool = False
    prefix: bool = False
    typos: bool = True


@dataclass(frozen=True, slots=True)
class Searching:
    """The parts that searching needs. While the embedder is away `sides` say what stands in for
    it, and the answer says so. With a `thesaurus` words of nearly the same meaning count."""

    record: UnitOfWork
    sides: Sides
    clock: Clock
    thesaurus: Thesaurus | None = None


async def find(parts: Searching, query: Query, *, partial: str | None) -> SearchAnswer:
    """A page of hits with reasons; `partial` is passed on to say why answers may be incomplete."""
    started = parts.clock.monotonic()
    offset = offset_of(query.cursor, DEEPEST)
    if not 1 <= query.limit <= 100:
        raise InvalidInput("limit must be between 1 and 100", fields={"limit": "1 to 100"})
    where = await _where(parts.record, query)
    request = SearchRequest(
        text=query.text,
        mode=query.mode,
        where=where,
        offset=offset,
        limit=query.limit + 1,
        boosts=BOOSTS,
        phrase=query.phrase,
        prefix=query.prefix,
        typos=query.typos,
    )

    async def ask(side: Side, mode: Mode) -> list[Found]:
        asked = replace(request, mode=mode)
        return await search(side.index, side.embedder, asked, thesaurus=parts.thesaurus)

    looked = await look(parts.sides, query.mode, ask, key=query.text, ids=ids_of)
    hits, index = looked.found, looked.side.index
    more = len(hits) > query.limit and offset + query.limit < DEEPEST
    return SearchAnswer(
        hits=tuple(hits[: query.limit]),
        next_cursor=str(offset + query.limit) if more else None,
        facets={name: await index.facets(name, where=where) for name in query.facets},
        partial=partial or looked.caveat,
        took_ms=(parts.clock.monotonic() - started) * 1_000,
    )


async def _where(record: UnitOfWork, query: Query) -> Filter:
    parts: list[Filter] = [OneOf("kind", tuple(query.kinds))]
    if query.collection is not None:
        parts.append(Eq("collection", query.collection))
    if query.where is not None:
        parts.append(await _with_families(record, query.where))
    return AllOf(tuple(parts))


async def _with_families(record: UnitOfWork, where: Filter) -> Filter:
    """A prompt's family is its template's, and that may change: `family = F` becomes F's templates.

    So no regrouping has to touch the entries of all the prompts that it concerns.
    """
    match where:
        case Eq("family", family):
            return AnyOf((where, OneOf("lineage", await _lineages(record, str(family)))))
        case OneOf("family", families):
            return AnyOf(tuple([await _with_families(record, Eq("family", f)) for f in families]))
        case AllOf(parts):
            return AllOf(tuple([await _with_families(record, part) for part in parts]))
        case AnyOf(parts):
            return AnyOf(tuple([await _with_families(record, part) for part in parts]))
        case Not(part):
            return Not(await _with_families(record, part))
        case _:
            return where


async def _lineages(record: UnitOfWork, family_id: str) -> tuple[str, ...]:
    async with record.read() as tx:
        pages = each_page(lambda at: tx.templates.list(family_id=family_id, cursor=at, limit=PAGE))
        return tuple([lineage.id async for page in pages for lineage in page.items])
