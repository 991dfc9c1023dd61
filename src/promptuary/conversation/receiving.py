"""Events as others write them: our own names, those of older clients, and Frigate's shapes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from promptuary.domain.errors import InvalidInput
from promptuary.domain.events import Event, Intake, Received, Refused
from promptuary.domain.filters import Scalar
from promptuary.ports.unit_of_work import UnitOfWork

AHEAD = timedelta(days=1)
"""How far in the future an event may begin: clocks of cameras are not always right."""
LONGEST_NAME = 255
LONGEST_TEXT = 20_000
AT_ONCE = 2_000
"""Events written in one transaction."""
_KINDS = {"person_detected": "person", "vehicle_detected": "car", "motion_detected": "motion"}
_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("event_id", "id"),
    "camera": ("camera_id", "camera"),
    "label": ("label", "event_type"),
    "start": ("timestamp", "start_time", "start", "frame_time"),
    "end": ("end_timestamp", "end_time", "end"),
    "sub_label": ("sub_label",),
    "zones": ("zones", "zone", "entered_zones", "current_zones"),
    "description": ("description", "details"),
    "confidence": ("confidence", "score", "top_score"),
    "box": ("bbox", "bounding_box", "box"),
    "track": ("track_id", "track"),
    "clip": ("clip", "clip_url"),
}
"""Our names, and those under which each may come; the first that says something counts."""


async def receive(
    record: UnitOfWork,
    rows: Iterable[Event | Mapping[str, Any]],
    now: datetime,
    *,
    first: int = 1,
    only: Sequence[str] | None = None,
) -> Received:
    """Write events in batches, each durable when the next begins; bad ones stop nobody. `first`
    is the place of the first of these among all that are sent; `only` are the cameras that the
    sender may write for (None: all)."""
    done = Received(Intake())
    batch: list[tuple[int, Event]] = []
    refused: list[Refused] = []
    for position, row in enumerate(rows, first):
        try:
            event = checked(row if isinstance(row, Event) else event_of(row), now)
            batch.append((position, _of_theirs(event, only)))
        except InvalidInput as error:
            named = row.id if isinstance(row, Event) else str(_first(row, "id") or "")
            refused.append(Refused(position, named[:LONGEST_NAME], str(error)))
        if len(batch) == AT_ONCE:
            done += await _written(record, batch, only)
            batch = []
    done += await _written(record, batch, only)
    return done + Received(Intake(), tuple(refused))


def _of_theirs(event: Event, only: Sequence[str] | None) -> Event:
    if only is None or event.camera in only:
        return event
    raise InvalidInput("no such camera to write for", fields={"camera_id": "unknown"})


async def _written(
    record: UnitOfWork, batch: Sequence[tuple[int, Event]], only: Sequence[str] | None
) -> Received:
    """Whoever may not see a camera does not take its events over by sending their ids again: what
    they leave open would stay and be theirs to read."""
    if not batch:
        return Received(Intake())
    async with record.begin() as tx:
        taken = set[str]()
        if only is not None:
            known = await tx.seen.get([event.id for _, event in batch])
            taken = {event.id for event in known if event.camera not in only}
        done = await tx.seen.add([event for _, event in batch if event.id not in taken])
    why = "this event_id is taken"
    refused = tuple(Refused(at, event.id, why) for at, event in batch if event.id in taken)
    return Received(done, refused)


def event_of(row: Mapping[str, Any]) -> Event:
    """One event out of whatever its sender calls things. Raises InvalidInput."""
    if not isinstance(row, Mapping):
        raise InvalidInput("an event is an object with event_id, camera_id, label and timestamp")
    row = _unwrapped(row)
    inner = row.get("data")
    data = inner if isinstance(inner, Mapping) else {}
    row = {**data, **{name: value for name, value in row.items() if value is not None}}
    start = _moment(_first(row, "start"), "timestamp")
    if start is None:
        raise InvalidInput("an event needs a timestamp", fields={"timestamp": "missing"})
    label = _text(row, "label", needed=True) or ""
    return Event(
        id=_text(row, "id", needed=True) or "",
        camera=_text(row, "camera", needed=True) or "",
        label=_KINDS.get(label, label),
        start=start,
        end=_moment(_first(row, "end"), "end_timestamp"),
        sub_label=_sub_label(row.get("sub_label")),
        zones=_zones(_first(row, "zones")),
        description=_text(row, "description"),
        confidence=_number(_first(row, "confidence"), "confidence"),
        box=_box(_first(row, "box")),
        track=_text(row, "track"),
        clip=_text(row, "clip") or _frigate_clip(row),
        metadata=_metadata(row.get("metadata")),
    )


def _unwrapped(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A message of Frigate's topic `frigate/events` holds the event in `after`."""
    payload = row.get("payload")
    if isinstance(payload, Mapping):
        row = payload
    after = row.get("after")
    return after if isinstance(after, Mapping) else row


def _frigate_clip(row: Mapping[str, Any]) -> str | None:
    return f"/api/events/{row['id']}/clip.mp4" if row.get("has_clip") and row.get("id") else None


def _first(row: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - what the sender wrote
    found = (row.get(each) for each in _NAMES[name])
    return next((each for each in found if each is not None and each != ""), None)


def _text(row: Mapping[str, Any], name: str, *, needed: bool = False) -> str | None:
    value = _first(row, name)
    said = _NAMES[name][0]
    if value is None:
        if needed:
            raise InvalidInput(f"an event needs {said}", fields={said: "missing"})
        return None
    if not isinstance(value, str | int):
        raise InvalidInput(f"{said} must be a text", fields={said: "not a text"})
    return str(value)


def _moment(value: Any, name: str) -> datetime | None:  # noqa: ANN401 - what the sender wrote
    """ISO 8601 (without a zone: UTC) or seconds since 1970."""
    if value is None:
        return None
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            moment = datetime.fromisoformat(value.strip())
        else:
            moment = datetime.fromtimestamp(float(value), UTC)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise InvalidInput(f"{name} is no time: {value!r:.60}", fields={name: "no time"}) from error


def _number(value: Any, name: str) -> float | None:  # noqa: ANN401 - what the sender wrote
    if value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name} is no number: {value!r:.60}", fields={name: "bad"}) from error


def _sub_label(value: Any) -> str | None:  # noqa: ANN401 - what the sender wrote
    """Frigate gives a name and how sure it is of it."""
    if isinstance(value, list | tuple) and value:
        value = value[0]
    return str(value) if value else None


def _zones(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - what the sender wrote
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(each.strip() for each in value.split("|") if each.strip())
    if isinstance(value, list | tuple):
        return tuple(dict.fromkeys(str(each) for each in value if each))
    raise InvalidInput("zones are names", fields={"zone": "not a name"})


def _box(value: Any) -> tuple[float, float, float, float] | None:  # noqa: ANN401 - as sent
    """A box in parts of the picture; one in pixels says nothing without the size of it."""
    if value is None:
        return None
    try:
        left, top, width, height = (float(each) for each in value)
    except (TypeError, ValueError) as error:
        raise InvalidInput("a box is left, top, width, height", fields={"bbox": "bad"}) from error
    box = (left, top, width, height)
    if not all(map(math.isfinite, box)):
        raise InvalidInput("a box holds four finite numbers", fields={"bbox": "not finite"})
    return box if all(0 <= each <= 1 for each in box) else None


def _metadata(value: Any) -> Mapping[str, Scalar]:  # noqa: ANN401 - what the sender wrote
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput("metadata is an object", fields={"metadata": "no object"})
    for each in value.values():
        if isinstance(each, float) and not math.isfinite(each):
            raise InvalidInput("metadata holds no NaN", fields={"metadata": "not finite"})
    return {str(k): v for k, v in value.items() if isinstance(v, str | int | float | bool)}


def checked(event: Event, now: datetime) -> Event:
    """The event, if it can be true. Raises InvalidInput."""
    for name, value in (
        *(("event_id", event.id), ("camera_id", event.camera), ("label", event.label)),
        *(("zone", zone) for zone in event.zones),
        *(("sub_label", event.sub_label or "-"), ("track_id", event.track or "-")),
    ):
        if not value.strip() or len(value) > LONGEST_NAME or ("|" in value and name == "zone"):
            raise InvalidInput(
                f"{name} holds 1 to {LONGEST_NAME} characters", fields={name: "length"}
            )
    if len(event.description or "") > LONGEST_TEXT or len(event.clip or "") > LONGEST_TEXT:
        raise InvalidInput(
            f"a description holds at most {LONGEST_TEXT} characters",
            fields={"description": "too long"},
        )
    if event.start > now + AHEAD:
        raise InvalidInput(
            f"it begins {event.start.isoformat()}, which is still to come",
            fields={"timestamp": "in the future"},
        )
    if event.end is not None and event.end < event.start:
        raise InvalidInput("it ends before it begins", fields={"end_timestamp": "before start"})
    if event.confidence is not None and not 0 <= event.confidence <= 1:
        raise InvalidInput("a confidence is 0 to 1", fields={"confidence": "out of range"})
    return event
