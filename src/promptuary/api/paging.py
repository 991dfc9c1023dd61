"""Pages by number, for clients that count them; cursors work in the same lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Depends, Query

from promptuary.api.problems import ProblemRaised, invalid
from promptuary.api.serving import Cursor, PageNumber

LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page: from a cursor, or by its number."""

    page: int
    size: int
    cursor: str | None

    @property
    def offset(self) -> int:
        """How many items come before the page; 0 with a cursor, which knows its place."""
        return 0 if self.cursor else (self.page - 1) * self.size


async def asked(
    page: PageNumber = 1,
    page_size: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Most items.")] = 20,
    cursor: Cursor = None,
    limit: Annotated[
        int | None, Query(ge=1, le=LARGEST_PAGE, description="The same as `page_size`; it wins.")
    ] = None,
) -> Asked:
    """The page asked for. Raises INVALID_INPUT for a cursor and a number at once."""
    if cursor and page > 1:
        raise ProblemRaised(invalid({"page": "give a cursor or a page, not both"}))
    return Asked(page, limit or page_size, cursor)


AskedPage: TypeAlias = Annotated[Asked, Depends(asked)]
