"""The fake record's leases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from promptuary.domain.errors import LeaseLost
from promptuary.domain.jobs import Lease
from promptuary.testing.fakes.record_state import State, checked


class MemoryLeases:
    """The port `Leases`; its database's clock is this process's."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def take(self, name: str, holder: str, *, lease: timedelta) -> Lease | None:
        """None while another holder has it."""
        checked(name=name)
        known, now = self._state.write().leases, datetime.now(UTC)
        last, until = known.get(name, (None, None))
        if last is not None and until is not None and until > now and last.holder != holder:
            return None
        taken = Lease(name, holder, last.fence + 1 if last else 1)
        known[name] = (taken, now + lease)
        return taken

    async def extend(self, held: Lease, *, lease: timedelta) -> None:
        """Raises LeaseLost."""
        known = self._state.write().leases
        last, until = known.get(held.name, (None, None))
        if last is None or last.fence != held.fence or until is None:
            raise LeaseLost(f"{held.name} is no longer held under fence {held.fence}")
        known[held.name] = (last, datetime.now(UTC) + lease)

    async def give_back(self, held: Lease) -> None:
        """Nothing happens when it is lost."""
        known = self._state.write().leases
        last, _ = known.get(held.name, (None, None))
        if last is not None and last.fence == held.fence:
            known[held.name] = (last, None)
