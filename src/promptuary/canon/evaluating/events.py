"""How well changes were found: events compared with labelled ones.

An event that was found belongs to the labelled lineage that most of its prompts are of. It is right
when that lineage has an event of its type at most two days after it and at most ten before it (for
a drift: before its end); each labelled event is matched once, the nearest first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median

from promptuary.canon.evaluating.scoring import Figures

EARLY, LATE = timedelta(days=2), timedelta(days=10)
BURN_IN = timedelta(days=10)
"""Templates that are first seen so early were perhaps in use before."""


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """An event that was found, under the name of its type in files, with its prompts' own ids."""

    type: str
    at: datetime
    prompt_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """A labelled event: it begins at `begins` and is over at `ends`."""

    type: str
    lineage: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A labelled prompt: which lineage it is of, and when it was sent."""

    lineage: str
    at: datetime


def score_events(
    found: Sequence[FoundEvent], truth: Sequence[TrueEvent], prompts: Mapping[str, Seen]
) -> Figures:
    """Precision, recall and F1 over all types and for each, the median delay in days, and how many
    events were found per week of a lineage without labelled ones."""
    times = [each.at for each in prompts.values()]
    begin, end = min(times), max(times)
    kept = [e for e in found if e.type != "CREATED" or e.at - begin >= BURN_IN]
    lineages = [_lineage(each, prompts) for each in kept]
    matched = _matched(kept, lineages, truth)
    types = sorted({each.type for each in truth})
    parts = {
        kind: _figures(
            sum(truth[at].type == kind for at in matched),
            sum(each.type == kind for each in kept),
            sum(each.type == kind for each in truth),
        )
        for kind in types
    }
    values = dict(_figures(len(matched), len(kept), len(truth)).values)
    values["macro_F1"] = fmean(part.values["F1"] for part in parts.values()) if parts else 0.0
    if matched:
        delays = [abs((kept[n].at - truth[at].begins).total_seconds()) for at, n in matched.items()]
        values["median_delay_days"] = median(delays) / 86_400
    controls = {each.lineage for each in prompts.values()} - {each.lineage for each in truth}
    weeks = max(1.0, (end - begin) / timedelta(weeks=1))
    if controls:
        false = sum(each in controls for each in lineages)
        values["false_events_per_lineage_week"] = false / (len(controls) * weeks)
    return Figures(values, parts)


def _lineage(event: FoundEvent, prompts: Mapping[str, Seen]) -> str | None:
    counts = Counter(prompts[key].lineage for key in event.prompt_ids if key in prompts)
    return counts.most_common(1)[0][0] if counts else None


def _matched(
    found: Sequence[FoundEvent], lineages: Sequence[str | None], truth: Sequence[TrueEvent]
) -> dict[int, int]:
    """The number of the found event for each labelled one that was found."""
    pairs = []
    for at, true in enumerate(truth):
        last = (true.ends if true.type == "DRIFT" else true.begins) + LATE
        for n, (event, lineage) in enumerate(zip(found, lineages, strict=True)):
            same = lineage == true.lineage and event.type == true.type
            if same and true.begins - EARLY <= event.at <= last:
                pairs.append((abs(event.at - true.begins), at, n))
    matched: dict[int, int] = {}
    for _, at, n in sorted(pairs):
        if at not in matched and n not in matched.values():
            matched[at] = n
    return matched


def _figures(right: int, found: int, true: int) -> Figures:
    precision = right / found if found else 0.0
    recall = right / true if true else 0.0
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    values = {"precision": precision, "recall": recall, "F1": f1}
    return Figures({**values, "found": float(found), "true": float(true)})
