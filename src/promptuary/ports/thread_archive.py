"""Where an older service keeps its conversations."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from promptuary.domain.threads import OlderThread


class ThreadArchive(Protocol):
    """Conversations as somebody else wrote them: nothing in them is checked, and nothing is changed
    there. Raises Unavailable when it cannot be reached, Misconfigured where it does not let us
    in."""

    def threads(self) -> AsyncGenerator[OlderThread, None]:
        """Each conversation once, in no order; what is broken in one stops no other. What comes
        while they are read may be left out."""
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
