"""Questions to an open store. Synchronous; one caller at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from uuid import UUID

from qdrant_edge import (
    FacetRequest,
    FieldCondition,
    HasIdCondition,
    Query,
    QueryBatchRequest,
    QueryRequest,
    ScoredPoint,
    SparseVector,
)
from qdrant_edge import Filter as Conditions

from promptuary.adapters.indexes._shared.facts import EXACT, fact, number_key, value_of
from promptuary.adapters.indexes.edge.engine import engine_errors
from promptuary.adapters.indexes.edge.filters import (
    FACTS,
    Knowledge,
    has_fact,
    has_number,
    numeric,
    translate,
)
from promptuary.adapters.indexes.edge.points import (
    ID,
    KEPT,
    MEANING,
    WORDS,
    point_id,
    to_id,
    to_payload,
    to_texts,
)
from promptuary.adapters.indexes.edge.store import BATCH, Store
from promptuary.domain.filters import Between, Eq, Filter, matches
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Vectors
from promptuary.ports.index import WordQuery
from promptuary.retrieval.checks import countable, ranked_facets
from promptuary.retrieval.lexicon import PHRASE_CANDIDATES, Meant, Phrase

_COUNTED_SINGLY = 32


def get(store: Store, ids: Sequence[str]) -> list[Entry]:
    """The entries that exist, in the order asked."""
    entries = store.get(dict.fromkeys(ids))
    return [entries[key] for key in ids if key in entries]


def count(store: Store, where: Filter | None) -> int:
    """How many entries match."""
    return store.engine.count(_conditions(store, where))


def list_ids(store: Store, after: str | None, limit: int, where: Filter | None) -> list[str]:
    """Ids in ascending order after `after`."""
    ids = store.ids()
    start = 0 if after is None else bisect_right(ids, after)
    if where is None:
        return ids[start : start + max(0, limit)]
    return list(islice(_matching(store, ids, start, where), max(0, limit)))


def nearest(store: Store, queries: Vectors, limit: int, where: Filter | None) -> list[list[Hit]]:
    """The entries whose vectors are nearest to each row; none for a row of zeros."""
    conditions = _conditions(store, where)
    asked = [at for at, query in enumerate(queries) if query.any()]
    found: list[list[Hit]] = [[] for _ in queries]
    if limit > 0 and asked:
        vectors = [queries[at].tolist() for at in asked]
        meet = store.entries if conditions is None else store.engine.estimate(conditions)
        if conditions is not None and meet * 3 > store.entries * 2:
            # As many as should do, and some more: the engine's estimate is rough.
            deep = limit * store.entries * 11 // (10 * meet) + 10
            answers = _nearest_of_most(store, vectors, limit, deep, conditions)
        else:
            answers = _nearest(store, vectors, limit, [conditions] * len(vectors))
        for at, points in zip(asked, answers, strict=True):
            found[at] = _ordered([Hit(to_id(p), min(1.0, max(-1.0, p.score))) for p in points])
    return found


def _nearest_of_most(
    store: Store, vectors: list[list[float]], limit: int, deep: int, conditions: Conditions
) -> list[list[ScoredPoint]]:
    """The same under conditions that most entries meet: those of the `deep` nearest that meet them.

    The engine looks at the conditions of every entry, which takes longer than comparing vectors.
    Where too few of the nearest meet them, the engine is asked after all.
    """
    whole = _nearest(store, vectors, deep, [None] * len(vectors), payload=[])
    within = [_both(HasIdCondition({p.id for p in points}), conditions) for points in whole]
    answers = _nearest(store, vectors, limit, within)
    lacking = [
        at for at, points in enumerate(answers) if len(points) < limit and len(whole[at]) == deep
    ]
    again = [vectors[at] for at in lacking]
    for at, points in zip(
        lacking, _nearest(store, again, limit, [conditions] * len(again)), strict=True
    ):
        answers[at] = points
    return answers


def _nearest(
    store: Store,
    vectors: list[list[float]],
    limit: int,
    conditions: Sequence[Conditions | None],
    payload: Sequence[str] = (ID,),
) -> list[list[ScoredPoint]]:
    """What the engine finds for each vector under its conditions."""
    if not vectors:
        return []
    requests = [
        QueryRequest(
            limit=limit,
            query=Query.Nearest(vector, using=MEANING),
            filter=each,
            with_payload=list(payload) or False,
        )
        for vector, each in zip(vectors, conditions, strict=True)
    ]
    with engine_errors():
        return store.engine.shard.query_batch(QueryBatchRequest(requests))


def search_words(store: Store, query: WordQuery, limit: int, where: Filter | None) -> list[Hit]:
    """The entries in which one of the words stands; with `phrase`, all of them in a row."""
    lexicon = store.ledger.lexicon
    meant = lexicon.meant(query)
    weights = lexicon.ask(meant, query.boosts)
    if not weights or limit <= 0 or (query.phrase and not all(word.terms for word in meant)):
        return []
    asked = SparseVector(list(weights), list(weights.values()))
    conditions = _conditions(store, where)
    if query.phrase:
        return _phrase(store, asked, conditions, meant, query, limit)
    points = _by_words(store, asked, conditions, limit, 0, [ID])
    return _ordered([Hit(to_id(point), point.score) for point in points])


def facets(
    store: Store, field: str, limit: int, where: Filter | None
) -> dict[str | bool | int, int]:
    """Strings and booleans are counted by the engine, numbers by reading them."""
    conditions = _conditions(store, where)
    ledger = store.ledger
    start = fact(field)[:-1] + ", "
    values = {
        number: value
        for number, said in enumerate(ledger.facts)
        if said.startswith(start) and (value := value_of(said)) is not None
    }
    counts: Counter[tuple[str, str | bool | int]] = Counter()
    for number, count in _count_facts(store, list(values), conditions):
        counts[type(values[number]).__name__, values[number]] = count
    if numeric(field) in ledger.numbers:
        counts.update(_count_numbers(store, field, conditions))
    return ranked_facets(counts, limit)


def _count_facts(
    store: Store, numbers: list[int], conditions: Conditions | None
) -> Iterator[tuple[int, int]]:
    """In how many entries each of these facts stands, where that is any. The engine counts all
    facts of all fields at once, so a few are quicker counted one by one."""
    if len(numbers) <= _COUNTED_SINGLY:
        for number in numbers:
            if count := store.engine.count(_both(has_fact(number), conditions)):
                yield number, count
        return
    wanted = set(numbers)
    request = FacetRequest(FACTS, limit=len(store.ledger.facts), exact=True, filter=conditions)
    with engine_errors():
        hits = store.engine.shard.facet(request).hits
    yield from ((int(hit.value), hit.count) for hit in hits if int(hit.value) in wanted)


def _count_numbers(
    store: Store, field: str, conditions: Conditions | None
) -> Counter[tuple[str, str | bool | int]]:
    key = number_key(field)
    counts: Counter[tuple[str, str | bool | int]] = Counter()
    inexact = []
    for record in store.engine.scroll(_both(has_number(field), conditions), key):
        value = (record.payload or {})[key]
        if abs(value) < EXACT:
            counts.update(("int", whole) for whole in countable(float(value)))
        else:
            inexact.append(UUID(str(record.id)))
    for record in store.engine.retrieve(inexact, payload=[KEPT], vectors=[]) if inexact else ():
        exactly = to_payload(record).get(field, ())
        counts.update(("int", whole) for whole in countable(exactly))
    return counts


def _phrase(
    store: Store,
    asked: SparseVector,
    conditions: Conditions | None,
    meant: Sequence[Meant],
    query: WordQuery,
    limit: int,
) -> list[Hit]:
    """Read what the words find, best first, until enough of it has them in a row."""
    conditions = _narrowed(store, conditions, meant, query)
    phrase = Phrase(meant)
    hits: list[Hit] = []
    offset, size = 0, max(100, 2 * limit)
    while len(hits) < limit and offset < PHRASE_CANDIDATES:
        points = _by_words(store, asked, conditions, size, offset, [ID, KEPT])
        hits += [
            Hit(to_id(point), point.score)
            for point in points
            if phrase.stands_in(to_texts(point), query.boosts)
        ]
        if len(points) < size:
            break
        offset, size = offset + size, size * 2
    return _ordered(hits)[:limit]


def _narrowed(
    store: Store, conditions: Conditions | None, meant: Sequence[Meant], query: WordQuery
) -> Conditions | None:
    """The conditions, and that the rarer words stand in the entry."""
    lexicon = store.ledger.lexicon
    for word in sorted(meant, key=lexicon.standing)[:3]:
        if lexicon.standing(word) > PHRASE_CANDIDATES:
            break
        weights = lexicon.ask([word], query.boosts)
        asked = SparseVector(list(weights), list(weights.values()))
        points = _by_words(store, asked, conditions, PHRASE_CANDIDATES, 0, [])
        conditions = Conditions(must=[HasIdCondition({point.id for point in points})])
        if len(points) <= BATCH:
            break
    return conditions


def _by_words(
    store: Store,
    asked: SparseVector,
    conditions: Conditions | None,
    limit: int,
    offset: int,
    payload: list[str],
) -> list[ScoredPoint]:
    request = QueryRequest(
        limit=limit,
        offset=offset,
        query=Query.Nearest(asked, using=WORDS),
        filter=conditions,
        with_payload=payload or False,
    )
    with engine_errors():
        return store.engine.shard.query(request)


def _both(condition: FieldCondition | HasIdCondition, others: Conditions | None) -> Conditions:
    return Conditions(must=[condition, others] if others else [condition])


def _ordered(hits: list[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.id))


def _conditions(store: Store, where: Filter | None) -> Conditions | None:
    if where is None:
        return None
    knowledge = Knowledge(
        known=store.ledger.numbers,
        evaluate=lambda leaf: _evaluate(store, leaf),
        is_broad=lambda condition: (
            store.engine.estimate(Conditions(must=[condition])) * 3 > store.entries
        ),
    )
    return translate(where, knowledge)


def _evaluate(store: Store, leaf: Filter) -> set[UUID]:
    """The entries for which a condition on a number holds that the engine cannot tell."""
    if not isinstance(leaf, Eq | Between) or fact(leaf.field) not in store.ledger.numbers:
        return set()
    there = Conditions(must=[has_fact(store.ledger.numbers[fact(leaf.field)])])
    return {
        UUID(str(record.id))
        for record in store.engine.scroll(there)
        if matches(leaf, to_payload(record))
    }


def _matching(store: Store, ids: list[str], start: int, where: Filter) -> Iterator[str]:
    """The ids from a place on that match, asked for in batches."""
    conditions = _conditions(store, where)
    while batch := ids[start : start + BATCH]:
        points = {point_id(key): key for key in batch}
        both = _both(HasIdCondition(set(points)), conditions)
        found = {UUID(str(record.id)) for record in store.engine.scroll(both, ID)}
        yield from (key for point, key in points.items() if point in found)
        start += BATCH
