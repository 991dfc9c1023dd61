"""Something that a camera has not seen before."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from promptuary.conversation.insights.alarms import Finding
from promptuary.domain.insights import Sighting

ALARM = 0.005
KNOWN = 200
"""Events, before a camera without a declaration is known."""


@dataclass(slots=True)  # changes: events come in
class Known:
    """The labels of one camera: those that it is declared to see, and those that it saw."""

    declared: frozenset[str] | None
    seen: Counter[str] = field(default_factory=Counter)

    def take(self, sighting: Sighting, *, going: bool, nats: float = 0.0) -> Finding | None:
        """Take an event in: a finding if its label is new, or if `going` its alarm is on. `nats`:
        by how much less likely than usual it must be, where that is estimated."""
        chance = self._chance(sighting.label, ALARM * math.exp(-nats))
        self.seen[sighting.label] += 1
        if not going and chance is None:
            return None
        return Finding(
            start=sighting.at,
            now=sighting.at,
            expected=0,
            observed=self.seen[sighting.label],
            measured="events",
            p_value=ALARM if chance is None else chance,
            evidence_ids=(sighting.event_id,),
        )

    def _chance(self, label: str, alarm: float) -> float | None:
        """How likely a label never seen was to come now; None where this one is no surprise.

        Without a declaration by Good and Turing (Good, 1953): the share of labels seen once.
        """
        if label in self.seen or (self.declared is not None and label in self.declared):
            return None
        number = self.seen.total()
        once = sum(1 for count in self.seen.values() if count == 1)
        chance = (once + 1) / (number + 2)
        if self.declared is None and (number < KNOWN or chance > alarm):
            return None
        return min(chance, ALARM)
