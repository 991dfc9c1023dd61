"""Less than possible: a camera that sees nothing, or a whole site that does."""

from __future__ import annotations

import math
from collections.abc import Collection

from promptuary.conversation.insights.alarms import About, Finding
from promptuary.conversation.insights.cameras import Camera
from promptuary.domain.insights import EVERYWHERE

SHORTEST = 900.0
LEAST_EXPECTED = 6.0
ALARM = math.log(3e-5)
SYSTEM_ALARM = math.log(1e-11)
GONE = 14 * 86_400.0
"""Seconds of silence after which a camera counts as removed, until it sees something."""
SYSTEM = About("system_silence", EVERYWHERE)


def camera_silence(camera: Camera, now: float, *, nats: float = 0.0) -> Finding | None:
    """Whether a camera has seen nothing for longer than chance allows, by all its labels.

    `nats`: by how much less likely than usual it must be.
    """
    quiet = camera.own
    if now - quiet.start <= SHORTEST or quiet.expected <= LEAST_EXPECTED:
        return None
    survival = quiet.log_chance
    alarm = survival < ALARM - nats
    return _finding(quiet.begins, now, quiet.expected, survival) if alarm else None


def system_silence(cameras: Collection[Camera], now: float, *, nats: float = 0.0) -> Finding | None:
    """Whether all cameras together have."""
    since = max((each.common.start for each in cameras), default=now)
    expected = sum(each.common.expected for each in cameras)
    if now - since <= SHORTEST or expected < -SYSTEM_ALARM / 2:
        return None
    survival = sum(each.common.log_chance for each in cameras)
    begins = max(since, min(each.common.begins for each in cameras))
    return _finding(begins, now, expected, survival) if survival < SYSTEM_ALARM - nats else None


def _finding(start: float, now: float, expected: float, survival: float) -> Finding:
    return Finding(start, now, expected, 0, "events", math.exp(max(survival, -700)))
