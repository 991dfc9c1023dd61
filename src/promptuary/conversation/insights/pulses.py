"""Heartbeats: a camera that sends them is missed as soon as they stay away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from promptuary.conversation.insights.alarms import Finding
from promptuary.domain.watching import Pulse

MISSED = 1e-6
"""How likely it is said to be that three heartbeats got lost by chance: nobody knows."""
HEARTBEATS = "heartbeats"


@dataclass(frozen=True, slots=True)
class Pulses:
    """The pulses of each camera, in order."""

    of: Mapping[str, tuple[Pulse, ...]] = field(default_factory=dict)

    @classmethod
    def among(cls, pulses: Iterable[Pulse]) -> Pulses:
        """By camera; `pulses` by their start."""
        found: dict[str, tuple[Pulse, ...]] = {}
        for each in pulses:
            found[each.camera_id] = (*found.get(each.camera_id, ()), each)
        return cls(found)

    def missed(self, camera_id: str, last_event: float, now: float) -> Finding | None:
        """Whether a camera that sent heartbeats sends none any more, and has seen nothing since."""
        begun = [each for each in self.of.get(camera_id, ()) if each.first <= now]
        if not begun or now <= begun[-1].alive_until:
            return None
        last = begun[-1]
        if now <= last_event + (last.alive_until - last.last):
            return None
        start = max(last.last, last_event)
        return Finding(start, now, (now - start) / last.every, 0, HEARTBEATS, MISSED)
