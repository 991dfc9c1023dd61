"""A fake: the part of Frigate's HTTP API that events and their clips come from."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from promptuary.testing.fakes.serving import Answered, FakeServer, Received, as_json


class FakeFrigate:
    """Answers `GET /api/events` (`after` and `before` without the bounds themselves, `limit`,
    `sort`, `cameras`, `in_progress`), `/api/review` (`after`, `before`, `reviewed`),
    `/api/event_ids`, `/api/events/{id}`, its `clip.mp4` and its `snapshot.jpg`, and
    `/api/version`. Rows are events, and review items, as Frigate writes them; `faults` are those of
    FakeServer.
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        clips: Mapping[str, bytes] | None = None,
        pictures: Mapping[str, bytes] | None = None,
        reviews: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.rows = [dict(each) for each in rows]
        self.reviews = [dict(each) for each in reviews]
        self._clips, self._pictures = dict(clips or {}), dict(pictures or {})
        self._server = FakeServer(self._answer)

    @property
    def received(self) -> list[Received]:
        """Every request so far."""
        return self._server.received

    @property
    def faults(self) -> deque[str]:
        """How the next requests go wrong."""
        return self._server.faults

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._server.address

    def __enter__(self) -> FakeFrigate:
        self._server.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.__exit__(*exc)

    def _answer(self, received: Received, _: str) -> Answered:
        parts = urlsplit(received.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path.strip("/").split("/"):
            case ["api", "version"]:
                return Answered(200, "text/plain", (b"0.18.0-fake",))
            case ["api", "events"]:
                return as_json(self._page(asked))
            case ["api", "review"]:
                return as_json(self._reviewed(asked))
            case ["api", "event_ids"]:
                wanted = asked.get("ids", "").split(",")
                return as_json([row for row in self.rows if row["id"] in wanted])
            case ["api", "events", id, *part]:
                return self._of_one(id, "".join(part))
        return as_json({"success": False, "message": "Not found"}, 404)

    def _of_one(self, id: str, part: str) -> Answered:
        if part == "clip.mp4":
            kept = self._clips.get(id)
            return Answered(200, "video/mp4", (kept,)) if kept else _missing("Clip", "available")
        if part == "snapshot.jpg":
            kept = self._pictures.get(id)
            return (
                Answered(200, "image/jpeg", (kept,)) if kept else _missing("Snapshot", "available")
            )
        found = next((row for row in self.rows if row["id"] == id), None)
        return as_json(found) if found else _missing("Event")

    def _reviewed(self, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        after, before = float(asked.get("after", "-inf")), float(asked.get("before", "inf"))
        return [
            row
            for row in reversed(self.reviews)
            if row["start_time"] > after
            and (row["end_time"] is None or row["end_time"] < before)
            and (asked.get("reviewed") == "1" or not row["has_been_reviewed"])
        ]

    def _page(self, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        after, before = float(asked.get("after", "-inf")), float(asked.get("before", "inf"))
        cameras = asked.get("cameras", "all")
        ongoing = asked.get("in_progress")
        rows = [
            row
            for row in self.rows
            if after < row["start_time"] < before
            and (cameras == "all" or row["camera"] in cameras.split(","))
            and (ongoing is None or (row["end_time"] is None) == (ongoing == "1"))
        ]
        latest_first = asked.get("sort", "date_desc") == "date_desc"
        rows.sort(key=lambda row: float(row["start_time"]), reverse=latest_first)
        return rows[: int(asked.get("limit", "100"))]


def _missing(what: str, how: str = "found") -> Answered:
    return as_json({"success": False, "message": f"{what} not {how}"}, 404)
