"""Predictions: made from what the watch knows, kept as they were told first, scored when their time
is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from anyio import to_thread

from promptuary.conversation.insights.foreseeing import LEVEL, Foreseen, foreseen
from promptuary.conversation.insights.watching import Watch
from promptuary.domain.events import EventFilter, Window
from promptuary.domain.watching import Outlook, Prediction
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

SETTLED = timedelta(hours=1)
"""Events may come late: an hour is counted when it is over for so long."""
SCORED_OVER = timedelta(days=30)
AT_ONCE = 500


async def foresee(
    record: UnitOfWork, watch: Watch, now: datetime, hours: int, cameras: Sequence[str] | None
) -> Outlook:
    """What the next hours bring; it is kept, and what is over by now is scored."""
    look = partial(_predictions, watch, now, hours)
    made = await to_thread.run_sync(look)
    async with record.begin() as tx:
        await tx.noticed.predict(made)
        await _score(tx, now - SETTLED)
        accuracy = await tx.noticed.accuracy(now - SCORED_OVER, cameras)
    return Outlook(
        tuple(each for each in made if cameras is None or each.camera_id in cameras), accuracy
    )


def _predictions(watch: Watch, now: datetime, hours: int) -> list[Prediction]:
    found = foreseen(watch, now.timestamp(), hours)
    return [_prediction(each, now) for each in found]


def _prediction(found: Foreseen, now: datetime) -> Prediction:
    start, end = (datetime.fromtimestamp(at, UTC) for at in (found.start, found.end))
    name = "\x1f".join((found.camera_id, found.label, f"{found.start:.0f}"))
    return Prediction(
        id=str(uuid5(NAMESPACE_URL, f"promptuary:prediction:{name}")),
        camera_id=found.camera_id,
        label=found.label,
        start=start,
        end=end,
        made_at=now,
        expected=found.expected,
        low=found.low,
        high=found.high,
        level=LEVEL,
    )


async def _score(tx: Transaction, before: datetime) -> None:
    """Count what came in the hours that are over."""
    while due := await tx.noticed.due(before, limit=AT_ONCE):
        await tx.noticed.score([replace(each, observed=await _came(tx, each)) for each in due])


async def _came(tx: Transaction, predicted: Prediction) -> int:
    window = Window(predicted.start, predicted.end)
    about = EventFilter((predicted.camera_id,), labels=(predicted.label,), windows=(window,))
    return await tx.seen.count(about)
