"""Insights out, each to everybody who wants them, when they begin and when they are over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import anyio

from promptuary.delivering import OVER, Delivery, Parcel
from promptuary.domain.errors import PromptuaryError
from promptuary.domain.insights import Notice

Look: TypeAlias = Callable[[], Awaitable[Sequence[Notice]]]
EVERY = 30.0
"""Seconds between two looks at what is unusual."""
PRIORITY = {"low": 2, "medium": 3, "high": 4, "critical": 5}
KINDS = {
    **{"burst": "activity_spike", "silence": "camera_performance"},
    **{"system_silence": "camera_performance", "quality_drop": "camera_performance"},
}


@dataclass(frozen=True, slots=True)
class Sending:
    """Tells one sink of insights."""

    delivery: Delivery
    service: str = "promptuary"

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
        return await self.delivery.send(
            Parcel(each.id, "ongoing" if each.ongoing else OVER, outgoing(each, self.service))
            for each in sorted(notices, key=lambda each: each.detected_at)
        )


def outgoing(notice: Notice, service: str) -> dict[str, Any]:
    """An insight in the shape that older receivers read; ours is in `metadata`."""
    part = notice.pattern
    pattern = {
        "pattern_type": part.type,
        "affected_cameras": list(part.cameras),
        "time_pattern": f"{part.start.isoformat()}/{part.end.isoformat()}",
    }
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
        "affected_cameras": list(part.cameras),
        "event_count": len(notice.evidence_ids),
        "suggested_actions": [notice.check],
        "priority_level": PRIORITY[notice.severity],
        "evidence": [{"event_id": each, **pattern} for each in notice.evidence_ids[:25]],
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
