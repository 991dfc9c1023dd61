"""An insight in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from promptuary.conversation.insights.days import HALF_HOUR
from promptuary.conversation.insights.pulses import HEARTBEATS
from promptuary.conversation.insights.silences import GONE
from promptuary.domain.insights import Insight, InsightType, Notice

MESSAGES: Mapping[InsightType, str] = {
    "burst": "{camera}: {observed:.0f} events of {label} {measured}; {expected:.1f} are usual",
    "unusual_hour": "{camera}: {observed:.0f} events of {label} {measured}, at an hour with "
    "hardly any",
    "silence": "{camera} saw nothing {span}; {expected:.0f} events are usual",
    "system_silence": "no camera saw anything {span}; {expected:.0f} events are usual",
    "loitering": "{label} stayed for {observed:.0f} seconds{zone} at {camera}; {expected:.0f} "
    "are usual",
    "new_label": "{camera} saw {label}, which it has not seen before",
    "quality_drop": "{camera} sees worse: a mean confidence of {observed:.2f}; {expected:.2f} is "
    "usual",
}
PULSELESS: Mapping[InsightType, str] = {
    "silence": "{camera} sent no heartbeat {span}",
    "system_silence": "no camera sent a heartbeat {span}",
}
REMOVED = "; it counts as removed until it sees something"
CHECKS: Mapping[InsightType, str] = {
    "burst": "Look at the events: is something going on that was not announced?",
    "unusual_hour": "Look at the events: who is there at this hour?",
    "silence": "Look at the live picture: is the camera offline, covered or turned away?",
    "system_silence": "Check network, recorder and detector before single cameras.",
    "loitering": "Look at the longest of the events.",
    "new_label": "Look at the picture: is it there, or does the detector err?",
    "quality_drop": "Look at the picture: is the lens dirty, the light bad, the camera moved?",
}


def told(
    insight: Insight, names: Mapping[str, str], zone: tzinfo, *, muted: bool = False
) -> Notice:
    """With the names that people give to cameras, and times in that zone."""
    start, end, detected = (
        datetime.fromtimestamp(at, zone) for at in (insight.start, insight.end, insight.detected_at)
    )
    wording = PULSELESS if insight.measured == HEARTBEATS else MESSAGES
    message = wording[insight.type].format(
        camera=names.get(insight.camera_id, insight.camera_id),
        label=insight.label,
        zone=f" in {insight.zone.replace('_', ' ')}" if insight.zone else "",
        span=_span(start, end, ongoing=insight.ongoing),
        measured=insight.measured.removeprefix("events "),
        expected=insight.expected,
        observed=insight.observed,
    )
    if insight.type == "silence" and insight.end - insight.start >= GONE - HALF_HOUR:
        message += REMOVED
    return Notice(
        id=insight.id,
        type=insight.type,
        severity=insight.severity,
        camera_id=insight.camera_id,
        label=insight.label,
        zone=insight.zone,
        message=message[0].upper() + message[1:] + ".",
        check=CHECKS[insight.type],
        start=start,
        end=end,
        detected_at=detected,
        ongoing=insight.ongoing,
        expected=insight.expected,
        observed=insight.observed,
        measured=insight.measured,
        p_value=insight.p_value,
        evidence_ids=insight.evidence_ids,
        muted=muted,
    )


def _span(start: datetime, end: datetime, *, ongoing: bool) -> str:
    """In words; the days too where it is not all within one."""
    form = "%H:%M" if end.date() == start.date() else "%a %d %b %H:%M"
    if ongoing:
        return f"since {start:{form}}"
    return f"from {start:{form}} to {end:{form}}"
