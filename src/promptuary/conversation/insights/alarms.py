"""Which alarms are on: raised once, updated while they last, silent for a while afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import NAMESPACE_URL, uuid5

from promptuary.domain.insights import Insight, InsightType, Severity

REST = 7200.0
"""Seconds after its end in which the same alarm is not raised again."""
SHOWN = 500
"""Evidence that is kept of one alarm."""


@dataclass(frozen=True, slots=True)
class About:
    """What an alarm is about; there is one at a time for each."""

    type: InsightType
    camera_id: str
    label: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found this moment: since when, how much, and by which events."""

    start: float
    now: float
    expected: float
    observed: float
    measured: str
    p_value: float
    evidence_ids: tuple[str, ...] = ()


@dataclass(slots=True)  # changes: alarms begin and end
class Alarms:
    """Those that are on, and those that rest."""

    on: dict[About, Insight] = field(default_factory=dict)
    _rests: dict[About, float] = field(default_factory=dict)

    def found(self, about: About, finding: Finding) -> Insight | None:
        """Raise it or update what is on; None while it rests."""
        going = self.on.get(about)
        if going is None and finding.now < self._rests.get(_thing(about), float("-inf")):
            return None
        if going is None:
            self.on[about] = _raised(about, finding)
        else:
            known = set(going.evidence_ids)
            new = tuple(each for each in finding.evidence_ids if each not in known)
            self.on[about] = replace(
                going,
                end=max(going.end, finding.now),
                expected=finding.expected,
                observed=finding.observed,
                p_value=min(going.p_value, finding.p_value),
                severity=_severity(about.type, min(going.p_value, finding.p_value)),
                evidence_ids=(going.evidence_ids + new)[:SHOWN],
            )
        return self.on[about]

    def over(self, about: About, at: float | None = None) -> Insight | None:
        """It has ended, at that time if it is given; None where it is not on."""
        going = self.on.pop(about, None)
        if going is None:
            return None
        end = going.end if at is None else at
        self._rests[_thing(about)] = end + REST
        return replace(going, end=end, ongoing=False)

    def quiet_since(self, about: About, now: float, seconds: float) -> bool:
        """Whether it is on but was not updated for so long."""
        going = self.on.get(about)
        return going is not None and now - going.end > seconds


def _thing(about: About) -> About:
    """A burst that goes on into an unusual hour, or the other way round, is one thing."""
    return replace(about, type="burst") if about.type == "unusual_hour" else about


def _raised(about: About, finding: Finding) -> Insight:
    names = (about.type, about.camera_id, about.label, about.zone, f"{finding.start:.3f}")
    return Insight(
        id=str(uuid5(NAMESPACE_URL, "promptuary:insight:" + "\x1f".join(names))),
        type=about.type,
        camera_id=about.camera_id,
        label=about.label,
        zone=about.zone,
        start=finding.start,
        end=finding.now,
        detected_at=finding.now,
        expected=finding.expected,
        observed=finding.observed,
        measured=finding.measured,
        p_value=finding.p_value,
        severity=_severity(about.type, finding.p_value),
        evidence_ids=finding.evidence_ids[:SHOWN],
        ongoing=True,
    )


def _severity(type: InsightType, p_value: float) -> Severity:
    """What asks for somebody at once is critical; what is only odd is low."""
    if type == "system_silence":
        return "critical"
    if type == "silence":
        return "high"
    if type == "quality_drop":
        return "low"
    return "high" if p_value < 1e-9 else "medium"
