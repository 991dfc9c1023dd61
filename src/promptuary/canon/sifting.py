"""Putting entries into an index that may refuse some of them."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.domain.errors import GuardRefused, InvalidInput, TooLarge
from promptuary.domain.found import Entry
from promptuary.ports.index import Index

MOST_REFUSED = 100
"""An index that refuses more entries than that is not one to write to."""


async def sift(index: Index, entries: Sequence[Entry], refused: dict[str, str] | None) -> None:
    """Put them. One entry that the index refuses holds up no other where `refused` may note it, by
    its id with the reason. Raises GuardRefused past MOST_REFUSED."""
    try:
        await index.put(entries)
    except (InvalidInput, TooLarge) as error:
        if refused is None:
            raise
        if len(entries) > 1:
            half = len(entries) // 2
            await sift(index, entries[:half], refused)
            await sift(index, entries[half:], refused)
            return
        if len(refused) >= MOST_REFUSED:
            raise GuardRefused(
                f"the index refuses more than {MOST_REFUSED} entries, at last: {error}"
            ) from error
        # What it said before must not be found any more either.
        await index.remove([entries[0].id])
        refused[entries[0].id] = str(error)
    else:
        if refused:
            for each in entries:
                refused.pop(each.id, None)
