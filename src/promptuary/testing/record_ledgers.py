"""What every record promises of its outbox, idempotency keys and API keys; part of the UnitOfWork
contract."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.keys import ApiKey
from promptuary.ports._ledgers import StoredReply
from promptuary.ports._outbox import OutboxRow
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.contract import Contract
from promptuary.testing.samples import TroubleError, an_id, broken_off, moment, walked

KEY = ApiKey(
    id="pk_1",
    name="somebody",
    scopes=("prompts:read", "prompts:write"),
    digest="digest",
    created_at=moment(1),
    expires_at=moment(9),
    rate_limit_per_minute=60,
)


@pytest.mark.anyio
class LedgersContract(Contract):
    """`record` is an empty record database."""

    async def test_outbox_rows_come_in_order(self, record: UnitOfWork) -> None:
        async with record.read() as tx:
            assert await tx.outbox.last() == 0
        for kind in ("prompt", "lineage", "family"):
            async with record.begin() as tx:
                await tx.outbox.add(kind, [an_id(f"{kind} {i}") for i in range(2)])
        async with record.read() as tx:
            rows = await tx.outbox.after(0, limit=9)
            some = await tx.outbox.after(rows[1].position, limit=2)
            last = await tx.outbox.last()
        assert [row.kind for row in rows] == ["prompt"] * 2 + ["lineage"] * 2 + ["family"] * 2
        assert [row.position for row in rows] == sorted({row.position for row in rows})
        assert some == rows[2:4]
        assert last == rows[-1].position

    async def test_whoever_follows_the_outbox_misses_nothing(self, record: UnitOfWork) -> None:
        seen: list[OutboxRow] = []
        writers = [asyncio.ensure_future(_tell(record, i)) for i in range(40)]
        while True:
            done = all(writer.done() for writer in writers)
            async with record.read() as tx:
                rows = await tx.outbox.after(seen[-1].position if seen else 0, limit=7)
            seen += rows
            if done and not rows:
                break
            await asyncio.sleep(0)
        await asyncio.gather(*writers)
        assert {row.entity_id for row in seen} == {an_id(f"{i}") for i in range(40)}

    async def test_no_row_is_seen_while_one_below_it_may_still_come(
        self, record: UnitOfWork
    ) -> None:
        async with record.begin() as slow:
            await slow.outbox.add("prompt", [an_id("1")])
            lower = await slow.outbox.last()
            quick = asyncio.ensure_future(_tell(record, 2))
            for _ in range(20):
                async with record.read() as tx:
                    assert await tx.outbox.after(0, limit=9) == []
                await asyncio.sleep(0)
        await quick
        async with record.read() as tx:
            first, second = await tx.outbox.after(0, limit=9)
        assert (first.entity_id, second.entity_id) == (an_id("1"), an_id("2"))
        assert lower == first.position < second.position

    async def test_positions_are_never_given_twice(self, record: UnitOfWork) -> None:
        await _tell(record, 1)
        with pytest.raises(TroubleError):
            await broken_off(record, lambda tx: tx.outbox.add("prompt", [an_id("never")]))
        await _tell(record, 2)
        async with record.read() as tx:
            first, second = await tx.outbox.after(0, limit=9)
        assert first.position < second.position
        assert second.entity_id == an_id("2")

    async def test_what_was_pruned_is_gone_and_its_positions_stay_taken(
        self, record: UnitOfWork
    ) -> None:
        for number in range(4):
            await _tell(record, number)
        async with record.begin() as tx:
            rows = await tx.outbox.after(0, limit=9)
            await tx.outbox.prune(rows[1].position)
            assert await tx.outbox.first() == rows[2].position
            assert await tx.outbox.after(0, limit=9) == rows[2:]
            await tx.outbox.prune(rows[-1].position + 99)
            assert await tx.outbox.first() == await tx.outbox.last() == rows[-1].position
        await _tell(record, 5)
        async with record.read() as tx:
            assert await tx.outbox.last() > rows[-1].position

    async def test_an_empty_outbox_has_nothing_to_prune(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.outbox.prune(7)
            assert await tx.outbox.first() == await tx.outbox.last() == 0

    async def test_an_idempotency_key_is_claimed_once(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            assert await tx.replies.begin("key", "digest") is None
        async with record.begin() as tx:
            assert await tx.replies.begin("key", "other") == StoredReply("digest", None, None)
            await tx.replies.finish("key", 201, b"\x00body")
            assert await tx.replies.begin("key", "x") == StoredReply("digest", 201, b"\x00body")

    async def test_of_fifty_claims_at_once_one_wins(self, record: UnitOfWork) -> None:
        async def claim() -> StoredReply | None:
            async with record.begin() as tx:
                return await tx.replies.begin("key", "digest")

        answers = await asyncio.gather(*(claim() for _ in range(50)))
        assert answers.count(None) == 1

    async def test_an_abandoned_key_is_free_again(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.replies.begin("key", "digest")
            await tx.replies.abandon("key")
            await tx.replies.abandon("unknown")
        async with record.begin() as tx:
            assert await tx.replies.begin("key", "digest") is None

    async def test_an_answer_to_no_claim_is_refused(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            with pytest.raises(NotFound):
                await tx.replies.finish("unknown", 200, b"")

    async def test_an_api_key_comes_back_as_it_was(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.keys.add(KEY)
        async with record.read() as tx:
            assert await tx.keys.get(KEY.id) == KEY
            with pytest.raises(NotFound):
                await tx.keys.get("unknown")

    async def test_an_api_key_is_added_once(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.keys.add(KEY)
            with pytest.raises(Conflict):
                await tx.keys.add(replace(KEY, name="another"))
        async with record.read() as tx:
            assert await tx.keys.get(KEY.id) == KEY

    async def test_api_keys_are_listed_newest_first(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            for i in (2, 4, 1, 3):
                await tx.keys.add(replace(KEY, id=f"pk_{i}", created_at=moment(i)))
        async with record.read() as tx:
            got = await walked(lambda cursor: tx.keys.list(cursor=cursor, limit=3))
        assert [key.id for key in got] == ["pk_4", "pk_3", "pk_2", "pk_1"]

    async def test_revoking_twice_keeps_the_first_time(self, record: UnitOfWork) -> None:
        async with record.begin() as tx:
            await tx.keys.add(KEY)
            await tx.keys.revoke(KEY.id, moment(5))
            await tx.keys.revoke(KEY.id, moment(6))
            with pytest.raises(NotFound):
                await tx.keys.revoke("unknown", moment(5))
        async with record.read() as tx:
            assert await tx.keys.get(KEY.id) == replace(KEY, revoked_at=moment(5))


async def _tell(record: UnitOfWork, number: int) -> None:
    async with record.begin() as tx:
        await tx.outbox.add("prompt", [an_id(f"{number}")])
        await asyncio.sleep(0)
