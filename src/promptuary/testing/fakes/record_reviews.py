"""The fake record's decisions about refused prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import Prompt
from promptuary.domain.reviews import Review
from promptuary.testing.fakes.record_state import State, checked, paged


class MemoryReviews:
    """The port `Reviews`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def decide(self, review: Review) -> None:
        """Raises NotFound, Conflict."""
        checked(ids=[review.id], times=[review.created_at], name=review.by)
        state = self._state.write()
        prompt = state.prompts.get(review.prompt_id)
        if prompt is None or prompt.collection != review.collection:
            raise NotFound("prompt", review.prompt_id)
        if not prompt.aside:
            raise Conflict("that prompt is not kept aside: there is nothing to decide")
        if review.id in state.reviews:
            raise Conflict(f"a review with the id {review.id!r} exists")
        state.reviews[review.id] = review
        if review.decision == "release":
            kept = replace(prompt.verdict, allowed=True).status
            state.prompts[prompt.id] = replace(prompt, status=kept)

    async def released(self, prompt_ids: Sequence[str]) -> set[str]:
        """Those of them that somebody released."""
        every = self._state.reviews.values()
        return {e.prompt_id for e in every if e.decision == "release"} & set(prompt_ids)

    async def open(
        self, collection_id: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Prompt]:
        """Newest first."""
        decided = {each.prompt_id for each in self._state.reviews.values()}
        found = [
            prompt
            for prompt in self._state.prompts.values()
            if prompt.aside and prompt.id not in decided
            if collection_id in {None, self._state.collections[prompt.collection].id}
        ]
        return paged(
            found,
            lambda p: (p.collection, p.seq),
            scope=f"open reviews {collection_id}",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Review]:
        """The last made first."""
        order = {own: at for at, own in enumerate(self._state.reviews)}
        return paged(
            [e for e in self._state.reviews.values() if collection in {None, e.collection}],
            lambda each: (order[each.id],),
            scope=f"reviews {collection}",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )
