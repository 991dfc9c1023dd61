"""From what a question says to a plan, or to the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from promptuary.conversation.planning.alike import parts_of
from promptuary.conversation.planning.calendar import one_day
from promptuary.conversation.planning.hearing import Said, hear
from promptuary.conversation.planning.names import closest
from promptuary.conversation.planning.windows import begins, ends, shifted
from promptuary.domain.conversations import Operation, Plan, TimeRange, Unclear
from promptuary.domain.events import Site

LEAST = 0.35
"""Below this certainty a question is not answered but asked back."""
CHOSEN = 0.6
"""How certain a plan is at most that a model had a part in."""


def plan(question: str, site: Site, now: datetime, zone: ZoneInfo) -> Plan | Unclear:
    """What a question alone means to somebody who may see this site."""
    said = hear(question, site, now.astimezone(zone).replace(tzinfo=None), american=american(zone))
    return plan_of(said, site, now, zone)


def american(zone: ZoneInfo) -> bool:
    """Whether dates there are written with the month first."""
    return zone.key.startswith(("America/", "US/", "Pacific/Honolulu"))


def plan_of(said: Said, site: Site, now: datetime, zone: ZoneInfo) -> Plan | Unclear:
    """The plan of a sentence that stands alone."""
    refused = refusal(said, site)
    if refused is not None:
        return refused
    if not _subject(said):
        if said.left.people or said.left.unused or said.asked.operation is None:
            return not_understood(said, site)
    elif said.left.people and not said.named.people and not said.slots.labels:
        return unknown(said.left.people[0], site, said)
    operation = said.asked.operation
    if operation is None:
        return not_understood(said, site)
    made = filled(Plan(operation, language=said.language), said)
    return in_range(made, said, site, now, zone)


def chosen(
    question: str,
    site: Site,
    now: datetime,
    zone: ZoneInfo,
    operation: Operation,
    labels: tuple[str, ...],
) -> Plan | Unclear:
    """The plan of a question whose operation (and labels, where it names none) somebody else
    chose; cameras, people, zones, times and numbers are those of the question."""
    said = hear(question, site, now.astimezone(zone).replace(tzinfo=None), american=american(zone))
    said.slots.labels = said.slots.labels or list(labels)
    said = replace(said, asked=replace(said.asked, operation=operation, weak=False))
    made = refusal(said, site) or plan_of(said, site, now, zone)
    if isinstance(made, Unclear):
        return made
    because = (*made.because, "a model chose what is asked for")
    return replace(made, certainty=min(made.certainty, CHOSEN), because=because)


def refusal(said: Said, site: Site) -> Unclear | None:
    """Why a sentence cannot be answered whatever was said before."""
    if not said.question.strip():
        return Unclear("empty", "Ask something, such as how many people there were yesterday.")
    if said.asks_for is not None:
        message = f"Events do not hold {said.asks_for}{_SAYS}"
        return Unclear("unanswerable", message, noticed=said.noticed, language=said.language)
    if said.left.places:
        return unknown(said.left.places[0], site, said)
    return _of_its_own(said)


def _of_its_own(said: Said) -> Unclear | None:
    """A sentence that asks for something of its own that nobody here can tell: who did a thing, or
    what a word means that says all of it. It neither counts nor changes what was asked before."""
    if said.asked.operation is not None and not said.asked.weak:
        return None
    if "deed" in said.cues:
        message = f"Events do not hold who did something{_SAYS}"
        return Unclear("unanswerable", message, noticed=said.noticed, language=said.language)
    if said.left.unused and not said.cues - _ASIDE:
        words = ", ".join(f"“{each}”" for each in said.left.unused)
        message = f"I do not understand {words} here. Ask for what was seen, where and when."
        about = ", ".join(said.left.unused)
        return Unclear("not_understood", message, (), said.noticed, about, said.language)
    return None


_SAYS = ": they say what was seen, where and when."
_ASIDE = frozenset({"pronoun", "replacing", "watching", "why"})
"""Turns of speech that alone do not make a sentence a part of what was said before."""


def unknown(name: str, site: Site, said: Said) -> Unclear:
    """A name that nobody knows, and the nearest of those that are known; with none near, what there
    is. A site is what whoever asks may see, so nothing else is named."""
    known = {" ".join(parts_of(c.title)): c.title for c in site.cameras}
    known |= {" ".join(parts_of(p)): p for p in site.people}
    zones = {" ".join(parts_of(z)): z.replace("_", " ") for c in site.cameras for z in c.zones}
    text = " ".join(parts_of(name))
    near = closest(text, known) or closest(text, zones)
    there = () if near else tuple(each.title for each in site.cameras)
    message = f"There is no “{name.strip()}” here."
    if near:
        message += f" Did you mean {_joined(near, 'or')}?"
    elif there:
        message += _named("camera", there)
    if there and zones:
        message += _named("zone", tuple(zones.values()))
    noticed, language = said.noticed, said.language
    return Unclear("unknown_name", message, near, noticed, name.strip(), language, there)


NAMED = 8
"""So many names are said; of more, how many there are besides."""


def _named(kind: str, names: Sequence[str]) -> str:
    if len(names) == 1:
        return f" The only {kind} is {names[0]}."
    few = names if len(names) <= NAMED else (*names[:NAMED], f"{len(names) - NAMED} more")
    return f" The {kind}s are {_joined(few, 'and')}."


def _joined(names: Sequence[str], joint: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {joint} {names[-1]}"


def not_understood(said: Said, site: Site) -> Unclear:
    """Nothing, or too little, was recognised."""
    examples = tuple(f"How many {_plural(each)} yesterday?" for each in site.labels[:2])
    message = "I did not understand what to look for. Ask for what was seen, where and when."
    return Unclear("not_understood", message, examples, said.noticed, "", said.language)


def _plural(label: str) -> str:
    return "people" if label == "person" else f"{label}s"


def _subject(said: Said) -> bool:
    slots, named = said.slots, said.named
    return bool(
        slots.labels or slots.anything or named.people or named.cameras or named.zones
        or (said.asked.operation in {"top", "cameras", "busiest", "unusual"})
    )  # fmt: skip


def filled(plan: Plan, said: Said) -> Plan:
    """The plan with everything that the sentence says."""
    because: list[str] = []
    certainty = 1.0
    time = said.time.said if said.time else None
    if said.asked.weak:
        certainty -= 0.1
    if time is not None and time.vague:
        certainty -= 0.1
        because.append(f"“{time.text}” is vague")
    for name, ids in said.named.vague:
        certainty -= 0.1
        because.append(f"“{name}” may be any of {len(ids)} cameras")
    for word in said.left.unused:
        certainty -= 0.08
        because.append(f"“{word}” was not used")
    against = _against(plan, said)
    if len(said.times) > 1 and against is None:
        certainty -= 0.2
        because.append(f"“{said.times[1].said.text}” was not used")
    rest = (*said.slots.rest, *said.left.details)
    asked = said.asked
    return replace(
        plan,
        cameras=tuple(said.named.cameras),
        labels=tuple(said.slots.labels) or _somebody(plan, said),
        people=tuple(said.named.people),
        zones=tuple(said.named.zones),
        time=time,
        above=said.slots.above,
        at_least=said.slots.at_least,
        more_than=asked.more_than,
        rest=rest,
        against=against,
        least=asked.least,
        negated=asked.negated,
        wants_place=asked.wants_place,
        unit=asked.unit,
        pick=(asked.pick or "last") if plan.operation == "clip" else None,
        certainty=max(certainty, 0.05),
        because=tuple(because),
        noticed=said.noticed,
    )


def _somebody(plan: Plan, said: Said) -> tuple[str, ...]:
    """`who came first` asks for a person."""
    asks_who = "deed" in said.cues and plan.operation in {"first", "last"}
    return ("person",) if asks_who and not said.named.people else ()


def _against(plan: Plan, said: Said) -> TimeRange | None:
    """The other of two times that are compared."""
    if plan.operation != "compare" or not said.times or len(said.named.cameras) > 1:
        return None
    if len(said.times) > 1:
        return said.times[1].said
    shift = -1 if "day_before" in said.cues else 1 if "day_after" in said.cues else 0
    return shifted(said.times[0].said, shift) if shift else None


def in_range(made: Plan, said: Said, site: Site, now: datetime, zone: ZoneInfo) -> Plan | Unclear:
    """The plan, if there can be events in its time."""
    if made.certainty < LEAST:
        return not_understood(said, site)
    if made.operation == "unusual" and made.time is None:
        made = replace(made, time=one_day("today", now.astimezone(zone).date()))
    for time in (made.time, made.against):
        refused = _outside(time, said, site, now, zone) if time else None
        if refused is not None:
            return refused
    return made


def _outside(
    time: TimeRange, said: Said, site: Site, now: datetime, zone: ZoneInfo
) -> Unclear | None:
    """Why there can be no events in a stretch of time."""
    start, end = begins(time, zone), ends(time, zone)
    if start is not None and start >= now:
        message = f"“{time.text}” is still to come."
        return Unclear("future", message, (), said.noticed, time.text, said.language)
    if end is not None and site.first is not None and end <= site.first:
        since = site.first.astimezone(zone)
        message = f"There are no events before {since:%-d %B %Y}, so none of “{time.text}”."
        return Unclear("out_of_range", message, (), said.noticed, time.text, said.language)
    return None
