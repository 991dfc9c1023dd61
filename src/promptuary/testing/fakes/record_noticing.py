"""The fake record's insights, mutes, feedback and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

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
from promptuary.testing.fakes.record_state import State, checked, paged


class MemoryNoticed:
    """The port `Noticed`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def watched(self) -> Watched | None:
        """How far the watch came."""
        return self._state.watched

    async def watch(self, watched: Watched) -> None:
        """Keep how far it came."""
        self._state.write().watched = watched

    async def keep(self, insights: Sequence[Insight]) -> None:
        """Write or overwrite by id."""
        checked(ids=[each.id for each in insights])
        self._state.write().insights |= {each.id: each for each in insights}

    async def get(self, insight_id: str) -> Insight:
        """Raises NotFound."""
        try:
            return self._state.insights[insight_id]
        except KeyError:
            raise NotFound("insight", insight_id) from None

    async def between(self, start: float, end: float) -> Sequence[Insight]:
        """Those that overlap with that time."""
        known = self._state.insights.values()
        found = [each for each in known if each.end >= start and each.start <= end]
        return sorted(found, key=lambda each: (each.start, each.id))

    async def mute(self, mute: Mute) -> None:
        """Write or overwrite by id."""
        checked(ids=[mute.id], times=[mute.since, mute.until, mute.ended_at], name=mute.camera_id)
        self._state.write().mutes[mute.id] = mute

    async def muted(self, mute_id: str) -> Mute:
        """Raises NotFound."""
        try:
            return self._state.mutes[mute_id]
        except KeyError:
            raise NotFound("mute", mute_id) from None

    async def mutes(
        self,
        cameras: Sequence[str] | None = None,
        *,
        at: datetime | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Mute]:
        """The latest first."""
        found = [
            each
            for each in self._state.mutes.values()
            if (cameras is None or each.camera_id in cameras)
            and (at is None or (each.ended_at is None and each.since <= at <= each.until))
        ]
        return paged(
            found,
            lambda each: (each.since.isoformat(), each.id),
            scope=f"mutes {cameras} {at}",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )

    async def mutes_within(self, since: datetime) -> Sequence[Mute]:
        """All that were not undone and did not end before that."""
        known = self._state.mutes.values()
        found = [each for each in known if each.ended_at is None and each.until >= since]
        return sorted(found, key=lambda each: (each.since, each.id))

    async def judge(self, feedback: Feedback) -> None:
        """Append."""
        checked(ids=[feedback.id], times=[feedback.at], name=feedback.camera_id)
        self._state.write().feedback[feedback.id] = feedback

    async def verdicts(self) -> Sequence[Feedback]:
        """All feedback, oldest first."""
        return sorted(self._state.feedback.values(), key=lambda each: (each.at, each.id))

    async def feedback(
        self,
        cameras: Sequence[str] | None = None,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Feedback]:
        """The latest first."""
        known = self._state.feedback.values()
        return paged(
            [each for each in known if cameras is None or each.camera_id in cameras],
            lambda each: (each.at.isoformat(), each.id),
            scope=f"feedback {cameras}",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )

    async def predict(self, predictions: Sequence[Prediction]) -> None:
        """One whose id is known stays as it was."""
        known = self._state.write().predictions
        for each in predictions:
            known.setdefault(each.id, each)

    async def due(self, before: datetime, *, limit: int) -> Sequence[Prediction]:
        """Those that ended by then and were not scored."""
        known = self._state.predictions.values()
        found = [each for each in known if each.observed is None and each.end <= before]
        return sorted(found, key=lambda each: (each.end, each.id))[:limit]

    async def score(self, predictions: Sequence[Prediction]) -> None:
        """Keep what was observed."""
        known = self._state.write().predictions
        for each in predictions:
            if each.id in known:
                known[each.id] = replace(known[each.id], observed=each.observed)

    async def accuracy(self, since: datetime, cameras: Sequence[str] | None = None) -> Accuracy:
        """Of the predictions that began since then."""
        scored = [
            each.low <= each.observed <= each.high
            for each in self._state.predictions.values()
            if each.observed is not None
            and each.start >= since
            and (cameras is None or each.camera_id in cameras)
        ]
        return Accuracy(len(scored), sum(scored))

    async def beat(self, cameras: Sequence[str], at: float, every: float) -> None:
        """Their latest pulse goes on, or a new one begins."""
        known = self._state.write().pulses
        for each in cameras:
            checked(name=each)
            latest = max((p for p in known if p[0] == each), default=None)
            pulse = beaten(known[latest] if latest else None, each, at, every)
            known[each, pulse.first] = pulse

    async def pulses(self, since: float) -> Sequence[Pulse]:
        """Those that did not end before that."""
        return [each for _, each in sorted(self._state.pulses.items()) if each.last >= since]

    async def forget(self, before: datetime) -> None:
        """Delete insights, predictions and pulses that ended before."""
        state = self._state.write()
        at = before.timestamp()
        state.pulses = {key: each for key, each in state.pulses.items() if each.last >= at}
        state.insights = {key: each for key, each in state.insights.items() if each.end >= at}
        state.predictions = {
            key: each for key, each in state.predictions.items() if each.end >= before
        }
