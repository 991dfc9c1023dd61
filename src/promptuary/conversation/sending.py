"""The path: insights out, each to everybody who wants them, until they have it or it is given up.

What was sent is remembered in a file of lines beside the record, so that a restart sends nothing
twice and forgets nothing; what is given up lies in a second file, whole, to be sent by hand.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import anyio
from anyio import to_thread

from promptuary.domain.errors import PromptuaryError, Rejected
from promptuary.domain.insights import EVERYWHERE, Notice
from promptuary.ports.insight_sink import InsightSink

Look: TypeAlias = Callable[[], Awaitable[Sequence[Notice]]]
EVERY = 30.0
"""Seconds between two looks at what is unusual."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
ATTEMPTS = 8
"""Tries for one message, about ten minutes; then it is given up."""
PRIORITY = {"low": 2, "medium": 3, "high": 4, "critical": 5}
KINDS = {
    **{"burst": "activity_spike", "silence": "camera_performance"},
    **{"system_silence": "camera_performance", "quality_drop": "camera_performance"},
}


@dataclass(slots=True)  # changes: it remembers what was sent
class Sending:
    """Tells one sink of insights. `folder` keeps what was sent, and what was given up."""

    name: str
    sink: InsightSink
    folder: Path
    service: str = "promptuary"
    _sent: dict[str, str] = field(default_factory=dict)
    _read: bool = False

    async def run(self, look: Look, failed: Callable[[str], None]) -> None:
        """Look and tell until cancelled; `failed` hears of what goes wrong."""
        while True:
            try:
                await self.once(await look())
            except PromptuaryError as error:
                failed(str(error))
            await anyio.sleep(EVERY)

    async def once(self, notices: Sequence[Notice]) -> int:
        """Tell what was not told yet, the oldest first, and of what ended since; how many."""
        if not self._read:
            self._sent, self._read = await to_thread.run_sync(self._known), True
        told = 0
        for notice in sorted(notices, key=lambda each: each.detected_at):
            state = "ongoing" if notice.ongoing else "over"
            if self._sent.get(notice.id) in {state, "over", "given up"}:
                continue
            message = outgoing(notice, self.service)
            given_up = await self._tell(notice.id, message)
            line = {"id": notice.id, "state": "given up" if given_up else state}
            if given_up:
                lost = {**line, "reason": given_up, "message": message}
                await to_thread.run_sync(self._append, "given-up", lost)
            await to_thread.run_sync(self._append, "sent", line)
            self._sent[notice.id] = line["state"]
            told += not given_up
        return told

    async def _tell(self, id: str, message: Mapping[str, Any]) -> str:
        """Why it was given up; empty when it arrived."""
        wait, reason = FIRST_WAIT, ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await anyio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
            try:
                await self.sink.tell(id, message)
            except Rejected as error:
                return str(error)
            except PromptuaryError as error:
                reason = str(error)
            else:
                return ""
        return reason

    def _known(self) -> dict[str, str]:
        path = self._path("sent")
        if not path.exists():
            return {}
        known: dict[str, str] = {}
        for line in path.read_text("utf-8").splitlines():
            try:
                row = json.loads(line)
                known[row["id"]] = row["state"]
            except (ValueError, KeyError, TypeError):
                continue  # a line that a crash cut off
        return known

    def _append(self, what: str, line: Mapping[str, Any]) -> None:
        path = self._path(what)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _path(self, what: str) -> Path:
        return self.folder / f"{self.name}.{what}.jsonl"


def outgoing(notice: Notice, service: str) -> dict[str, Any]:
    """An insight in the shape that older receivers read; ours is in `metadata`."""
    everywhere = notice.camera_id == EVERYWHERE
    return {
        "service_name": service,
        "timestamp": datetime.now(UTC).isoformat(),
        "insight_id": notice.id,
        "insight_type": KINDS.get(notice.type, "security_anomaly"),
        "severity": notice.severity,
        "title": notice.type.replace("_", " ").capitalize(),
        "message": notice.message,
        "confidence_score": round(1 - notice.p_value, 6),
        "analysis_period": {"start": notice.start.isoformat(), "end": notice.end.isoformat()},
        "affected_cameras": [] if everywhere else [notice.camera_id],
        "event_count": len(notice.evidence_ids),
        "suggested_actions": [notice.check],
        "priority_level": PRIORITY[notice.severity],
        "evidence": [{"event_id": each} for each in notice.evidence_ids[:25]],
        "clip_links": [],
        "related_insights": [],
        "metadata": {
            "type": notice.type,
            "label": notice.label,
            "zone": notice.zone,
            "detected_at": notice.detected_at.isoformat(),
            "ongoing": notice.ongoing,
            "expected": notice.expected,
            "observed": notice.observed,
            "measured": notice.measured,
            "p_value": notice.p_value,
        },
    }
