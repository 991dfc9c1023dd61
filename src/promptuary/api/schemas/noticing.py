"""Insights in the shape of answers, as older clients read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.conversation import PatternOut
from promptuary.domain.events import Event
from promptuary.domain.insights import EVERYWHERE, InsightType, Notice
from promptuary.domain.watching import Accuracy, Outlook, Prediction

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
    evidence: list[PatternOut]
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
            evidence=[PatternOut.part(each, notice.pattern) for each in events],
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


def predicted(outlook: Outlook, names: Mapping[str, str], period: str) -> list[InsightOut]:
    """One of each camera, with an hour and a label in each of its `metadata.predictions`; and how
    many of its site's predictions were right, in `metadata.accuracy`."""
    by_camera: dict[str, list[Prediction]] = {}
    for each in outlook.predictions:
        by_camera.setdefault(each.camera_id, []).append(each)
    return [
        _prediction(names.get(camera, camera), some, outlook.accuracy, period)
        for camera, some in by_camera.items()
    ]


def _prediction(
    name: str, some: Sequence[Prediction], accuracy: Accuracy, period: str
) -> InsightOut:
    first = [each for each in some if each.start == some[0].start]
    told = ", ".join(f"{each.low} to {each.high} of {each.label}" for each in first)
    made = some[0].made_at.isoformat()
    return InsightOut(
        conversation_id=some[0].id,
        response=f"{name}: {told} are expected in the next whole hour.",
        response_type="proactive_insight",
        confidence_score=some[0].level,
        follow_up_questions=[],
        evidence=[],
        clip_links=[],
        clips=[],
        metadata={
            "insight_id": some[0].id,
            "insight_type": "prediction",
            "type": "prediction",
            "severity": "low",
            "affected_cameras": [some[0].camera_id],
            "time_period": {
                "start": some[0].start.isoformat(),
                "end": max(each.end for each in some).isoformat(),
            },
            "timestamp": made,
            "analysis_period": period,
            "predictions": [
                {
                    "label": each.label,
                    "start": each.start.isoformat(),
                    "end": each.end.isoformat(),
                    "expected": round(each.expected, 2),
                    "low": each.low,
                    "high": each.high,
                    "level": each.level,
                }
                for each in some
            ],
            "accuracy": {
                "scored": accuracy.scored,
                "covered": accuracy.covered,
                "coverage": accuracy.coverage,
            },
            "total_events_found": 0,
        },
    )


class InsightsOut(Wire):
    """All of them in one object."""

    insights: list[InsightOut]
