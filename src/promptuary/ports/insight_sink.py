"""Somebody outside who is told of insights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class InsightSink(Protocol):
    """Takes what it is told, once or several times: `id` says what is the same. Safe to call again
    after any error. Raises Unavailable (TimedOut, RateLimited, BadReply) where another try may
    help, Rejected where the very message is refused, Misconfigured where it does not let us in."""

    async def tell(self, id: str, message: Mapping[str, Any]) -> None:
        """Hand over one message; when it returns, the other side has it."""
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
