"""What every record promises of leases; part of the UnitOfWork contract."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from promptuary.domain.errors import LeaseLost
from promptuary.domain.jobs import Lease
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract

LONG = timedelta(hours=1)
NOTHING = timedelta(0)


async def taken(record: UnitOfWork, holder: str, lease: timedelta = LONG) -> Lease | None:
    async with record.begin() as tx:
        return await tx.leases.take("index", holder, lease=lease)


@pytest.mark.anyio
class LeasesContract(Contract):
    """`record` is an empty record database."""

    async def test_a_lease_has_one_holder_until_it_is_given_back(self, record: UnitOfWork) -> None:
        first = await taken(record, "a")
        assert first is not None
        assert await taken(record, "b") is None
        async with record.begin() as tx:
            assert await tx.leases.take("another", "b", lease=LONG) is not None
            await tx.leases.give_back(first)
        second = await taken(record, "b")
        assert second is not None
        assert second.fence > first.fence
        with pytest.raises(LeaseLost):
            async with record.begin() as tx:
                await tx.leases.extend(first, lease=LONG)

    async def test_a_lease_that_has_run_out_goes_on_until_another_takes_it(
        self, record: UnitOfWork
    ) -> None:
        first = await taken(record, "a", NOTHING)
        assert first is not None
        async with record.begin() as tx:
            await tx.leases.extend(first, lease=NOTHING)
        second = await taken(record, "b")
        assert second is not None
        async with record.begin() as tx:
            with pytest.raises(LeaseLost):
                await tx.leases.extend(first, lease=LONG)
            await tx.leases.give_back(first)
            await tx.leases.extend(second, lease=LONG)

    async def test_a_holder_gets_its_own_lease_again_and_fences_itself_off(
        self, record: UnitOfWork
    ) -> None:
        first, second = await taken(record, "a"), await taken(record, "a")
        assert first is not None
        assert second is not None
        assert second.fence > first.fence
        with pytest.raises(LeaseLost):
            async with record.begin() as tx:
                await tx.leases.extend(first, lease=LONG)

    async def test_of_many_that_take_a_lease_at_once_one_gets_it(self, record: UnitOfWork) -> None:
        found = await asyncio.gather(*(taken(record, f"{number}") for number in range(8)))
        assert sum(each is not None for each in found) == 1
