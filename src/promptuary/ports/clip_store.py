"""Recordings of events, wherever they lie."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol

from promptuary.domain.clips import ClipPart, Footage, Recording
from promptuary.domain.events import Event


class ClipStore(Protocol):
    """Recordings of events, known by an event's `clip` or its id.

    Nothing is guessed: what is not found is not there. Ids and clips come from whoever sends
    events, so none of them leads out of the store, and no address in them is ever asked. Safe to
    call from several tasks at once. Raises Unavailable (TimedOut, BadReply) when the store cannot
    be reached or answers nonsense, Misconfigured where it does not let us in.
    """

    async def find(
        self, events: Sequence[Event], lifetime: timedelta, *, thumbnails: bool = False
    ) -> list[Recording | None]:
        """What is there of each, in the order asked; None where there is no recording. Links that
        the store signs work that long. Pictures are looked for where they are asked for."""
        ...

    def read(
        self, event: Event, part: ClipPart = "clip", *, first: int = 0, last: int | None = None
    ) -> AbstractAsyncContextManager[Footage]:
        """The bytes of a recording, or of a picture of it, from `first` to `last` (None: to the
        end); a store that cannot begin inside gives the whole. Raises NotFound, and Unsupported
        where links lead straight to the store."""
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
