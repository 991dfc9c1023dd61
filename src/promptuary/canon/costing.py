"""What a collection's traffic costs to send: counted prompt by prompt, added up by template.

Memory grows by some hundred bytes for each different prompt, whatever its length: the digests of
the texts that were seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, TypeAlias

from promptuary.canon.exporting.caching import cacheable, prefix, tokens, whole_tokens
from promptuary.canon.templates.filling import parse
from promptuary.domain.costs import CostView, TemplateCost, TokenCounts
from promptuary.domain.errors import InvalidInput
from promptuary.domain.pages import Page, offset_of
from promptuary.domain.prompts import Prompt
from promptuary.domain.templates import Lineage
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

PAGE: Final = 1_000
MOST_LINEAGES: Final = 10**9
"""Cursors count lineages; more of them nobody has."""
_UNSAID: Final = re.compile(r"[\W_]+")
Price: TypeAlias = Callable[[str, int], float | None]
"""By a model's name and the tokens of a prompt: what it costs in US dollars; None: not known."""


async def costs(
    record: UnitOfWork,
    price: Price,
    collection: str,
    *,
    model: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> CostView:
    """All traffic of the collection of that name, its dearest templates first.

    Raises NotFound for the collection, InvalidInput for a model without a price and for a cursor
    that nobody gave.
    """
    if model and price(model, 1) is None:
        message = f"nobody knows what {model} costs; add it to the file of chat_prices"
        raise InvalidInput(message, fields={"model": message})
    begin = offset_of(cursor, MOST_LINEAGES)
    counting = _Counting(price, model)
    async with record.read() as tx:
        known = await tx.collections.get(collection)
        lineages = {line.id: line for line in await tx.templates.lineages(known.id)}
        seq = 0
        while page := await tx.prompts.after(known.id, seq, limit=PAGE):
            seq = page[-1].seq
            await _count(tx, counting, [each for each in page if not each.aside], lineages)
    return _view(collection, model, counting, lineages, begin, limit)


@dataclass(slots=True)  # changes: it adds up
class _Sum:
    """Of the prompts of one template; `fixed` and `kept` are whole tokens of the template itself,
    `kept` those that a provider keeps."""

    fixed: int = 0
    kept: int = 0
    counts: TokenCounts = field(default_factory=TokenCounts)

    def add(self, count: int, size: int, alike: bool, cost: float | None) -> None:
        """A text of that size, sent `count` times."""
        was, placed = self.counts, min(self.fixed, size)
        known = None if cost is None else (was.dollars or 0.0) + cost * count
        self.counts = TokenCounts(
            sent=was.sent + count,
            tokens=was.tokens + size * count,
            repeated=was.repeated + size * (count - 1),
            alike=was.alike + (size if alike else 0),
            fixed=was.fixed + placed * count,
            cacheable=was.cacheable + min(self.kept, size) * count,
            dollars=known,
        )


@dataclass(slots=True)  # changes: it adds up
class _Counting:
    """Sums by template (None: no template), and digests of what was seen."""

    price: Price
    model: str | None
    sums: dict[str | None, _Sum] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)

    def add(self, prompt: Prompt, lineage: Lineage | None) -> None:
        own = lineage.id if lineage else None
        if own not in self.sums:
            self.sums[own] = _fresh(lineage)
        size = tokens(prompt.text)
        words = _UNSAID.sub(" ", prompt.text.casefold()).strip()
        digest = blake2b(words.encode("utf-8", "surrogatepass"), digest_size=12).digest()
        alike = bool(words) and digest in self.seen
        self.seen.add(digest)
        cost = self.price(self.model, size) if self.model else None
        self.sums[own].add(prompt.count, size, alike, cost)


def _fresh(lineage: Lineage | None) -> _Sum:
    if lineage is None:
        return _Sum()
    parts = parse(lineage.template.text)
    fixed = "".join(part for part in parts if isinstance(part, str))
    return _Sum(whole_tokens(fixed), cacheable(tokens(prefix(parts))))


async def _count(
    tx: Transaction, counting: _Counting, prompts: list[Prompt], lineages: Mapping[str, Lineage]
) -> None:
    homes = await tx.templates.homes([prompt.id for prompt in prompts])
    for prompt in prompts:
        counting.add(prompt, lineages.get(homes.get(prompt.id, "")))


def _view(
    collection: str,
    model: str | None,
    counting: _Counting,
    lineages: Mapping[str, Lineage],
    begin: int,
    limit: int,
) -> CostView:
    total = _total(counting)
    named = [(lineages[own], each.counts) for own, each in counting.sums.items() if own]
    named.sort(key=lambda each: (-each[1].tokens, each[0].id))
    shown = tuple(
        TemplateCost(line.id, line.name, line.template.text, counts, _share(counts.tokens, total))
        for line, counts in named[begin : begin + limit]
    )
    ends = begin + limit
    return CostView(
        collection=collection,
        model=model,
        total=total,
        explained=sum(each.sent for _, each in named) / total.sent if total.sent else 0.0,
        explained_tokens=_share(sum(each.tokens for _, each in named), total),
        templates=Page(shown, str(ends) if ends < len(named) else None, len(named)),
    )


def _share(part: int, total: TokenCounts) -> float:
    return part / total.tokens if total.tokens else 0.0


def _total(counting: _Counting) -> TokenCounts:
    all_counts = [each.counts for each in counting.sums.values()]
    return TokenCounts(
        sent=sum(each.sent for each in all_counts),
        tokens=sum(each.tokens for each in all_counts),
        repeated=sum(each.repeated for each in all_counts),
        alike=sum(each.alike for each in all_counts),
        fixed=sum(each.fixed for each in all_counts),
        cacheable=sum(each.cacheable for each in all_counts),
        dollars=sum(each.dollars or 0.0 for each in all_counts) if counting.model else None,
    )
