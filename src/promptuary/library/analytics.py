"""The path of analytics: every kept prompt with its uses and ratings, counted in groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import anyio.to_thread

from promptuary.domain.analytics import Analysis, GroupBy, Standing, TopicDay
from promptuary.domain.errors import InvalidInput
from promptuary.domain.experiments import Tally
from promptuary.domain.keys import ApiKey
from promptuary.domain.library import LibraryPrompt, PromptVersion, Rating, UsageDay
from promptuary.domain.pages import each_page
from promptuary.library.changing import Opened
from promptuary.library.histories import every_rating
from promptuary.library.trials import GOOD_STARS, wilson
from promptuary.ports.unit_of_work import Transaction
from promptuary.retrieval.kept import text_of

MOST: Final = 10_000
"""So many prompts are looked at."""
SHOWN: Final = 50
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Known:
    """A prompt with what happened to it in the time asked for; `numbers` by version id."""

    prompt: LibraryPrompt
    latest: PromptVersion
    usage: tuple[UsageDay, ...]
    ratings: tuple[Rating, ...]
    numbers: dict[str, int]


async def analytics(
    self: Opened,
    *,
    since: date | None = None,
    until: date | None = None,
    group_by: GroupBy = "prompt",
    limit: int = SHOWN,
    duplicates: bool = True,
    tenant: str = "",
) -> Analysis:
    """How kept prompts were used and rated from one day through another, the last 30 unless said.

    At most `limit` of everything is given. Raises InvalidInput for days in the wrong order.
    """
    last = until or self._clock.now().date()
    first = since or last - timedelta(days=30)
    if first > last:
        raise InvalidInput("the first day comes after the last", fields={"from": "too late"})
    days = (first.isoformat(), last.isoformat())
    await self._uses.flush()
    async with self._record.read() as tx:
        known, partial = await _all(tx, days, group_by, tenant)
        misses = await tx.library.misses(tenant, limit=min(limit, _PAGE))
        names = await _key_names(tx, tenant) if group_by == "user" else {}
    alike = await anyio.to_thread.run_sync(_alike, known) if duplicates else []
    return Analysis(
        *days,
        group_by,
        len(known),
        tuple(_called(one, names) for one in standings(known, group_by)[:limit]),
        tuple(topic_days(known)[:limit]),
        tuple(each.prompt.slug for each in known if not each.usage)[:limit],
        tuple(misses.items),
        tuple(alike[:limit]),
        partial,
    )


def standings(known: Sequence[Known], group_by: GroupBy) -> list[Standing]:
    """The groups, most used first, then best known."""
    uses: Counter[str] = Counter()
    stars: dict[str, list[int]] = {}
    for each in known:
        for key in _keys(each, group_by, None):
            uses[key] += 0
        for day in each.usage:
            for key in _keys(each, group_by, day):
                uses[key] += day.uses
        for rating in each.ratings:
            for key in _keys(each, group_by, rating):
                stars.setdefault(key, []).append(rating.stars)
    found = [_standing(key, uses[key], stars.get(key, [])) for key in uses.keys() | stars.keys()]
    return sorted(found, key=lambda one: (-one.uses, -one.ratings, one.key))


def topic_days(known: Sequence[Known]) -> list[TopicDay]:
    """By day, most used topic first."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in known:
        for day in each.usage:
            for topic in each.prompt.about.detected_topics:
                counts[day.day, topic] += day.uses
    found = [TopicDay(day, topic, uses) for (day, topic), uses in counts.items()]
    return sorted(found, key=lambda one: (one.day, -one.uses, one.topic))


def _keys(each: Known, group_by: GroupBy, what: UsageDay | Rating | None) -> Iterator[str]:
    """The groups that a prompt, or a use or rating of it, counts for."""
    prompt = each.prompt
    match group_by:
        case "prompt":
            yield prompt.slug
        case "domain":
            yield prompt.about.domain
        case "topic":
            yield from prompt.about.detected_topics
        case "version" if what is not None:
            yield f"{prompt.slug}@v{each.numbers.get(what.version_id, 0)}"
        case "user" if what is not None:
            yield (what.author if isinstance(what, Rating) else what.user) or "unknown"


def _called(one: Standing, names: Mapping[str, str]) -> Standing:
    """With the name of the API key that stands for somebody, alone or behind whom it is for."""
    said, _, last = one.key.rpartition("(")
    known = names.get(last.removesuffix(")"))
    if known is None:
        return one
    return replace(one, key=f"{said}({known})" if said else known)


async def _key_names(tx: Transaction, tenant: str) -> Mapping[str, str]:
    """What the API keys of a tenant are called, by id; of two keys of one name each with its id."""
    keys: list[ApiKey] = []
    async for page in each_page(lambda at: tx.keys.list(cursor=at, limit=_PAGE)):
        keys += [each for each in page.items if each.tenant == tenant]
        if len(keys) >= MOST:
            break
    called = Counter(each.name for each in keys)
    return {
        each.id: each.name if called[each.name] == 1 else f"{each.name} {each.id}" for each in keys
    }


def _standing(key: str, uses: int, stars: Sequence[int]) -> Standing:
    if not stars:
        return Standing(key, uses, 0, None, None)
    good = Tally(len(stars), sum(each >= GOOD_STARS for each in stars))
    return Standing(key, uses, len(stars), sum(stars) / len(stars), wilson(good))


async def _all(
    tx: Transaction, days: tuple[str, str], group_by: GroupBy, tenant: str
) -> tuple[list[Known], bool]:
    known: list[Known] = []
    async for page in each_page(lambda at: tx.library.list(tenant, cursor=at, limit=_PAGE)):
        newest = await tx.library.newest([prompt.id for prompt in page.items])
        known += [await _known(tx, one, newest[one.id], days, group_by) for one in page.items]
        if page.next_cursor is not None and len(known) >= MOST:
            return known, True
    return known, False


async def _known(
    tx: Transaction,
    prompt: LibraryPrompt,
    latest: PromptVersion,
    days: tuple[str, str],
    group_by: GroupBy,
) -> Known:
    first, last = days
    usage = await tx.library.usage(prompt.id, since=first) if prompt.usage_count else ()
    ratings = await every_rating(tx, prompt.id) if prompt.ratings else ()
    numbers = {latest.id: latest.number}
    if group_by == "version":
        for number in range(1, prompt.versions):
            numbers[(await tx.library.numbered(prompt.id, number)).id] = number
    return Known(
        prompt,
        latest,
        tuple(day for day in usage if day.day <= last),
        tuple(one for one in ratings if first <= one.created_at.date().isoformat() <= last),
        numbers,
    )


def _alike(known: Sequence[Known]) -> list[tuple[str, ...]]:
    from promptuary.library.duplicates import groups, near_duplicates  # noqa: PLC0415 - numpy

    pairs = near_duplicates([text_of(each.latest.content) for each in known])
    return [tuple(known[place].prompt.slug for place in group) for group in groups(pairs)]
