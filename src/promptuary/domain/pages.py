"""Pages of a listing: one, all of them in turn, and cursors that count."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from promptuary.domain.errors import InvalidInput

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in order, the cursor of the next page (None at the end) and the total count."""

    items: tuple[T, ...]
    next_cursor: str | None
    total: int


async def each_page(turn: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncIterator[Page[T]]:
    """Every page of a listing, from the first on; `turn` gives the one at a cursor."""
    cursor: str | None = None
    while True:
        page = await turn(cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return


def offset_of(cursor: str | None, end: int) -> int:
    """Where a page begins whose cursor counts items, in a list that ends before `end`. Raises
    InvalidInput for a cursor that nobody gave."""
    if cursor is None:
        return 0
    known = cursor.isascii() and cursor.isdigit() and len(cursor) <= len(str(end))
    if not known or int(cursor) >= end:
        message = "the cursor is not one of ours; take next_cursor of the page before"
        raise InvalidInput(message, fields={"cursor": "unknown"})
    return int(cursor)
