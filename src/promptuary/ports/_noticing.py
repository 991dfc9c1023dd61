"""The part of the record that holds insights; what `ports/unit_of_work.py` says holds here too.

`cameras` are those that somebody may see: None is all, and what is about all cameras ("" or "*").
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from promptuary.domain.insights import Insight
from promptuary.domain.pages import Page
from promptuary.domain.watching import Accuracy, Feedback, Mute, Prediction, Pulse, Watched


class Noticed(Protocol):
    """Insights, mutes, feedback and predictions."""

    async def watched(self) -> Watched | None:
        """How far the watch came; None before it began."""
        ...

    async def watch(self, watched: Watched) -> None:
        """Keep how far it came. Writers take turns from here until commit."""
        ...

    async def keep(self, insights: Sequence[Insight]) -> None:
        """Write or overwrite by id."""
        ...

    async def get(self, insight_id: str) -> Insight:
        """Raises NotFound."""
        ...

    async def between(self, start: float, end: float) -> Sequence[Insight]:
        """Those that overlap with that time (UTC in seconds), by their start, then id."""
        ...

    async def mute(self, mute: Mute) -> None:
        """Write or overwrite by id."""
        ...

    async def muted(self, mute_id: str) -> Mute:
        """Raises NotFound."""
        ...

    async def mutes(
        self,
        cameras: Sequence[str] | None = None,
        *,
        at: datetime | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Mute]:
        """The latest first; `at`: only those that are on then."""
        ...

    async def mutes_within(self, since: datetime) -> Sequence[Mute]:
        """All that were not undone and did not end before that."""
        ...

    async def judge(self, feedback: Feedback) -> None:
        """Append."""
        ...

    async def verdicts(self) -> Sequence[Feedback]:
        """All feedback, oldest first."""
        ...

    async def feedback(
        self,
        cameras: Sequence[str] | None = None,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Feedback]:
        """The latest first."""
        ...

    async def predict(self, predictions: Sequence[Prediction]) -> None:
        """Keep them; one whose id is known stays as it was."""
        ...

    async def due(self, before: datetime, *, limit: int) -> Sequence[Prediction]:
        """Those that ended by then and were not scored, oldest first."""
        ...

    async def score(self, predictions: Sequence[Prediction]) -> None:
        """Keep what was observed."""
        ...

    async def accuracy(self, since: datetime, cameras: Sequence[str] | None = None) -> Accuracy:
        """Of the predictions that began since then."""
        ...

    async def beat(self, cameras: Sequence[str], at: float, every: float) -> None:
        """Cameras are alive: their latest pulse goes on, or a new one begins, as
        `domain.watching.beaten` says."""
        ...

    async def pulses(self, since: float) -> Sequence[Pulse]:
        """Those that did not end before that, by camera, then start."""
        ...

    async def forget(self, before: datetime) -> None:
        """Delete insights, predictions and pulses that ended before; feedback and mutes stay."""
        ...
