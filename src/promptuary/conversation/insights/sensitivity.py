"""How unlikely something must be before it is told: as people's feedback would have it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from promptuary.domain.watching import Feedback, Verdict

STEP: Mapping[Verdict, float] = {"false_alarm": 1.0, "useful": -0.5, "withdrawn": 0.0}
"""Powers of ten by which a verdict changes it: a false alarm weighs as much as two useful ones."""
STRICTEST, KEENEST = 3.0, -1.0
"""However much is said, it is told at a thousandth, or at ten times, of the usual chance."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The verdicts that were given, by type and camera, each from the time on when it was given;
    so that a watch that begins anew says what it said."""

    _given: Mapping[tuple[str, str], tuple[Feedback, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, feedback: Iterable[Feedback]) -> Sensitivity:
        """By feedback, oldest first."""
        given: dict[tuple[str, str], tuple[Feedback, ...]] = {}
        for each in feedback:
            about = (each.type, each.camera_id)
            given[about] = (*given.get(about, ()), each)
        return cls(given)

    def decades(self, type: str, camera_id: str, at: float) -> float:
        """By how many powers of ten less likely than usual it must be, at that time."""
        given = self._given.get((type, camera_id))
        if given is None:
            return 0.0
        last = {each.insight_id: each.verdict for each in given if each.at.timestamp() <= at}
        total = 0.0
        for verdict in last.values():
            total = min(STRICTEST, max(KEENEST, total + STEP[verdict]))
        return total

    def nats(self, type: str, camera_id: str, at: float) -> float:
        """The same as a natural logarithm."""
        return self.decades(type, camera_id, at) * math.log(10)
