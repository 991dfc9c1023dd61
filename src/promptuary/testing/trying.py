"""How many examples a test of a contract tries."""

from __future__ import annotations

from hypothesis import HealthCheck, settings


def trying(most: int) -> settings:
    """So many examples, or as few as the loaded profile wants (a check before each change wants
    few); a decorator for a test, whose fixtures all of them share."""
    few = min(most, settings().max_examples)
    return settings(max_examples=few, deadline=None, suppress_health_check=[*HealthCheck])
