"""Leases: one row a name, changed by one statement at a time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, update

from promptuary.adapters.units_of_work._sql.schema_leases import leases
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.domain.errors import LeaseLost
from promptuary.domain.jobs import Lease


class SqlLeases:
    """The port `Leases`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def take(self, name: str, holder: str, *, lease: timedelta) -> Lease | None:
        """None while another holder has it."""
        now = await self._db.now()
        row = {"name": name, "holder": holder, "fence": 1, "lease_until": now + lease}
        free = or_(
            leases.c.lease_until.is_(None),
            leases.c.lease_until <= now,
            leases.c.holder == literal_column('excluded."holder"'),
        )
        changed = {
            "holder": literal_column('excluded."holder"'),
            "fence": leases.c.fence + 1,
            "lease_until": literal_column('excluded."lease_until"'),
        }
        taking = self._db.merging(leases, "name", changed, where=free).values(row)
        if not (await self._db.run(taking)).rowcount:
            return None
        fence = select(leases.c.fence).where(leases.c.name == name)
        return Lease(name, holder, await self._db.number(fence))

    async def extend(self, held: Lease, *, lease: timedelta) -> None:
        """Raises LeaseLost."""
        until = await self._db.now() + lease
        mine = update(leases).where(_held(held), leases.c.lease_until.is_not(None))
        if not (await self._db.run(mine.values(lease_until=until))).rowcount:
            raise LeaseLost(f"{held.name} is no longer held under fence {held.fence}")

    async def give_back(self, held: Lease) -> None:
        """Nothing happens when it is lost."""
        await self._db.run(update(leases).where(_held(held)).values(lease_until=None))


def _held(lease: Lease) -> ColumnElement[bool]:
    return and_(leases.c.name == lease.name, leases.c.fence == lease.fence)
