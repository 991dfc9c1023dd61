"""Events as rows of the record, and back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping

from promptuary.adapters.units_of_work._sql.event_filters import micros, moment
from promptuary.domain.events import Event, searchable


def zones_of(text: str) -> tuple[str, ...]:
    """The zones that are kept as `|a|b|`."""
    return tuple(each for each in text.split("|") if each)


def row_of(event: Event) -> dict[str, Any]:
    """The row of an event, each column. Raises InvalidInput for a time without a zone."""
    return {
        "id": event.id,
        "camera_id": event.camera,
        "label": event.label,
        "sub_label": event.sub_label,
        "zones": f"|{'|'.join(event.zones)}|",
        "started": micros(event.start),
        "ended": None if event.end is None else micros(event.end),
        "confidence": event.confidence,
        "description": event.description,
        "searched": None if event.description is None else searchable(event.description),
        "box": None if event.box is None else list(event.box),
        "track_id": event.track,
        "clip": event.clip,
        "metadata": dict(event.metadata),
    }


def to_event(row: RowMapping) -> Event:
    """The event of a row."""
    box = row["box"]
    return Event(
        id=row["id"],
        camera=row["camera_id"],
        label=row["label"],
        start=moment(row["started"]),
        end=None if row["ended"] is None else moment(row["ended"]),
        sub_label=row["sub_label"],
        zones=zones_of(row["zones"]),
        description=row["description"],
        confidence=row["confidence"],
        box=None if box is None else (box[0], box[1], box[2], box[3]),
        track=row["track_id"],
        clip=row["clip"],
        metadata=row["metadata"],
    )
