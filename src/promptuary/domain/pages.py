"""A page of a listing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in order, the cursor of the next page (None at the end) and the total count."""

    items: tuple[T, ...]
    next_cursor: str | None
    total: int
