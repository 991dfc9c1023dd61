"""Somebody else's store in which prompts are copied, as its readers expect to find them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from promptuary.domain.mirrors import Centre, MirroredPrompt


class Mirror(Protocol):
    """Copies alone: nothing here reads them, and all of them can be made again from the record.

    Safe to call from several tasks at once.
    """

    async def show(self, prompts: Sequence[MirroredPrompt], centres: Sequence[Centre]) -> None:
        """Write or overwrite them; the same again changes nothing.

        Raises Unavailable when the store cannot be reached, Misconfigured where it does not let us
        in or holds vectors of another length; then some of them may be written.
        """
        ...

    async def passed(self, batch_id: str, position: int, at: datetime) -> None:
        """The batch is durable up to that item, counted from 1: whoever sends it may go on behind
        it. Raises as `show` does; a mirror that tells nobody does nothing."""
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
