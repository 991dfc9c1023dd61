"""What is mined at once: the next prompts in order of arrival, with what is known."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from promptuary.canon.joining import wordings
from promptuary.canon.mining import YOUNG, Window
from promptuary.canon.ruling import ruling_of
from promptuary.domain.pages import each_page
from promptuary.domain.prompts import Prompt
from promptuary.domain.templates import EvolutionEvent, Family, Intent, Lineage, Placement, Template
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

Group = TypeVar("Group", Family, Intent)
POOL = 2_000
POOL_LEAST = 300
"""The newest prompts that stand alone get another chance in each window: as many as the window
has, within these bounds, so that a window of a few prompts costs little."""
MOST_YOUNG = 4_000
"""How many prompts of young lineages are mined again with a window."""
KINDRED = 8
"""So many prompts of a family without templates speak for it when new prompts come."""
LEAST_KINDRED, MOST_KINDRED = 100, 400
"""As many such families as the window has prompts, within these bounds, like the pool."""
PAGE = 1_000
CHARACTERS = 8_000_000
"""A window closes early at this many characters: memory is bounded whatever the prompts' length."""
WEEK_MINIMUM = 1_000
"""A window also closes at the end of a week, if it holds this many prompts: wordings change."""


@dataclass(frozen=True, slots=True)
class Guests:
    """Templates of another record, known while windows are mined; those that a prompt is placed
    under stay, with their versions and events by lineage."""

    lineages: tuple[Lineage, ...] = ()
    versions: Mapping[str, Sequence[Template]] = field(default_factory=dict)
    events: Mapping[str, Sequence[EvolutionEvent]] = field(default_factory=dict)


async def next_window(
    record: UnitOfWork, collection_name: str, guests: Guests, most: int
) -> Window | None:
    """The next prompts in order of arrival, as many as belong together, with what is known."""
    async with record.read() as tx:
        collection = await tx.collections.get(collection_name)
        waiting: list[Prompt] = []
        while len(waiting) < most:
            seq = waiting[-1].seq if waiting else collection.placed_seq
            limit = min(PAGE, most - len(waiting))
            page = await tx.prompts.after(collection.id, seq, limit=limit)
            kept = _up_to_boundary(waiting, page)
            waiting += page[:kept]
            if kept < limit:
                break
        if not waiting:
            return None
        lineages = await tx.templates.lineages(collection.id)
        families = await families_of(tx, collection.id)
        here = {line.id for line in lineages}
        standing = await tx.corrections.standing(collection.name)
        ruled = await ruling_of(tx, standing)
        window = Window(
            collection=collection,
            until=waiting[-1].seq,
            prompts=tuple(
                each for each in waiting if not each.aside and each.id not in ruled.placed
            ),
            pool=tuple(
                await tx.prompts.alone(
                    collection.id,
                    until=collection.placed_seq,
                    limit=min(POOL, max(POOL_LEAST, len(waiting))),
                )
            ),
            lineages=tuple(lineages),
            guests=tuple(line for line in guests.lineages if line.id not in here),
            families=families,
            young=await _young(
                tx,
                [line for line in lineages if line.id not in ruled.settled],
                until=collection.placed_seq,
                but=ruled.placed,
            ),
            corrections=tuple(standing),
            ruling=ruled,
            joined=await wordings(tx, ruled),
            intents=tuple(await tx.intents.of(collection.id)),
        )
        window = replace(window, kindred=await _kindred(tx, window, len(waiting)))
        return replace(window, held=await _held(tx, window)) if window.intents else window


async def _young(
    tx: Transaction, lineages: Sequence[Lineage], *, until: int, but: Container[str]
) -> tuple[tuple[Prompt, Placement], ...]:
    """The prompts of lineages that are still young, the latest lineages first, within a bound."""
    ripe: list[str] = []
    room = MOST_YOUNG
    for lineage in sorted(lineages, key=lambda line: (-line.last_seq, line.id)):
        if lineage.size <= min(YOUNG, room):
            ripe.append(lineage.id)
            room -= lineage.size
    under = await tx.prompts.under(ripe, until=until)
    prompts = [prompt for prompt in under if prompt.id not in but]
    placements = await tx.templates.placements([prompt.id for prompt in prompts])
    return tuple(zip(prompts, placements, strict=True))


async def families_of(tx: Transaction, collection_id: str) -> tuple[Family, ...]:
    """Every family of a collection."""
    pages = each_page(lambda at: tx.families.list(collection_id, cursor=at, limit=PAGE))
    return tuple([family async for page in pages for family in page.items])


async def _kindred(tx: Transaction, window: Window, waiting: int) -> tuple[Prompt, ...]:
    """The newest prompts of each family without templates, and of each intent that people had a
    say in, those seen last first."""
    said = {intent.family_id for intent in window.intents}
    free = [each for each in window.families if not each.templates and each.id not in said]
    count = min(MOST_KINDRED, max(LEAST_KINDRED, waiting))
    own = [await tx.prompts.list(family_id=each.id, limit=KINDRED) for each in _last(free, count)]
    its = [
        await tx.prompts.list(intent_id=each.id, limit=KINDRED)
        for each in _last(window.intents, MOST_KINDRED)
    ]
    return tuple(prompt for page in (*own, *its) for prompt in page.items)


def _last(groups: Iterable[Group], count: int) -> list[Group]:
    return sorted(groups, key=lambda each: (each.updated_at, each.id))[-count:]


async def _held(tx: Transaction, window: Window) -> Mapping[str, str]:
    """Of which intent the prompts at hand are."""
    young = (prompt for prompt, _ in window.young)
    every = (*window.kindred, *window.pool, *young, *window.prompts)
    return await tx.intents.homes([prompt.id for prompt in every])


def _up_to_boundary(window: Sequence[Prompt], page: Sequence[Prompt]) -> int:
    """How many prompts of the page still belong to the window."""
    size, characters = len(window), sum(len(prompt.text) for prompt in window)
    last = window[-1] if window else None
    for kept, prompt in enumerate(page):
        week_ended = last is not None and _week(prompt) != _week(last)
        if (week_ended and size >= WEEK_MINIMUM) or (size and characters > CHARACTERS):
            return kept
        size, characters, last = size + 1, characters + len(prompt.text), prompt
    return len(page)


def _week(prompt: Prompt) -> tuple[int, int]:
    year, week, _ = prompt.created_at.isocalendar()
    return year, week
