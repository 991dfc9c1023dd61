"""The path of a question: the collection, its passages, and what they answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from math import log

from promptuary.answering.answer import Answering, Said, Wish, checked, refuse, stream
from promptuary.domain.answers import Answer, Refusal
from promptuary.domain.errors import InvalidInput
from promptuary.domain.filters import AllOf, Eq, Filter
from promptuary.ports.index import Index, WordQuery
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.retrieval.hybrid import (
    Mode,
    Ranked,
    SearchRequest,
    entries_of,
    rank,
    reasons_of,
)
from promptuary.retrieval.passages import BOOSTS, KIND, Retrieved
from promptuary.retrieval.reranking import Reranking, reranked
from promptuary.retrieval.sides import Looked, Side, Sides, look
from promptuary.retrieval.stems import stem

MOST_PASSAGES = 100


@dataclass(frozen=True, slots=True)
class Asking:
    """The parts that asking needs; `sides` say what stands in for an embedder that is away, and
    `reranking` who looks again at the best of a hybrid search."""

    record: UnitOfWork
    sides: Sides
    answering: Answering
    reranking: Reranking | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the documents of a collection (all of them without one) that match `where`.

    So many `passages` are looked at, ranked by `mode`. Not `explained`, they come without reasons.
    """

    question: str
    collection: str | None = None
    where: Filter | None = None
    passages: int = 5
    wish: Wish = Wish()  # noqa: RUF009 - it is frozen
    mode: Mode = "hybrid"
    explained: bool = True


async def ask(parts: Asking, asked: Asked) -> Answer | Refusal:
    """The outcome. Raises InvalidInput, TooLarge; Unavailable when nothing can be looked up."""
    async with aclosing(streamed(parts, asked)) as saying:
        async for said in saying:
            if not isinstance(said, str):
                return said
    raise AssertionError  # the last is the outcome


async def streamed(parts: Asking, asked: Asked) -> AsyncGenerator[Said, None]:
    """The same, piece by piece, last the outcome; see `answering.answer.stream`."""
    question = checked(asked.question)
    looked = await _look(parts, asked)
    found, index = looked.found, looked.side.index
    if not found:
        empty = await index.count(_where(replace(asked, where=None))) == 0
        yield _with(refuse("empty_collection" if empty else "nothing_found", question), looked)
        return
    rarity = await rarity_of(index, question)
    async with aclosing(
        stream(parts.answering, question, found, asked.wish, rarity=rarity)
    ) as saying:
        async for said in saying:
            yield said if isinstance(said, str) else _with(said, looked)


async def retrieved(parts: Asking, asked: Asked) -> list[Retrieved]:
    """The passages that are looked at, best first, as the record has them; where something stood in
    for the embedder, or nobody reranked, that is the last of their reasons.

    Raises InvalidInput for a number of passages that is out of bounds.
    """
    looked = await _look(parts, asked)
    if looked.caveat is None or not asked.explained:
        return looked.found
    return [replace(one, reasons=(*one.reasons, looked.caveat)) for one in looked.found]


async def _look(parts: Asking, asked: Asked) -> Looked[list[Retrieved]]:
    if not 1 <= asked.passages <= MOST_PASSAGES:
        message = f"between 1 and {MOST_PASSAGES} passages can be looked at"
        raise InvalidInput(message, fields={"passages": f"1 to {MOST_PASSAGES}"})
    request = SearchRequest(
        checked(asked.question),
        where=_where(asked),
        boosts=BOOSTS,
        limit=asked.passages,
        about="documents",
    )

    again = parts.reranking if asked.mode == "hybrid" else None
    deep = max(asked.passages, again.depth if again else 0)

    async def ask(side: Side, mode: Mode) -> list[Retrieved]:
        wanted = replace(request, mode=mode)
        thesaurus = parts.answering.thesaurus
        ranked = await rank(side.index, side.embedder, wanted, thesaurus=thesaurus)
        return await _read(parts, side.index, ranked[:deep], wanted if asked.explained else None)

    looked = await look(parts.sides, asked.mode, ask, key=asked.question, ids=_ids)
    if again is None:
        return looked
    found, caveat = await reranked(again, asked.question, looked.found)
    caveats = "; ".join(filter(None, (looked.caveat, caveat)))
    return Looked(found[: asked.passages], looked.side, caveats or None)


def _ids(found: list[Retrieved]) -> list[str]:
    return [each.passage.id for each in found]


def _with(outcome: Answer | Refusal, looked: Looked[list[Retrieved]]) -> Answer | Refusal:
    """The outcome, which says so when something stood in for the embedder."""
    if looked.caveat is None:
        return outcome
    return replace(outcome, reasons=(*outcome.reasons, looked.caveat))


async def _read(
    parts: Asking, index: Index, ranked: Sequence[Ranked], request: SearchRequest | None
) -> list[Retrieved]:
    """What the record no longer has is left out: deleted is deleted, however far the index is.
    With the `request` each says why it was found."""
    ids = [one.id for one in ranked]
    async with parts.record.read() as tx:
        passages = {each.id: each for each in await tx.documents.passages(ids)}
    entries = await entries_of(index, ranked) if request else {}
    found = []
    for one in ranked:
        if one.id in passages and (request is None or one.id in entries):
            reasons = reasons_of(one, entries[one.id], request) if request else ()
            found.append(Retrieved(passages[one.id], one.score, one.features, reasons))
    return found


def _where(asked: Asked) -> Filter:
    parts: list[Filter] = [Eq("kind", KIND)]
    if asked.collection is not None:
        parts.append(Eq("collection", asked.collection))
    if asked.where is not None:
        parts.append(asked.where)
    return AllOf(tuple(parts))


async def rarity_of(index: Index, question: str) -> dict[str, float]:
    """Inverse document frequency of each stem of the question, among all entries of the index."""
    entries = (await index.health()).entries
    known = await index.known_words(WordQuery(question, typos=False, forms=True))
    return {
        stem(word.typed): log(
            1 + (max(entries, word.entries) - word.entries + 0.5) / (word.entries + 0.5)
        )
        for word in known
    }
