"""The path: the watch goes on, and tells what was unusual; people mute it and say what it is worth.

A mute and a verdict are about the site and hold for everybody; each needs the right to see what it
is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import get_args
from uuid import uuid4
from zoneinfo import ZoneInfo

import anyio
from anyio import to_thread

from promptuary.conversation.following import Following
from promptuary.conversation.foreseeing import foresee
from promptuary.conversation.insights.sensitivity import Sensitivity
from promptuary.conversation.insights.telling import told
from promptuary.conversation.insights.usually import Usually, usually
from promptuary.conversation.planning.windows import zone_of
from promptuary.domain.errors import Forbidden, InvalidInput, NotFound
from promptuary.domain.events import Camera
from promptuary.domain.insights import EVERYWHERE, InsightType, Notice, Severity
from promptuary.domain.pages import Page
from promptuary.domain.watching import Feedback, Mute, Outlook, Verdict
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

LATE = timedelta(minutes=1)
"""The watch stays so far behind the clock: events come a little after they began."""
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
LONGEST_MUTE = timedelta(days=366)
LONGEST_COMMENT = 1_000
SHORTEST_BEAT, LONGEST_BEAT = timedelta(seconds=1), timedelta(days=1)
HOURS, LONGEST_OUTLOOK = 6, 24
"""How far ahead predictions look, unless asked, and at most."""


@dataclass(frozen=True, slots=True)
class About:
    """What a mute is about; empty: any."""

    camera_id: str = ""
    label: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Noticing:
    """What is unusual among the events of one record, and what people make of it."""

    record: UnitOfWork
    following: Following
    _turn: anyio.Lock = field(default_factory=anyio.Lock)

    async def notices(
        self,
        since: datetime,
        now: datetime,
        *,
        severity: Severity = "low",
        cameras: Sequence[str] | None = None,
        muted: bool = False,
    ) -> list[Notice]:
        """What was unusual between then and now, however long ago it began, the latest first: of
        these cameras (None: of all, and of the site), at least that severe; what is muted only if
        it is asked for."""
        async with self._turn:
            await self.following.to(now - LATE)
        async with self.record.read() as tx:
            found = await tx.noticed.between(since.timestamp(), now.timestamp())
            mutes = await tx.noticed.mutes_within(since)
            names = await _names(tx, [each.camera_id for each in found])
        least = SEVERITIES.index(severity)
        latest = sorted(found, key=lambda one: (one.detected_at, one.id), reverse=True)
        notices = [
            told(each, names, self.zone, muted=any(mute.covers(each) for mute in mutes))
            for each in latest
            if each.detected_at <= now.timestamp()
            and since.timestamp() <= max(each.end, each.detected_at)
            and SEVERITIES.index(each.severity) >= least
            and (cameras is None or each.camera_id in cameras)
        ]
        return [each for each in notices if muted or not each.muted]

    async def outlook(
        self, now: datetime, *, hours: int = HOURS, cameras: Sequence[str] | None = None
    ) -> Outlook:
        """How many events the next hours bring, of these cameras. Raises InvalidInput."""
        if not 1 <= hours <= LONGEST_OUTLOOK:
            raise InvalidInput(f"1 to {LONGEST_OUTLOOK} hours", fields={"hours": "out of range"})
        async with self._turn:
            await self.following.to(now - LATE)
            found = await foresee(self.record, self.following.watch, now, hours, cameras)
        local = [
            replace(e, start=e.start.astimezone(self.zone), end=e.end.astimezone(self.zone))
            for e in found.predictions
        ]
        return replace(found, predictions=tuple(local))

    async def usually(
        self,
        cameras: Sequence[str],
        labels: Sequence[str],
        spans: Sequence[tuple[float, float]],
        now: datetime,
    ) -> Usually | None:
        """What is usual there in those spans, as far as the watch knows by now; None: too little
        is known."""
        async with self._turn:
            await self.following.to(now - LATE)
            watch = self.following.watch
            return await to_thread.run_sync(partial(usually, watch, cameras, labels, spans))

    async def beat(self, ids: Sequence[str], every: timedelta, now: datetime) -> None:
        """Cameras are alive and will say so again within that time. Raises InvalidInput."""
        if not SHORTEST_BEAT <= every <= LONGEST_BEAT:
            raise InvalidInput("a heartbeat every 1 to 86,400 seconds", fields={"every": "no"})
        async with self.record.begin() as tx:
            await tx.noticed.beat(ids, now.timestamp(), every.total_seconds())

    @property
    def zone(self) -> ZoneInfo:
        """Where the clock of the site stands."""
        return zone_of(self.following.calendar.timezone or self.following.timezone)

    async def mute(
        self,
        about: About,
        now: datetime,
        span: timedelta,
        *,
        reason: str = "",
        user: str = "",
        cameras: Sequence[str] | None = None,
    ) -> Mute:
        """Do not tell such insights for a time, nor those that go on now. Raises InvalidInput, and
        Forbidden for cameras that the user may not see."""
        if not timedelta(0) < span <= LONGEST_MUTE:
            raise InvalidInput("a mute lasts up to 366 days", fields={"minutes": "out of range"})
        if about.type and about.type not in get_args(InsightType):
            known = ", ".join(get_args(InsightType))
            raise InvalidInput(f"a type is one of {known}", fields={"type": "unknown"})
        if cameras is not None and about.camera_id not in cameras:
            raise Forbidden("a mute must name a camera that you may see")
        mute = Mute(
            id=str(uuid4()),
            camera_id=about.camera_id,
            label=about.label,
            type=about.type,
            since=now,
            until=now + span,
            reason=_comment(reason),
            made_by=user,
        )
        async with self.record.begin() as tx:
            await tx.noticed.mute(mute)
        return mute

    async def unmute(
        self, mute_id: str, now: datetime, *, user: str, cameras: Sequence[str] | None = None
    ) -> Mute:
        """Tell such insights again, those of the meantime too. Raises NotFound."""
        async with self.record.begin() as tx:
            mute = await tx.noticed.muted(mute_id)
            if cameras is not None and mute.camera_id not in cameras:
                raise NotFound("mute", mute_id)
            if mute.ended_at is None:
                mute = replace(mute, ended_at=now, ended_by=user)
                await tx.noticed.mute(mute)
        return mute

    async def judge(
        self,
        insight_id: str,
        verdict: Verdict,
        now: datetime,
        *,
        comment: str = "",
        user: str = "",
        cameras: Sequence[str] | None = None,
    ) -> Feedback:
        """Say what an insight was worth: from now on its type on its camera must be less likely to
        be told (false alarm), or may be likelier (useful), within bounds. Raises NotFound."""
        async with self.record.begin() as tx:
            insight = await tx.noticed.get(insight_id)
            if cameras is not None and insight.camera_id not in cameras:
                raise NotFound("insight", insight_id)
            given = Feedback(
                id=str(uuid4()),
                insight_id=insight_id,
                type=insight.type,
                camera_id=insight.camera_id,
                verdict=verdict,
                comment=_comment(comment),
                made_by=user,
                at=now,
                before=0.0,
                after=0.0,
            )
            known = await tx.noticed.verdicts()
            before, after = (
                Sensitivity.of(each).decades(insight.type, insight.camera_id, now.timestamp())
                for each in (known, [*known, given])
            )
            given = replace(given, before=before, after=after)
            await tx.noticed.judge(given)
        return given

    async def mutes(
        self,
        *,
        at: datetime | None = None,
        cameras: Sequence[str] | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Mute]:
        """The latest first; `at`: only those that are on then."""
        async with self.record.read() as tx:
            return await tx.noticed.mutes(cameras, at=at, cursor=cursor, limit=limit)

    async def feedback(
        self,
        *,
        cameras: Sequence[str] | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Feedback]:
        """What was said of insights, and what it changed, the latest first."""
        async with self.record.read() as tx:
            return await tx.noticed.feedback(cameras, cursor=cursor, limit=limit)


async def _names(tx: Transaction, cameras: Iterable[str]) -> dict[str, str]:
    """What people call the cameras."""
    known = {each: Camera(each).title for each in cameras}
    known |= {each.id: each.title for each in await tx.seen.described()}
    return known | {EVERYWHERE: "the site"}


def _comment(text: str) -> str:
    if len(text) > LONGEST_COMMENT:
        raise InvalidInput(
            f"a comment holds at most {LONGEST_COMMENT} characters", fields={"comment": "too long"}
        )
    return text
