"""What every record promises of moves between stores; part of the UnitOfWork contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promptuary.domain.errors import Conflict, LeaseLost, NotFound
from promptuary.domain.moves import Move, Shadow, taken_back
from promptuary.domain.upkeep import Verified
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import an_id, moment

A_MOVE = Move(
    id=an_id("move"),
    source="edge:/here",
    target="memory:",
    space="words",
    step="ramp",
    percent=25,
    cursor='["prompt", "x"]',
    copied=7,
    total=9,
    verified=Verified(9, {"missing": 1}, {"missing": ("a",)}, 1, "ab"),
    shadow=Shadow(3, 0.5, 0.75, 1, 0, 2.0, 3.0),
    took={"backfill": 1.5},
    notes=("odd \x00 words",),
)


@pytest.mark.anyio
class MovesContract(Contract):
    """`record` is an empty record database."""

    async def test_a_move_is_kept_whole(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            assert await tx.moves.current() is None
            await tx.moves.add(A_MOVE)
        async with record.read() as tx:
            found = await tx.moves.get(A_MOVE.id)
            assert replace(found, created_at=None, updated_at=None) == A_MOVE
            assert await tx.moves.current() == found

    async def test_one_move_at_a_time_is_not_over(self, record: UnitOfWork) -> None:
        # Planned by somebody whose clock is years behind.
        other = replace(A_MOVE, id=an_id("other"), created_at=moment(-1))
        async with record.begin() as tx:
            await tx.moves.add(A_MOVE)
            with pytest.raises(Conflict, match="not over"):
                await tx.moves.add(other)
            await tx.moves.save(taken_back(await tx.moves.take(A_MOVE.id), "as a test"))
            assert await tx.moves.current() is None
            await tx.moves.add(other)
        async with record.read() as tx:
            page = await tx.moves.list(limit=1)
            rest = await tx.moves.list(cursor=page.next_cursor, limit=1)
        both = (*page.items, *rest.items)
        assert [each.id for each in both] == [other.id, A_MOVE.id]
        assert all(each.created_at not in {None, moment(-1)} for each in both)
        assert page.total == 2

    async def test_a_move_of_prompts_is_no_move_of_the_index(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.moves.add(replace(A_MOVE, step="finalize"))
            await tx.moves.add(replace(A_MOVE, id=an_id("other"), kind="prompts"))
        async with record.read() as tx:
            mine, other = await tx.moves.current(), await tx.moves.current("prompts")
        assert (mine and mine.id, other and other.id) == (A_MOVE.id, an_id("other"))

    async def test_who_took_a_move_last_drives_it(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.moves.add(A_MOVE)
            first = await tx.moves.take(A_MOVE.id)
            second = await tx.moves.take(A_MOVE.id)
            assert second.fence > first.fence
            with pytest.raises(LeaseLost):
                await tx.moves.save(replace(first, percent=100))
            await tx.moves.save(replace(second, percent=50))
        async with record.read() as tx:
            assert (await tx.moves.get(A_MOVE.id)).percent == 50

    async def test_a_move_that_nobody_knows_is_not_found(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            with pytest.raises(NotFound):
                await tx.moves.get(A_MOVE.id)
            with pytest.raises(NotFound):
                await tx.moves.take(A_MOVE.id)
            with pytest.raises(NotFound):
                await tx.moves.save(A_MOVE)
