"""What may be kept: the moderator's verdict, and over it what people decided.

refused -> kept aside: neither placed nor mined nor indexed
released -> a prompt like any other, placed at once; the same text passes from then on
rejected -> stays aside, and is looked at no more
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import uuid4

from promptuary.canon.ingest import Canon
from promptuary.domain.errors import NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import Prompt, Verdict
from promptuary.domain.reports import PlacedPrompt
from promptuary.domain.reviews import Decision, Review
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import Transaction

SOMEBODY = "somebody"
"""Who decided if nobody says."""


class Moderation:
    """`promptuary.moderation`: prompts that were refused, and what people decide about them."""

    def __init__(self, canon: Canon, clock: Clock, told: Callable[[], None]) -> None:
        self._canon = canon
        self._clock = clock
        self._told = told

    async def check(self, texts: Sequence[str]) -> list[Verdict]:
        """What the moderator says of these texts, one verdict each; nothing is kept."""
        return await self._canon.reception.moderator.review(texts)

    def judges(self, verdicts: Sequence[Verdict]) -> str:
        """Who gave these verdicts: the moderators by name, but those that could not be asked."""
        away = {name for verdict in verdicts for name in verdict.unasked}
        asked = self._canon.reception.moderator.name.split(", ")
        return ", ".join(name for name in asked if name not in away)

    async def ping(self) -> None:
        """Raise Unavailable where a moderator could not be asked the last time."""
        await self._canon.reception.moderator.ping()

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Prompt]:
        """Refused prompts that nobody has decided about, newest first. Raises NotFound."""
        async with self._canon.record.read() as tx:
            within = (await tx.collections.get(collection)).id if collection else None
            return await tx.reviews.open(within, cursor=cursor, limit=limit)

    async def reviews(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Review]:
        """What was decided, by whom and why, the last first."""
        async with self._canon.record.read() as tx:
            return await tx.reviews.list(collection, cursor=cursor, limit=limit)

    async def release(
        self, prompt_id: str, *, by: str = SOMEBODY, reason: str = ""
    ) -> PlacedPrompt:
        """The prompt is one like any other from now on: it is placed under the templates known,
        else it stands alone and is mined with what comes. The same text is not refused again.

        Raises NotFound, and Conflict for a prompt that is not kept aside.
        """
        prompt, _ = await self._decided(prompt_id, "release", by, reason)
        placed = await self._canon.nearest.place_one(self._canon.record, prompt)
        self._told()
        return placed

    async def reject(self, prompt_id: str, *, by: str = SOMEBODY, reason: str = "") -> Review:
        """The prompt stays aside, and nobody is asked about it any more; it can be released later
        all the same. Raises NotFound, and Conflict for a prompt that is not kept aside."""
        _, review = await self._decided(prompt_id, "reject", by, reason)
        return review

    async def _decided(
        self, prompt_id: str, decision: Decision, by: str, reason: str
    ) -> tuple[Prompt, Review]:
        async with self._canon.record.begin() as tx:
            prompt = await _prompt(tx, prompt_id)
            review = Review(
                id=str(uuid4()),
                collection=prompt.collection,
                prompt_id=prompt.id,
                decision=decision,
                by=by,
                created_at=self._clock.now(),
                reason=reason,
                verdict=prompt.verdict.reason or "",
            )
            await tx.reviews.decide(review)
        return prompt, review


async def _prompt(tx: Transaction, prompt_id: str) -> Prompt:
    for prompt in await tx.prompts.get([prompt_id]):
        return prompt
    raise NotFound("prompt", prompt_id)
