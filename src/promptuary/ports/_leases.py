"""The part of the record that hands out leases; what `ports/unit_of_work.py` says holds here."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from promptuary.domain.jobs import Lease


class Leases(Protocol):
    """Rights that one holder at a time has, by name. Time is the database's own."""

    async def take(self, name: str, holder: str, *, lease: timedelta) -> Lease | None:
        """The lease, with a fence above every earlier one, or None while another holder has it. Who
        has it gets it again: whoever went by that name before has lost it."""
        ...

    async def extend(self, held: Lease, *, lease: timedelta) -> None:
        """Let it run from now. Raises LeaseLost once it was handed out again or given back; one
        that has run out and that nobody took goes on."""
        ...

    async def give_back(self, held: Lease) -> None:
        """Let anybody have it at once; nothing happens when it is lost."""
        ...
