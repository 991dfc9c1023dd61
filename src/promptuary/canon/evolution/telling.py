"""One strand told: its prompts in time become events with evidence.

changes of wording, shifts of values, silence -> events, each under a lineage of the strand
                                              -> under the ids that the same events had before
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import exp
from uuid import NAMESPACE_URL, uuid5

from promptuary.canon.evolution.sightings import Sighting
from promptuary.canon.evolution.values import Shift, shift
from promptuary.canon.evolution.wording import Change, changes, loose_words
from promptuary.domain.templates import RULES, EventType, Evidence, EvolutionEvent

SHOWN = 5
"""Prompts that an event names from before it and from after it."""
NATS = 8.0
"""Evidence at which an event is 63 % sure."""
DEVIATIONS = 6.0
"""The same for a shift of values."""
APART = timedelta(days=30)
"""A shift of values nearer to a change of wording is part of that change."""
ENDS = 12
"""Words at either end of what varies that are looked at by themselves."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a strand besides its prompts: which version each template id is, and when it
    fell silent for good (None while it is in use)."""

    collection_id: str
    versions: Mapping[str, str]
    silent_since: datetime | None = None


def events_of(sightings: Sequence[Sighting], known: Told) -> list[EvolutionEvent]:
    """The events of a strand, by time; `sightings` in time, at least one."""
    worded = changes(sightings)
    told = [_event("CREATED", sightings, 0, 0, known, reason=_first(sightings))]
    bounds = [0, *(change.cut for change in worded), len(sightings)]
    for at, change in enumerate(worded, 1):
        told.append(_of_change(sightings, bounds[at - 1 : at + 2], change, known))
    for start, end in pairwise(bounds):
        told += _of_values(sightings, (start, end), known, [sightings[c.cut].at for c in worded])
    if known.silent_since is not None:
        told.append(_retired(sightings, known))
    return sorted(told, key=lambda event: (event.created_at, event.id))


def _first(sightings: Sequence[Sighting]) -> str:
    return f"first used {sightings[0].at:%Y-%m-%d}; {len(sightings)} prompts since"


def _of_change(
    sightings: Sequence[Sighting], bounds: Sequence[int], change: Change, known: Told
) -> EvolutionEvent:
    start, cut, end = bounds
    figures = {"prompts_before": cut - start, "prompts_after": end - cut, "nats": change.ratio}
    if change.gaps != (0.0, 0.0):
        figures |= {"gaps_before": change.gaps[0], "gaps_after": change.gaps[1]}
    if change.steps > 1:
        figures["steps"] = change.steps
    event = _event(change.kind, sightings, cut, start, known, reason=_said(change), end=end)
    evidence = replace(
        event.evidence, came=change.came, went=change.went, statistics=_rounded(figures)
    )
    return replace(event, evidence=evidence, confidence=_sure(change.ratio / NATS))


def _said(change: Change) -> str:
    # Pairs of words are compared: a word on both sides only met another neighbour.
    came = [word for word in change.came if word not in change.went] or change.came
    went = [word for word in change.went if word not in change.came] or change.went
    words = [f"“{' '.join(came[:6])}” came"] if came else []
    words += [f"“{' '.join(went[:6])}” went"] if went else []
    both = " and ".join(words) or "the wording changed"
    match change.kind:
        case "SLOT_ADDED":
            return f"a slot was added: {both}"
        case "SLOT_REMOVED":
            return f"a slot was removed: {both}"
        case "DRIFT_DETECTED":
            return f"the wording changed in {change.steps} steps: {both}"
        case "SPLIT":
            return f"one wording became two: {_two(change)}"
        case "MERGED":
            return f"two wordings became one: {_two(change)}"
        case "CREATED":
            return f"a variant came beside it: {both}"
        case "RETIRED":
            return f"a variant beside it ceased: {both}"
        case _:
            return f"the wording changed: {both}"


def _two(change: Change) -> str:
    return f"with “{' '.join(change.came[:2])}”, with “{' '.join(change.went[:2])}”"


def _of_values(
    sightings: Sequence[Sighting],
    part: tuple[int, int],
    known: Told,
    changed: Sequence[datetime],
) -> Iterator[EvolutionEvent]:
    """A shift of what varies between the fixed words, if nothing else changed around that time."""
    start, end = part
    found = _shifted(loose_words(sightings[start:end]))
    if found is None:
        return
    cut = start + found.cut
    if any(abs(sightings[cut].at - at) <= APART for at in changed):
        return
    reason = "values come from elsewhere than before: other lengths, characters or words"
    event = _event("DRIFT_DETECTED", sightings, cut, start, known, reason=reason, end=end)
    figures = {
        "prompts_before": cut - start,
        "prompts_after": end - cut,
        "deviations": found.score,
        "distance": found.distance,
    }
    evidence = replace(event.evidence, statistics=_rounded(figures))
    yield replace(event, evidence=evidence, confidence=_sure(found.score / DEVIATIONS))


def _shifted(values: Sequence[str]) -> Shift | None:
    """The surest shift of the values, of how they begin and of how they end."""
    words = [value.split() for value in values]
    views = (
        values,
        [" ".join(each[:ENDS]) for each in words],
        [" ".join(each[-ENDS:]) for each in words],
    )
    found = [one for view in views if (one := shift(view)) is not None]
    return max(found, key=lambda one: one.score, default=None)


def _retired(sightings: Sequence[Sighting], known: Told) -> EvolutionEvent:
    last = len(sightings) - 1
    said = f"not used since {sightings[last].at:%Y-%m-%d}, though other prompts came"
    event = _event("RETIRED", sightings, last, 0, known, reason=said)
    return replace(event, new_version=None)


def _event(
    kind: EventType,
    sightings: Sequence[Sighting],
    cut: int,
    start: int,
    known: Told,
    *,
    reason: str,
    end: int | None = None,
) -> EvolutionEvent:
    """An event at prompt number `cut`, under the lineage that most prompts from then on have."""
    after = sightings[cut:end]
    before = sightings[start:cut]
    (lineage, _), *_ = Counter(each.lineage_id for each in after).most_common(1)
    now = _most([each.template_id for each in after if each.lineage_id == lineage])
    then = _most([each.template_id for each in before])
    others = sorted({each.lineage_id for each in (*before, *after)} - {lineage})
    name = f"promptuary:event:{known.collection_id}:{kind}:{sightings[cut].prompt_id}"
    return EvolutionEvent(
        id=str(uuid5(NAMESPACE_URL, name)),
        lineage_id=lineage,
        template_id=str(now),
        type=kind,
        previous_version=known.versions.get(then) if then else None,
        new_version=known.versions.get(str(now)),
        reason=reason,
        detected_by=RULES,
        created_at=sightings[cut].at,
        evidence=Evidence(
            prompt_ids=tuple(each.prompt_id for each in after[:SHOWN]),
            before_ids=tuple(each.prompt_id for each in before[-SHOWN:]),
            lineage_ids=tuple(others),
        ),
    )


def _most(ids: Sequence[str]) -> str | None:
    return Counter(ids).most_common(1)[0][0] if ids else None


def _sure(times: float) -> float:
    return round(1 - exp(-times), 3)


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 3) for name, value in figures.items()}
