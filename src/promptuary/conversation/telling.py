"""The face's methods about insights: what was unusual, what comes, and what people make of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from promptuary.conversation.noticing import HOURS, About, Noticing
from promptuary.domain.errors import Forbidden
from promptuary.domain.insights import Notice, Severity
from promptuary.domain.pages import Page
from promptuary.domain.watching import Feedback, Mute, Outlook, Verdict
from promptuary.ports.clock import Clock

EVERYBODY = "local"
"""Who it is when nobody says who asks."""


class Watching(Protocol):
    """What these methods need of the face that they belong to."""

    @property
    def _clock(self) -> Clock: ...

    @property
    def _noticing(self) -> Noticing: ...


async def insights(
    self: Watching,
    over: timedelta = timedelta(days=1),
    *,
    now: datetime | None = None,
    severity: Severity = "low",
    cameras: Sequence[str] | None = None,
    muted: bool = False,
) -> list[Notice]:
    """What was unusual in that time until now, however long ago it began, the latest first; at
    least that severe.

    The first call looks at the last six weeks (at the latest 20,000 events one by one, before them
    for silences only), later ones go on from there. What is about the whole site shows only to
    those who may see all cameras. What is muted shows where `muted` asks for it.
    """
    now = now or self._clock.now()
    find = partial(self._noticing.notices, now - over, now, severity=severity)
    return await find(cameras=cameras, muted=muted)


async def outlook(
    self: Watching,
    *,
    hours: int = HOURS,
    now: datetime | None = None,
    cameras: Sequence[str] | None = None,
) -> Outlook:
    """How many events of each camera and label the next hours (1 to 24) bring, each with an
    interval. The first prediction of an hour is kept and scored when the hour is over: the
    answer says how many were right. Nothing is said of cameras that are silent or not known
    for two days of a kind."""
    now = now or self._clock.now()
    return await self._noticing.outlook(now, hours=hours, cameras=cameras)


async def mute_insights(
    self: Watching,
    about: About,
    span: timedelta,
    *,
    reason: str = "",
    user: str = EVERYBODY,
    cameras: Sequence[str] | None = None,
) -> Mute:
    """Do not tell such insights for a time, from now on; those that go on are included.

    It holds for everybody. Raises InvalidInput; Forbidden where it is about more than the
    cameras that the user may see.
    """
    mute = partial(self._noticing.mute, about, self._clock.now(), span, reason=reason)
    return await mute(user=user, cameras=cameras)


async def unmute_insights(
    self: Watching, mute_id: str, *, user: str = EVERYBODY, cameras: Sequence[str] | None = None
) -> Mute:
    """Tell such insights again, those of the meantime too. Raises NotFound."""
    now = self._clock.now()
    return await self._noticing.unmute(mute_id, now, user=user, cameras=cameras)


async def insight_mutes(
    self: Watching,
    *,
    ended: bool = False,
    cameras: Sequence[str] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Mute]:
    """The mutes that are on, the latest first; those that `ended` or were undone too."""
    at = None if ended else self._clock.now()
    return await self._noticing.mutes(at=at, cameras=cameras, cursor=cursor, limit=limit)


async def judge_insight(
    self: Watching,
    insight_id: str,
    verdict: Verdict,
    *,
    comment: str = "",
    user: str = EVERYBODY,
    cameras: Sequence[str] | None = None,
) -> Feedback:
    """Say that an insight was `useful` or a `false_alarm`, or take that back (`withdrawn`).

    From now on its type on its camera is told a little more or less easily, within bounds; the
    answer says by how much. Raises NotFound.
    """
    now = self._clock.now()
    judge = partial(self._noticing.judge, insight_id, verdict, now, comment=comment)
    return await judge(user=user, cameras=cameras)


async def insight_feedback(
    self: Watching,
    *,
    cameras: Sequence[str] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Feedback]:
    """What was said of insights, by whom, and what it changed, the latest first."""
    return await self._noticing.feedback(cameras=cameras, cursor=cursor, limit=limit)


async def heartbeat(
    self: Watching,
    ids: Sequence[str],
    *,
    every: timedelta = timedelta(minutes=1),
    cameras: Sequence[str] | None = None,
) -> None:
    """Cameras are alive, and will say so again within `every`: when three heartbeats of one stay
    away and it sees nothing either, it is told as silent. Raises InvalidInput, and Forbidden for
    cameras that the user may not see."""
    if cameras is not None and not set(ids) <= set(cameras):
        raise Forbidden("a heartbeat of a camera that you may not see")
    await self._noticing.beat(ids, every, self._clock.now())
