"""Conversations of an older service, as it wrote them, and what became of them here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class OlderThread:
    """A conversation as it was kept: its own row (None where that is gone), whose it is by the list
    of that user (empty: in no list), and its messages, the oldest first. `unread` says of each part
    that could not be read what was wrong."""

    id: str
    row: Mapping[str, Any] | None
    user: str = ""
    messages: tuple[Mapping[str, Any], ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What became of conversations: `new` ones, those that `grew`, those that were the `same`,
    those whose time was over, and those that were refused; `messages` that were written; `lost` are
    messages that were listed and gone, or could not be read. `reasons` are the first of them."""

    new: int = 0
    grew: int = 0
    same: int = 0
    expired: int = 0
    refused: int = 0
    messages: int = 0
    lost: int = 0
    reasons: tuple[str, ...] = ()

    def __add__(self, other: TakenOver) -> TakenOver:
        return TakenOver(
            self.new + other.new,
            self.grew + other.grew,
            self.same + other.same,
            self.expired + other.expired,
            self.refused + other.refused,
            self.messages + other.messages,
            self.lost + other.lost,
            (*self.reasons, *other.reasons)[:100],
        )
