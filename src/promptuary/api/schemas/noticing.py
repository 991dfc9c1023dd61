"""Insights in the shape of answers, as older clients read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.conversation import EvidenceOut
from promptuary.domain.events import Event
from promptuary.domain.insights import EVERYWHERE, InsightType, Notice

OLDER_TYPES: dict[InsightType, str] = {
    "burst": "activity_spike",
    "unusual_hour": "security_anomaly",
    "silence": "camera_performance",
    "system_silence": "camera_performance",
    "loitering": "security_anomaly",
    "new_label": "security_anomaly",
    "quality_drop": "camera_performance",
}
"""What older clients call each; ours is in `metadata.type`."""


class InsightOut(Wire):
    """An insight. `conversation_id` is its own id: an insight belongs to no conversation.

    `metadata` says its `insight_type`, `type`, `severity`, `affected_cameras`, `time_period`,
    `expected` and `observed` in the unit of `measured`, `p_value`, `check` (alone in
    `suggested_actions`), `muted` and `ongoing`.
    """

    conversation_id: str
    response: Text
    response_type: Literal["proactive_insight"]
    confidence_score: float
    follow_up_questions: list[Text]
    evidence: list[EvidenceOut]
    clip_links: list[str]
    clips: list[dict[str, Any]]
    metadata: dict[str, Any]

    @classmethod
    def of(cls, notice: Notice, events: Sequence[Event], period: str) -> InsightOut:
        """With the first of its events."""
        start, end = notice.start.isoformat(), notice.end.isoformat()
        return cls(
            conversation_id=notice.id,
            response=notice.message,
            response_type="proactive_insight",
            confidence_score=round(1 - notice.p_value, 6),
            follow_up_questions=[],
            evidence=[EvidenceOut.of(each) for each in events],
            clip_links=[],
            clips=[],
            metadata={
                "insight_id": notice.id,
                "insight_type": OLDER_TYPES[notice.type],
                "type": notice.type,
                "severity": notice.severity,
                "affected_cameras": [] if notice.camera_id == EVERYWHERE else [notice.camera_id],
                "label": notice.label,
                "zone": notice.zone,
                "time_period": {"start": start, "end": end},
                "timestamp": notice.detected_at.isoformat(),
                "analysis_period": period,
                "ongoing": notice.ongoing,
                "expected": notice.expected,
                "observed": notice.observed,
                "measured": notice.measured,
                "p_value": notice.p_value,
                "check": notice.check,
                "suggested_actions": [notice.check],
                "muted": notice.muted,
                "total_events_found": len(notice.evidence_ids),
            },
        )


class InsightsOut(Wire):
    """All of them in one object."""

    insights: list[InsightOut]
