"""A site of our own, and how to ask about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from promptuary.conversation.planning.plan import plan
from promptuary.domain.conversations import Plan, Unclear
from promptuary.domain.events import Camera, Event, Site

ZONE = ZoneInfo("Europe/Lisbon")
NOW = datetime(2025, 5, 14, 16, 30, tzinfo=UTC)
"""A Wednesday, 17:30 in Lisbon."""

HARBOUR = Site(
    (
        Camera("quay_main", "Main Quay", ("person", "boat", "truck"), ("crane_2", "ladder")),
        Camera("cam_mile", "Last Mile Depot", ("person", "truck", "package"), ("bay_4", "ramp")),
        Camera("mover_1", "People Mover", ("person",), ("platform",)),
        Camera("gate_w", "West Gate", ("car", "person", "bicycle"), ("barrier",), ("marta", "rui")),
        Camera("fish_hall", "Fish Hall", ("person", "forklift", "cat"), ("scales", "cold_store")),
        Camera("playpen", "Play Pen", ("person", "dog"), ("slide",)),
    ),
    datetime(2025, 4, 1, tzinfo=UTC),
    NOW,
)


def understood(question: str, site: Site = HARBOUR, now: datetime = NOW) -> Plan:
    """The plan of a question that is understood."""
    found = plan(question, site, now, ZONE)
    assert isinstance(found, Plan), found
    return found


def unclear(question: str, site: Site = HARBOUR, now: datetime = NOW) -> Unclear:
    """Why a question is not answered."""
    found = plan(question, site, now, ZONE)
    assert isinstance(found, Unclear), found
    return found


def event(
    number: int, camera: str = "gate_w", label: str = "car", *, hours: float = 1.0, **more: object
) -> Event:
    """An event so many hours before NOW."""
    start = NOW - timedelta(hours=hours)
    return Event(f"e{number}", camera, label, start, **more)  # type: ignore[arg-type] # as given
