"""What was truly unusual in a stream, or in series."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from promptuary.conversation.insights.calendar import entries, read_object
from promptuary.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that was truly unusual, in UTC seconds; the camera "*" stands for all."""

    id: str
    type: str
    camera_id: str
    start: float
    end: float
    event_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Truth:
    """The oddities of a stream, and the stretch of it that counts."""

    start: float
    end: float
    oddities: tuple[Oddity, ...]


def read_truth(path: Path) -> Truth | None:
    """`{scored_from, end, anomalies: [{anomaly_id, type, camera_id, start, end, event_ids}]}`; None
    for a file that is not there. Raises InvalidInput for a bad one."""
    if not path.exists():
        return None
    whole = read_object(path)
    try:
        found = [
            Oddity(
                id=str(each["anomaly_id"]),
                type=str(each["type"]),
                camera_id=str(each["camera_id"]),
                start=seconds(str(each["start"])),
                end=seconds(str(each["end"])),
                event_ids=frozenset(map(str, each.get("event_ids", ()))),
            )
            for each in entries(path, whole, "anomalies")
        ]
        return Truth(seconds(str(whole["scored_from"])), seconds(str(whole["end"])), tuple(found))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{path}: an anomaly is malformed: {error}") from error


def read_series(path: Path) -> list[tuple[str, datetime, float]]:
    """The lines of a CSV with the head `timestamp,value`: the time as written, the time, the value.

    Raises InvalidInput with file and line.
    """
    found = []
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        if not {"timestamp", "value"} <= set(rows.fieldnames or ()):
            raise InvalidInput(f"{path}: line 1 must be the head `timestamp,value`")
        for row in rows:
            try:
                at, value = datetime.fromisoformat(row["timestamp"]), float(row["value"])
            except (TypeError, ValueError) as error:
                raise InvalidInput(f"{path}: line {rows.line_num}: {error}") from error
            found.append((row["timestamp"], at, value))
    return found


def read_windows(path: Path) -> Mapping[str, Sequence[tuple[float, float]]]:
    """`{series: [[start, end], ...]}`, when something was truly unusual. Raises InvalidInput."""
    try:
        return {
            name: [(seconds(start), seconds(end)) for start, end in windows]
            for name, windows in read_object(path).items()
        }
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(f"{path}: a window is malformed: {error}") from error


def seconds(text: str) -> float:
    """A time as UTC seconds; without a zone it is UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def moment(at: float) -> str:
    """UTC seconds as a time."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
