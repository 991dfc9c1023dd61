"""Prompts that belong to families by themselves, in the groups in which people move them: intents.

A family of such prompts has none until somebody makes it one with another or takes prompts out of
it. From then on what was one stays known as one: it moves as a whole, later prompts that ask the
same join it, and so all that was said of it can be taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from promptuary.canon.families.naming import shared_words
from promptuary.canon.ruling import Pair, Ruling
from promptuary.domain.errors import Conflict, InvalidInput
from promptuary.domain.pages import each_page
from promptuary.domain.prompts import Prompt
from promptuary.domain.templates import Family, Intent, Lineage
from promptuary.ports.unit_of_work import Transaction

PAGE = 1_000
"""Prompts that are read and written at a time."""


@dataclass(frozen=True, slots=True)
class Members:
    """What a family is made of: clusters, and prompts that belong to it by themselves."""

    family: Family
    lines: tuple[Lineage, ...]
    intents: tuple[Intent, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Of both."""
        return (*(line.id for line in self.lines), *(intent.id for intent in self.intents))


async def members_of(tx: Transaction, family_id: str, most: int) -> Members:
    """Of a family; of its clusters a few more than `most`, if there are so many. Raises NotFound,
    and Conflict for a family that was made one with another."""
    for gone in await tx.intents.some([family_id]):
        if gone.family_id != family_id:
            now = f"its prompts are of the family {gone.family_id}" if gone.family_id else "undone"
            raise Conflict(f"the family {family_id} is gone: {now}")
    family = await tx.families.get(family_id)
    lines: list[Lineage] = []
    turn = partial(tx.templates.list, family_id=family_id, limit=most)
    async for page in each_page(lambda at: turn(cursor=at)):
        lines += page.items
        if len(lines) > most:
            break
    intents = await intents_of(tx, family)
    if not lines and not intents:
        raise InvalidInput(f"no prompt is left in the family {family_id}")
    return Members(family, tuple(lines), tuple(intents))


async def intents_of(tx: Transaction, family: Family) -> list[Intent]:
    """Those of the family, or the one that all its own prompts would be; none where it has no
    prompts of its own."""
    known = await tx.intents.of((await tx.collections.get(family.collection)).id)
    own = [each for each in known if each.family_id == family.id]
    count = (await tx.prompts.list(family_id=family.id, limit=1)).total
    if own or not count:
        return own
    return [
        Intent(
            id=family.id,
            collection=family.collection,
            family_id=family.id,
            name=family.name,
            size=count,
            created_at=family.created_at,
            updated_at=family.updated_at,
        )
    ]


async def keep(tx: Transaction, intents: Sequence[Intent]) -> None:
    """Remember those that are new, with their prompts."""
    known = {each.id for each in await tx.intents.some([each.id for each in intents])}
    for intent in intents:
        if intent.id in known:
            continue
        await tx.intents.save([intent])
        for prompts in await _pages(tx, family_id=intent.family_id):
            await tx.intents.hold(dict.fromkeys(prompts, intent.id))


def cut_id(correction_id: str, intent_id: str) -> str:
    """The intent that a correction cuts out of another."""
    return str(uuid5(NAMESPACE_URL, f"intent:{correction_id}:{intent_id}"))


async def cut(
    tx: Transaction, correction_id: str, prompts: Sequence[Prompt], homes: Mapping[str, str]
) -> list[Intent]:
    """Make the prompts of each of their intents one by itself, unless it is of no others. Whether
    made or not: those that have the prompts now."""
    found: list[Intent] = []
    for intent in await tx.intents.some(sorted(set(homes.values()))):
        own = [each for each in prompts if homes[each.id] == intent.id]
        if len(own) == intent.size:
            found.append(intent)
            continue
        key = cut_id(correction_id, intent.id)
        made = Intent(
            id=key,
            collection=intent.collection,
            family_id=intent.family_id,
            name=(shared_words([each.text for each in own]) or own[0].text.strip())[:24],
            size=len(own),
            created_at=min(each.created_at for each in own),
            updated_at=max(each.created_at for each in own),
        )
        await tx.intents.save([made, replace(intent, size=intent.size - len(own))])
        await tx.intents.hold(dict.fromkeys([each.id for each in own], key))
        found.append(made)
    return found


def folds(correction_id: str, apart: Iterable[str], merged: Mapping[str, str]) -> dict[str, str]:
    """The intents that a correction may have cut out, and those that get their prompts back."""
    found = {}
    for key in apart:
        now = key
        while now in merged:
            now = merged[now]
        found[cut_id(correction_id, key)] = now
    return found


async def fold(tx: Transaction, folded: Mapping[str, str]) -> None:
    """Put what was cut out back into what it was cut from, with all that joined it since."""
    for key, target in folded.items():
        gone, taker = await tx.intents.some([key, target])
        for prompts in await _pages(tx, intent_id=key):
            await tx.intents.hold(dict.fromkeys(prompts, target))
            await _adopt(tx, prompts, taker.family_id)
        whole = given_back(taker, gone)
        await tx.intents.save([whole, replace(gone, size=0, merged_into=target)])


def given_back(taker: Intent, gone: Intent) -> Intent:
    """The one with all that was cut out of it."""
    late = max(taker.updated_at, gone.updated_at)
    return replace(taker, size=taker.size + gone.size, updated_at=late)


def settled(
    intents: Sequence[Intent], pairs: Mapping[Pair, bool], homes: Mapping[str, str]
) -> list[Intent]:
    """Each intent with the family that it is in by what was said of `pairs`, where lineages are in
    `homes`: that of the lineages it is with, else that of the intents it is with, else its own."""
    group = {each.id: {each.id} for each in intents}
    for (one, other), together in pairs.items():
        if together and one in group and other in group and group[one] is not group[other]:
            joined = group[one] | group[other]
            if not any(pairs.get((a, b)) is False for a in joined for b in joined):
                group |= dict.fromkeys(joined, joined)
    now = {each.id: each.family_id for each in intents}
    with_lines = _with_lineages(group, pairs, homes)
    found = []
    for each in intents:
        own = group[each.id]
        shown = [key for i in intents if i.id in own and (key := now[i.id]) in own]
        first = min((i.created_at, i.id) for i in intents if i.id in own)[1]
        its = with_lines.get(each.id) or (shown[0] if shown else first)
        home = its if each.size else None
        found.append(each if home == each.family_id else replace(each, family_id=home))
    return found


def _with_lineages(
    group: Mapping[str, set[str]], pairs: Mapping[Pair, bool], homes: Mapping[str, str]
) -> Mapping[str, str]:
    """The family of most of the lineages that an intent or one of its group is to be with; none
    that has a lineage in it that they are to be apart from."""
    votes: Counter[tuple[str, str]] = Counter()
    against: set[tuple[str, str]] = set()
    for pair, together in pairs.items():
        for intent, line in (pair, pair[::-1]):
            if intent not in group or line not in homes:
                continue
            for each in group[intent]:
                if together:
                    votes[each, homes[line]] += 1
                else:
                    against.add((each, homes[line]))
    found: dict[str, str] = {}
    for (intent, family), _ in sorted(votes.items(), key=lambda one: (-one[1], one[0])):
        if (intent, family) not in against:
            found.setdefault(intent, family)
    return found


async def carry(tx: Transaction, changed: Sequence[Intent]) -> None:
    """Save intents, and take their prompts to the family where each is now."""
    before = {each.id: each.family_id for each in await tx.intents.some([i.id for i in changed])}
    await tx.intents.save(changed)
    for intent in changed:
        if before.get(intent.id) == intent.family_id:
            continue
        for prompts in await _pages(tx, intent_id=intent.id):
            await _adopt(tx, prompts, intent.family_id)


async def release(tx: Transaction, intents: Sequence[Intent], ruled: Ruling) -> None:
    """Forget those of which nothing is said any more, and that are a family by themselves."""
    shared = Counter(each.family_id for each in intents)
    free = [
        each.id
        for each in intents
        if each.id not in ruled.bound and each.id == each.family_id and shared[each.family_id] == 1
    ]
    await tx.intents.forget(free)


async def _pages(
    tx: Transaction, *, intent_id: str | None = None, family_id: str | None = None
) -> list[list[str]]:
    """The ids of the prompts of an intent or of a family; read before any is moved."""
    turn = partial(tx.prompts.list, intent_id=intent_id, family_id=family_id, limit=PAGE)
    pages = each_page(lambda at: turn(cursor=at))
    return [[each.id for each in page.items] async for page in pages]


async def _adopt(tx: Transaction, prompts: Sequence[str], family_id: str | None) -> None:
    await tx.families.adopt(dict.fromkeys(prompts, family_id))
    await tx.outbox.add("prompt", prompts)
