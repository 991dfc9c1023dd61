"""Any question of the port Events has on SQLite the answer of the reference."""

from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import pytest
from hypothesis import given

from promptuary.adapters.units_of_work.sqlite import connect
from promptuary.domain.events import Event, EventFilter
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.record_conversations import events, filters, seen


async def answers(record: UnitOfWork, given_: list[Event], where: EventFilter) -> list[object]:
    """Everything that can be asked of those events."""
    async with record.begin() as tx:
        intake = await tx.seen.add(given_)
    async with record.read() as tx:
        orders = [
            await tx.seen.find(where, order=order, limit=4, skip=1)
            for order in ("first", "last", "longest", "shortest")
        ]
        by = [
            dict(await tx.seen.count_by(where, by)) for by in ("camera", "label", "person", "zone")
        ]
        quarters = dict(await tx.seen.quarters(where))
        crowd = await tx.seen.crowd(where)
        counted = (
            await tx.seen.count(where),
            await tx.seen.exists(where),
            crowd,
            quarters,
            await tx.seen.site(),
        )
        return [intake, *counted, *orders, *by]


SAID = ("a red car", "die Straße", "küçük köpek", "дом", "a \u19b0 there", "red \u19b0", "x_1 y")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "words",
    [
        (("red",),), (("strasse", "car"),), (("köpek",), ("küçük",)), (("дом",),), (("\u19b0",),),
        (("\u19b0",), ("red",)), (("x_1",),), (("x", "_1"),), (("reds",),),
    ],
)  # fmt: skip
async def test_descriptions_are_asked_for_their_very_words(
    words: tuple[tuple[str, ...], ...], tmp_path: Path
) -> None:
    there = [seen(f"e{n}", description=text) for n, text in enumerate(SAID)]
    where = EventFilter(words=words)
    record = await connect(f"sqlite:///{tmp_path}/r.db")
    try:
        assert await answers(record, there, where) == await answers(
            MemoryUnitOfWork(), there, where
        )
    finally:
        await record.aclose()


@pytest.mark.slow
@given(events(), filters())
def test_sql_counts_what_the_reference_counts(given_: list[Event], where: EventFilter) -> None:
    async def both() -> None:
        with TemporaryDirectory() as folder:
            record = await connect(f"sqlite:///{Path(folder) / 'r.db'}")
            try:
                assert await answers(record, given_, where) == await answers(
                    MemoryUnitOfWork(), given_, where
                )
            finally:
                await record.aclose()

    anyio.run(both)
