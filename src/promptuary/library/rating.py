"""What people think of versions."""

from __future__ import annotations

from dataclasses import replace

from promptuary.domain.errors import InvalidInput
from promptuary.domain.library import LATEST, LibraryPrompt, Rating
from promptuary.library.changing import Opened
from promptuary.library.experimenting import given
from promptuary.library.versions import named


async def rate(
    self: Opened,
    slug: str,
    stars: int,
    version: str | int = LATEST,
    *,
    key: str | None = None,
    comment: str = "",
    author: str = "",
    tenant: str = "",
) -> LibraryPrompt:
    """Say what a version is worth, 1 (bad) to 5 (good): the prompt with its new average.

    With a `key` it is the version that an experiment gives this key. No revision rises.
    Raises NotFound, InvalidInput.
    """
    if stars not in range(1, 6):
        raise InvalidInput("stars are 1 to 5", fields={"stars": "1 to 5"})
    async with self._record.begin() as tx:
        before = await tx.library.get(slug, tenant, hold=True)
        target = await (given(tx, before, key) if key else named(tx, before, version))
        made = Rating(target.id, int(stars), comment, author, self._clock.now())
        await tx.library.rate(before.id, [made])
        total = (before.average_rating or 0.0) * before.ratings + stars
        count = before.ratings + 1
        after = replace(before, ratings=count, average_rating=total / count)
        await tx.library.change(after, expected=before.revision)
        await tx.outbox.add("library", [before.id])
    self._changed()
    return after
