"""What the face does with questions; `app.Promptuary` has these functions as methods."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from promptuary.answering.answer import Said, Wish
from promptuary.answering.evaluating.scoring import Gold
from promptuary.canon.following import Followers
from promptuary.domain.answers import Answer, Refusal
from promptuary.domain.filters import Filter
from promptuary.judging import named
from promptuary.knowledge.asking import Asked, Asking, retrieved, streamed
from promptuary.knowledge.calibrating import Calibrated, calibration_for, fit, keep
from promptuary.ports.cache import Cache
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.providers import Chats
from promptuary.retrieval.context import leaning, rewritten, together
from promptuary.retrieval.hybrid import Mode
from promptuary.retrieval.passages import Retrieved
from promptuary.settings import Settings


class Opened(Protocol):
    """What these methods need of the Promptuary that they belong to."""

    @property
    def settings(self) -> Settings:
        """What is set."""
        ...

    @property
    def chats(self) -> Chats:
        """The chat model, opened when it is first asked."""
        ...

    @property
    def cache(self) -> Cache:
        """Short-lived."""
        ...

    @property
    def _record(self) -> UnitOfWork: ...

    @property
    def _asking(self) -> Asking: ...

    @property
    def _follower(self) -> Followers: ...


async def ask(
    self: Opened,
    question: str,
    *,
    collection: str | None = None,
    where: Filter | None = None,
    passages: int | None = None,
    min_confidence: float | None = None,
    tenant: str = "",
) -> Answer | Refusal:
    """An answer of which every quote stands in a document, or an honest no.

    So many `passages` are looked at, and below `min_confidence` it is a refusal; the settings say
    both where they are not given. Raises InvalidInput and TooLarge for the question.
    """
    asking = ask_stream(
        self,
        question,
        collection=collection,
        where=where,
        passages=passages,
        min_confidence=min_confidence,
        tenant=tenant,
    )
    async with aclosing(asking) as saying:
        async for said in saying:
            if not isinstance(said, str):
                return said
    raise AssertionError  # the last is the outcome


async def calibrate(
    self: Opened, gold: Sequence[Gold], *, collection: str = "default"
) -> Calibrated:
    """Fit confidence to questions whose answers are known in the collection, and keep that in the
    record; the order of answers stays as it is. Raises InvalidInput for too few labels."""
    await self._follower.behind()
    found = await fit(self._asking, gold, collection)
    await keep(self._record, found)
    return found


async def ask_stream(
    self: Opened,
    question: str,
    *,
    collection: str | None = None,
    where: Filter | None = None,
    passages: int | None = None,
    min_confidence: float | None = None,
    tenant: str = "",
) -> AsyncGenerator[Said, None]:
    """The same as it comes: checked pieces of text, last of all the answer or refusal itself."""
    settings = self.settings
    wish = Wish(
        min_confidence=settings.min_confidence if min_confidence is None else min_confidence,
        context_tokens=settings.context_tokens,
        characters=settings.max_chunk_characters,
        tenant=tenant,
    )
    await self._follower.behind()
    looked_at = settings.max_chunks if passages is None else passages
    asked = Asked(question, collection, where, looked_at, wish)
    asking = self._asking
    own = await calibration_for(self._record, asking.answering.calibration, collection)
    answering = replace(asking.answering, chat=await self.chats.model(), calibration=own)
    async with aclosing(streamed(replace(asking, answering=answering), asked)) as saying:
        async for said in saying:
            if isinstance(said, str):
                yield said
            else:
                yield await named(said, self.cache, collection)


async def find_passages(
    self: Opened,
    question: str,
    *,
    collection: str | None = None,
    where: Filter | None = None,
    mode: Mode = "hybrid",
    limit: int = 10,
    explained: bool = True,
    earlier: Sequence[str] = (),
) -> list[Retrieved]:
    """The passages that are looked at for a question, best first; not `explained`, without reasons.

    With `earlier` turns of the same conversation, oldest first, it is looked for in their light as
    well. Raises InvalidInput and TooLarge for the question, and InvalidInput for a limit over 100.
    """
    await self._follower.behind()
    asked = Asked(question, collection, where, limit, mode=mode, explained=explained)
    found = await retrieved(self._asking, asked)
    whole = rewritten(question, earlier)
    if not earlier or whole == question.strip():
        return found
    more = await retrieved(self._asking, replace(asked, question=whole))
    each = {one.passage.id: one for one in (*more, *found)}
    scores = together(
        {one.passage.id: one.score for one in found},
        {one.passage.id: one.score for one in more},
        leaning(question),
    )
    return [replace(each[key], score=score) for key, score in scores.items()][:limit]
