"""Events on their way in: what a source gives, and what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]
"""An event as its sender writes it."""


async def _nothing() -> None:
    """There is nobody to tell."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events, in the order in which they came; `unread` says of each message that was none
    what was wrong. `taken` is called when they are durable: what is not may come again."""

    rows: tuple[Row, ...] = ()
    unread: tuple[str, ...] = ()
    taken: Callable[[], Awaitable[None]] = _nothing


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard so far: messages, and of the events in them those that were new, changed
    something, changed nothing, and were refused (the last reason is kept). `away` says why nothing
    is heard just now."""

    messages: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    reason: str = ""
    away: str = ""
