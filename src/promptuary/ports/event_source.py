"""Where events come from, in the shapes of whoever sends them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Protocol

from promptuary.domain.incoming import Batch


class EventSource(Protocol):
    """Messages about events: new ones, updates, ends, and the same again.

    A row is what the sender wrote, and may be nonsense: whoever takes it checks it. What is not a
    row at all is named in `unread` and stops nobody. A batch counts as taken when its `taken` was
    called; what is not taken may come again where the source keeps it, so taking must be
    idempotent. Raises Unavailable (TimedOut, BadReply) when the source cannot be reached or goes
    away: then the same call begins anew and goes on where it was. Raises Misconfigured where it
    does not let us in.
    """

    def past(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> AsyncGenerator[Batch, None]:
        """What it keeps of events that began in that time, the oldest first. Raises Unsupported
        where it keeps none."""
        ...

    def live(self) -> AsyncGenerator[Batch, None]:
        """What comes from now on, and what a source that remembers us kept meanwhile; without an
        end."""
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
