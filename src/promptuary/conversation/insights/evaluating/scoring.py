"""How well insights tell what was truly unusual."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from promptuary.conversation.insights.evaluating.labelled import Oddity, Truth
from promptuary.domain.insights import EVERYWHERE, Insight

DAY = 86_400.0
SLACK = 1800.0
"""An insight may be so many seconds beside an oddity."""
LONGEST, TIMES = 7200.0, 3
"""One that is longer than this, and than so many times the oddity, tells nobody when."""
ONE_ALARM = 6 * 3600.0
"""False alarms of a series within so many seconds count once."""
WARM_UP = 0.15


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares are 0 to 1, delays in minutes; None where there is nothing to measure by.

    `typed` counts an oddity as found only by an insight of its type.
    """

    oddities: int
    insights: int
    found: int
    false_alarms: int
    precision: float
    recall: float
    f1: float
    typed_f1: float
    false_alarms_per_day: float
    median_delay_minutes: float | None
    median_silence_delay_minutes: float | None
    evidence_recall: float | None
    recall_by_type: Mapping[str, float]


def score(truth: Truth, told: Sequence[Insight]) -> Figures:
    """Insights in the order of telling; those that begin outside the stretch are left out."""
    counted = [each for each in told if truth.start <= each.start < truth.end]
    hits: dict[str, list[Insight]] = defaultdict(list)
    wrong = 0
    for each in counted:
        meant = [odd for odd in truth.oddities if _tells(each, odd)]
        if meant:
            best = max(meant, key=lambda odd, by=each: _nearness(by, odd))  # type: ignore[misc]  # bound now
            hits[best.id].append(each)
        else:
            wrong += 1
    by_id = {odd.id: odd for odd in truth.oddities}
    typed = sum(any(each.type == by_id[key].type for each in hits[key]) for key in hits)
    found, alarms = len(hits), len(hits) + wrong
    delays = {
        key: (min(each.detected_at for each in hits[key]) - by_id[key].start) / 60 for key in hits
    }
    silences = [delay for key, delay in delays.items() if by_id[key].type == "silence"]
    evidence = [
        len(set(hits[odd.id][0].evidence_ids) & odd.event_ids) / len(odd.event_ids)
        for odd in truth.oddities
        if odd.event_ids and odd.id in hits
    ]
    there = Counter(odd.type for odd in truth.oddities)
    seen = Counter(by_id[key].type for key in hits)
    return Figures(
        oddities=len(truth.oddities),
        insights=len(counted),
        found=found,
        false_alarms=wrong,
        precision=_share(found, alarms),
        recall=_share(found, len(truth.oddities)),
        f1=_share(2 * found, alarms + len(truth.oddities)),
        typed_f1=_share(2 * typed, alarms + len(truth.oddities)),
        false_alarms_per_day=wrong * DAY / (truth.end - truth.start),
        median_delay_minutes=_upper_median(list(delays.values())),
        median_silence_delay_minutes=_upper_median(silences),
        evidence_recall=mean(evidence) if evidence else None,
        recall_by_type={kind: seen[kind] / number for kind, number in sorted(there.items())},
    )


@dataclass(frozen=True, slots=True)
class SeriesFigures:
    """Of several series together."""

    windows: int
    found: int
    false_alarms: int
    precision: float
    recall: float
    f1: float
    false_alarms_per_day: float


def score_series(
    windows: Mapping[str, Sequence[tuple[float, float]]],
    times: Mapping[str, Sequence[float]],
    alarms: Mapping[str, Sequence[float]],
) -> SeriesFigures:
    """By series: the windows, the times of all points, and those of the alarms.

    The first 15 % of a series are there to learn from and count for nothing.
    """
    there = found = wrong = 0
    days = 0.0
    for name, truly in windows.items():
        points = times[name]
        begin = points[int(WARM_UP * len(points))]
        days += (points[-1] - begin) / DAY
        hit, last = set(), float("-inf")
        for at in sorted(each for each in alarms.get(name, ()) if each >= begin):
            inside = [number for number, (start, end) in enumerate(truly) if start <= at <= end]
            hit.update(inside[:1])
            if not inside and at - last > ONE_ALARM:
                wrong, last = wrong + 1, at
        there, found = there + len(truly), found + len(hit)
    return SeriesFigures(
        windows=there,
        found=found,
        false_alarms=wrong,
        precision=_share(found, found + wrong),
        recall=_share(found, there),
        f1=_share(2 * found, found + wrong + there),
        false_alarms_per_day=wrong / days if days else 0.0,
    )


def _tells(insight: Insight, odd: Oddity) -> bool:
    """Whether an insight is about an oddity: its camera, about its time, not much longer."""
    long = insight.end - insight.start
    return (
        odd.camera_id in {EVERYWHERE, insight.camera_id}
        and long <= max(LONGEST, TIMES * (odd.end - odd.start))
        and insight.start <= odd.end + SLACK
        and insight.end >= odd.start - SLACK
    )


def _nearness(insight: Insight, odd: Oddity) -> tuple[bool, float]:
    return insight.type == odd.type, -abs(insight.start - odd.start)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _upper_median(values: list[float]) -> float | None:
    return sorted(values)[len(values) // 2] if values else None
