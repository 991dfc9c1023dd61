"""What the face does with ratings of answers; `app.Promptuary` has these functions as methods."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Protocol
from uuid import UUID, uuid4

from promptuary.domain.answers import Answer, Refusal
from promptuary.domain.errors import InvalidInput, NotFound, Unavailable
from promptuary.domain.judgements import AnswerRating, Rating, Satisfaction
from promptuary.ports.cache import Cache
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork

REMEMBERED = timedelta(days=1)
"""How long an answer can be rated for the first time."""
LONGEST_COMMENT = 4_000


class Opened(Protocol):
    """What these methods need of the Promptuary that they belong to."""

    @property
    def cache(self) -> Cache:
        """Short-lived."""
        ...

    @property
    def _record(self) -> UnitOfWork: ...

    @property
    def _clock(self) -> Clock: ...


async def rate_answer(
    self: Opened, answer_id: str, rating: Rating, *, comment: str = ""
) -> AnswerRating:
    """Note what somebody thinks of an answer (or refusal) that was given within a day, in place of
    an earlier rating of it. Raises NotFound for an answer nobody gave, InvalidInput."""
    if len(comment) > LONGEST_COMMENT:
        said = f"a comment has at most {LONGEST_COMMENT:,} characters"
        raise InvalidInput(said, fields={"comment": said})
    own = _known_form(answer_id)
    async with self._record.begin() as tx:
        was = await tx.judgements.rated(own)
        collection = was.collection if was else await _asked(self.cache, own)
        given = AnswerRating(own, collection, rating, comment, self._clock.now())
        await tx.judgements.rate(given)
    return given


async def satisfaction(self: Opened, *, collection: str | None = None) -> Satisfaction:
    """How many answers were rated up and down."""
    async with self._record.read() as tx:
        return await tx.judgements.satisfaction(collection)


async def named(
    outcome: Answer | Refusal, cache: Cache, collection: str | None
) -> Answer | Refusal:
    """The outcome under an id of its own, by which it can be rated. While the cache is away it
    cannot be; the answer is given all the same."""
    own = str(uuid4())
    with suppress(Unavailable):
        await cache.set_many({_key(own): (collection or "").encode()}, ttl=REMEMBERED)
    return replace(outcome, id=own)


async def _asked(cache: Cache, answer_id: str) -> str:
    (found,) = await cache.get_many([_key(answer_id)])
    if found is None:
        raise NotFound("answer", answer_id)
    return found.decode()


def _key(answer_id: str) -> str:
    return f"answer:{answer_id}"


def _known_form(answer_id: str) -> str:
    try:
        return str(UUID(answer_id))
    except ValueError:
        raise NotFound("answer", answer_id[:64]) from None
