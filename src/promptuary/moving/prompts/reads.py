"""Who answers what clients of the older service ask, as its prompts move: one side each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Final, Literal, Protocol

from promptuary.domain.errors import InvalidInput, TooLarge, Unavailable
from promptuary.domain.library import Domain
from promptuary.domain.older_prompts import OlderPrompt, OlderSaid
from promptuary.library.older_prompts import bare_topic, older_id_of, read_older, said_by
from promptuary.moving.prompts.sides import Both
from promptuary.moving.turning import Turn
from promptuary.ports.prompt_archive import PromptArchive

BEST: Final = 10
"""So many answers to a judged query are looked at."""


@dataclass(frozen=True, slots=True)
class Question:
    """Topics of which one at least must be met, in a domain or in all."""

    topics: tuple[str, ...]
    domain: Domain | None
    limit: int

    @property
    def key(self) -> str:
        """What decides which side answers, the same one each time."""
        return "\0".join((self.domain or "", *sorted(each.lower() for each in self.topics)))


@dataclass(frozen=True, slots=True)
class OlderAnswer:
    """A prompt that was found, by its id in the older store."""

    id: str
    said: OlderSaid


@dataclass(frozen=True, slots=True)
class OlderAnswers:
    """What was found, best first, and on which side."""

    by: Literal["old", "new"]
    answers: tuple[OlderAnswer, ...]


class Teller(Protocol):
    """One side."""

    async def about(self, asked: Question) -> Sequence[OlderAnswer]:
        """What it finds."""
        ...


class TheirTeller:
    """The older service, as it answers itself: a topic must be the name of a list."""

    def __init__(self, archive: PromptArchive) -> None:
        self._archive = archive

    async def about(self, asked: Question) -> Sequence[OlderAnswer]:
        """Prompts that cannot be read are left out."""
        found = await self._archive.about(asked.topics, asked.domain, asked.limit)
        return list(_readable(found))


class OurTeller:
    """The library: the words of the topics, wherever a prompt says them."""

    def __init__(self, both: Both) -> None:
        self._both = both

    async def about(self, asked: Question) -> Sequence[OlderAnswer]:
        """The best first; a topic's numbering says nothing."""
        library, tenant = self._both.library, self._both.tenant
        words = " ".join(map(bare_topic, asked.topics))
        found = await library.search(
            words, mode="words", domain=asked.domain, limit=asked.limit, tenant=tenant
        )
        async with self._both.record.read() as tx:
            prompts = await tx.library.some([hit.id for hit in found.hits])
            newest = await tx.library.newest([prompt.id for prompt in prompts])
        return [
            OlderAnswer(older_id_of(each.slug), said_by(each.about, newest[each.id]))
            for each in prompts
            if each.id in newest
        ]


class OlderReads:
    """Answers by the side whose turn it is; while it is not sure of the new one, by the old."""

    def __init__(self, turn: Turn[Teller], old: Teller, new: Teller) -> None:
        self._turn = turn
        self._old = old
        self._new = new

    async def about(self, topics: Sequence[str], domain: Domain | None, limit: int) -> OlderAnswers:
        """Raises Unavailable when the side that stands in is away too."""
        asked = Question(tuple(topics), domain, limit)
        turned = await self._turn.asked(asked.key)
        if turned is not None:
            with suppress(Unavailable):
                found = await self._turn.by_new(self._new.about(asked))
                return OlderAnswers("new", tuple(found))
        started = monotonic()
        old = await self._old.about(asked)

        async def again(side: Teller) -> Sequence[str]:
            return [each.id for each in await side.about(asked)]

        self._turn.by_old(monotonic() - started, again)
        return OlderAnswers("old", tuple(old))

    def asker(self, side: Literal["old", "new"]) -> Callable[[str], Awaitable[Sequence[str]]]:
        """Asks that side for topics between commas, and gives ids of the older store."""
        teller = self._old if side == "old" else self._new

        async def ask(text: str) -> Sequence[str]:
            topics = tuple(filter(None, map(str.strip, text.split(","))))
            return [each.id for each in await teller.about(Question(topics, None, BEST))]

        return ask


async def differ(both: Both, ids: Sequence[str]) -> bool:
    """Whether both sides say something else under one of those ids. What was first written here is
    left to the comparison of all."""
    known = list(dict.fromkeys(ids))
    there = {each.id: each.said for each in _readable(await both.archive.get(known))}
    async with both.record.read() as tx:
        kept = await both.ours(tx, known)
    mine = {number: said_by(each.prompt.about, each.version) for number, each in kept.items()}
    # A duplicate is there twice and here once.
    return any(there[number] != mine[number] for number in there.keys() & mine.keys())


def _readable(found: Sequence[OlderPrompt]) -> Sequence[OlderAnswer]:
    answers: list[OlderAnswer] = []
    for each in found:
        with suppress(InvalidInput, TooLarge):
            answers.append(OlderAnswer(each.id, read_older(each.raw).said))
    return answers
