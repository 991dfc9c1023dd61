"""Insights, mutes, feedback and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)

from promptuary.adapters.units_of_work._sql.cursors import Listing, Order
from promptuary.adapters.units_of_work._sql.schema_noticing import (
    camera_pulses,
    insight_feedback,
    insight_mutes,
    insight_predictions,
    insight_watch,
    insights,
)
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.adapters.units_of_work._sql.types import same
from promptuary.domain.errors import NotFound
from promptuary.domain.insights import Insight
from promptuary.domain.pages import Page
from promptuary.domain.watching import (
    Accuracy,
    Feedback,
    Mute,
    Prediction,
    Pulse,
    Watched,
    beaten,
)

_insight = insights.c
_mute = insight_mutes.c
_feedback = insight_feedback.c
_prediction = insight_predictions.c
_pulse = camera_pulses.c
_SITE = "site"
_LATEST_MUTE = Order((_mute.since, _mute.id), (True, True))
_LATEST_FEEDBACK = Order((_feedback.at, _feedback.id), (True, True))


class SqlNoticed:
    """The port `Noticed`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def watched(self) -> Watched | None:
        """How far the watch came."""
        row = await self._db.row(select(insight_watch).where(insight_watch.c.name == _SITE))
        return Watched(row["began"], row["upto"], row["events"]) if row else None

    async def watch(self, watched: Watched) -> None:
        """The row that is written keeps other writers waiting."""
        write = self._db.upsert(insight_watch, "name", "began", "upto", "events")
        known = {each.name: getattr(watched, each.name) for each in fields(Watched)}
        await self._db.run(write.values(name=_SITE, **known))

    async def keep(self, insights_: Sequence[Insight]) -> None:
        """Write or overwrite by id."""
        changing = [each.name for each in fields(Insight) if each.name != "id"]
        write = self._db.upsert(insights, "id", *changing)
        rows = [_row(each) | {"evidence_ids": list(each.evidence_ids)} for each in insights_]
        await self._db.many(write, rows)

    async def get(self, insight_id: str) -> Insight:
        """Raises NotFound."""
        row = await self._db.row(select(insights).where(same(_insight.id, insight_id)))
        if row is None:
            raise NotFound("insight", insight_id)
        return _to_insight(row)

    async def between(self, start: float, end: float) -> Sequence[Insight]:
        """Those that overlap with that time."""
        within = and_(_insight.end >= start, _insight.start <= end)
        found = select(insights).where(within).order_by(_insight.start, _insight.id)
        return [_to_insight(row) for row in await self._db.rows(found)]

    async def mute(self, mute: Mute) -> None:
        """Write or overwrite by id."""
        write = self._db.upsert(insight_mutes, "id", "until", "reason", "ended_at", "ended_by")
        await self._db.run(write.values(_row(mute)))

    async def muted(self, mute_id: str) -> Mute:
        """Raises NotFound."""
        row = await self._db.row(select(insight_mutes).where(same(_mute.id, mute_id)))
        if row is None:
            raise NotFound("mute", mute_id)
        return Mute(**row)

    async def mutes(
        self,
        cameras: Sequence[str] | None = None,
        *,
        at: datetime | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Mute]:
        """The latest first."""
        wanted = _of(_mute.camera_id, cameras)
        if at is not None:
            wanted += [_mute.ended_at.is_(None), _mute.since <= at, _mute.until >= at]
        name = f"mutes {cameras} {at}"
        total = select(func.count()).select_from(insight_mutes).where(*wanted)
        every = select(insight_mutes).where(*wanted)
        listing = Listing(name, _LATEST_MUTE, cursor, limit)
        return await listing.page(self._db, every, total, lambda row: Mute(**row))

    async def mutes_within(self, since: datetime) -> Sequence[Mute]:
        """All that were not undone and did not end before that."""
        wanted = and_(_mute.ended_at.is_(None), _mute.until >= since)
        found = select(insight_mutes).where(wanted).order_by(_mute.since, _mute.id)
        return [Mute(**row) for row in await self._db.rows(found)]

    async def judge(self, feedback: Feedback) -> None:
        """Append."""
        await self._db.run(insight_feedback.insert().values(_row(feedback)))

    async def verdicts(self) -> Sequence[Feedback]:
        """All feedback, oldest first."""
        found = select(insight_feedback).order_by(_feedback.at, _feedback.id)
        return [Feedback(**row) for row in await self._db.rows(found)]

    async def feedback(
        self,
        cameras: Sequence[str] | None = None,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Feedback]:
        """The latest first."""
        wanted = _of(_feedback.camera_id, cameras)
        total: Select[Any] = select(func.count()).select_from(insight_feedback).where(*wanted)
        every = select(insight_feedback).where(*wanted)
        listing = Listing(f"feedback {cameras}", _LATEST_FEEDBACK, cursor, limit)
        return await listing.page(self._db, every, total, lambda row: Feedback(**row))

    async def predict(self, predictions: Sequence[Prediction]) -> None:
        """One whose id is known stays as it was."""
        write = self._db.insert_missing(insight_predictions)
        await self._db.many(write, [_row(each) for each in predictions])

    async def due(self, before: datetime, *, limit: int) -> Sequence[Prediction]:
        """Those that ended by then and were not scored."""
        wanted = and_(_prediction.observed.is_(None), _prediction.end <= before)
        found = select(insight_predictions).where(wanted)
        oldest = found.order_by(_prediction.end, _prediction.id).limit(limit)
        return [Prediction(**row) for row in await self._db.rows(oldest)]

    async def score(self, predictions: Sequence[Prediction]) -> None:
        """Keep what was observed."""
        write = update(insight_predictions).where(_prediction.id == bindparam("known"))
        rows = [{"known": each.id, "observed": each.observed} for each in predictions]
        await self._db.many(write.values(observed=bindparam("observed")), rows)

    async def accuracy(self, since: datetime, cameras: Sequence[str] | None = None) -> Accuracy:
        """Of the predictions that began since then."""
        seen = _prediction.observed
        inside = and_(_prediction.low <= seen, seen <= _prediction.high)
        wanted = [*_of(_prediction.camera_id, cameras), seen.is_not(None)]
        counts: list[Any] = [
            func.count().label("scored"),
            func.coalesce(func.sum(case((inside, 1), else_=0)), 0).label("covered"),
        ]
        counted: Select[Any] = select(*counts)
        row = await self._db.row(counted.where(_prediction.start >= since, *wanted))
        return Accuracy(**row) if row else Accuracy()

    async def beat(self, cameras: Sequence[str], at: float, every: float) -> None:
        """Their latest pulse goes on, or a new one begins."""
        latest = select(camera_pulses).where(_pulse.camera_id.in_(cameras)).order_by(_pulse.first)
        known = {row["camera_id"]: Pulse(**row) for row in await self._db.rows(latest)}
        pulses = [beaten(known.get(each), each, at, every) for each in dict.fromkeys(cameras)]
        write = self._db.keyed(camera_pulses, ["camera_id", "first"], "last", "every")
        await self._db.many(write, [_row(each) for each in pulses])

    async def pulses(self, since: float) -> Sequence[Pulse]:
        """Those that did not end before that."""
        found = select(camera_pulses).where(_pulse.last >= since)
        ordered = found.order_by(_pulse.camera_id, _pulse.first)
        return [Pulse(**row) for row in await self._db.rows(ordered)]

    async def forget(self, before: datetime) -> None:
        """Delete insights, predictions and pulses that ended before."""
        await self._db.run(delete(camera_pulses).where(_pulse.last < before.timestamp()))
        await self._db.run(delete(insights).where(_insight.end < before.timestamp()))
        await self._db.run(delete(insight_predictions).where(_prediction.end < before))


def _of(column: ColumnElement[str], cameras: Sequence[str] | None) -> list[ColumnElement[bool]]:
    return [] if cameras is None else [column.in_(cameras)]


def _row(value: Insight | Mute | Feedback | Prediction | Pulse) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(value)}


def _to_insight(row: RowMapping) -> Insight:
    known: dict[str, Any] = dict(row)
    return Insight(**known | {"evidence_ids": tuple(known["evidence_ids"])})
