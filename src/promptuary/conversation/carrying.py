"""The next turn: what it says edits the plan before it, or begins a topic of its own.

Two plans are carried: the current one and the base, the latest that was no side question. "When was
the first one?" is a side question: it asks about the same events and the base stays what it was.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from promptuary.conversation.planning.hearing import Said, hear
from promptuary.conversation.planning.plan import (
    american,
    filled,
    in_range,
    not_understood,
    plan_of,
    refusal,
    unknown,
)
from promptuary.conversation.planning.windows import shifted
from promptuary.domain.conversations import Carried, Operation, Plan, TimeRange, Unclear
from promptuary.domain.events import Site

SIDE: frozenset[Operation] = frozenset({"first", "last", "duration", "clip"})
"""Questions about events that were spoken of already."""
_WHOLE = 2
"""So many of camera, label and time make a question of its own."""
_ORDINALS = {
    "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4, "5th": 4,
    "segundo": 1, "segunda": 1, "tercero": 2, "tercera": 2, "cuarto": 3, "cuarta": 3,
    "quinto": 4, "quinta": 4, "zweite": 1, "zweiten": 1, "dritte": 2, "dritten": 2, "vierte": 3,
    "vierten": 3, "funfte": 4, "funften": 4, "ikinci": 1, "ikincisi": 1, "ikincisini": 1,
    "ucuncu": 2, "ucuncusu": 2, "ucuncusunu": 2, "dorduncu": 3, "besinci": 4,
}  # fmt: skip


def next_plan(
    question: str, carried: Carried, site: Site, now: datetime, zone: ZoneInfo
) -> Plan | Unclear:
    """What the turn means after what was said before; without anything before, what it says."""
    return meant(heard(question, carried, site, now, zone), carried, site, now, zone)


def heard(question: str, carried: Carried, site: Site, now: datetime, zone: ZoneInfo) -> Said:
    """What the turn says, in the language that was spoken last where its words do not decide."""
    wall = now.astimezone(zone).replace(tzinfo=None)
    likely = carried.base.language if carried.base else "en"
    return hear(question, site, wall, american=american(zone), likely=likely)


def meant(
    said: Said, carried: Carried, site: Site, now: datetime, zone: ZoneInfo
) -> Plan | Unclear:
    """What the turn means that says this."""
    base = carried.base
    if base is None or _alone(said):
        return plan_of(said, site, now, zone)
    if "thanks" in said.cues:
        return Unclear("not_understood", "You are welcome. Ask on whenever you like.")
    made = refusal(said, site) or _meant(said, carried, base, site)
    return made if isinstance(made, Unclear) else in_range(made, said, site, now, zone)


def _meant(said: Said, carried: Carried, base: Plan, site: Site) -> Plan | Unclear:
    """The plan that the turn edits, edited."""
    if "first_question" in said.cues and carried.first is not None:
        return _edited(carried.first, said, keep=True)
    if "previous_question" in said.cues and carried.current is not None:
        return _edited(carried.current, said, keep=True)
    if _wants_clip(said) or "which_one" in said.cues:
        return _clip(said, carried, base)
    if "when_alone" in said.cues and carried.current is not None:
        return _when_it_was(carried.current, carried.focus, said)
    if _place_alone(said) and carried.current is not None:
        return replace(carried.current, wants_place=True, noticed=said.noticed)
    if _says_something(said):
        return _edited(base, said)
    names = (*said.left.people, *said.left.unused)
    if names and not said.asked.operation:
        return unknown(" ".join(names), site, said)
    return not_understood(said, site)


def _when_it_was(current: Plan, focus: str | None, said: Said) -> Plan:
    """The event that was spoken of, else the last of those that were."""
    if focus is not None:
        return replace(current, operation="clip", event_id=focus, noticed=said.noticed)
    return replace(current, operation="last", wants_place=False, against=None,
                   noticed=said.noticed)  # fmt: skip


def carry(carried: Carried, plan: Plan, shown: tuple[str, ...], focus: str | None) -> Carried:
    """What goes to the turn after an answer. `focus` is the event that it named, if any, and
    `shown` are those that it gave as evidence."""
    side = carried.base is not None and plan.operation in SIDE and _same_events(plan, carried.base)
    base = carried.base if side or (plan.operation == "clip" and carried.base) else plan
    return Carried(plan, base, carried.first or plan, focus, shown)


def is_why(said: Said) -> bool:
    """Whether it asks how the last answer came to be."""
    return "why" in said.cues and not said.slots.labels and not said.named.cameras


def _same_events(plan: Plan, base: Plan) -> bool:
    """Whether both are about the same events."""
    keys = ("cameras", "labels", "people", "zones", "time", "above", "at_least", "rest")
    return all(getattr(plan, key) == getattr(base, key) for key in keys)


def _alone(said: Said) -> bool:
    """Whether it begins a topic: an operation of its own, enough of its own to ask about, and
    nothing that points back."""
    if said.cues & {"lead", "same_question", "first_question", "previous_question"}:
        return False
    strong = said.asked.operation is not None and not said.asked.weak
    subject = bool(said.slots.labels or said.named.people or said.slots.anything)
    if said.asked.operation == "unusual" and "pronoun" not in said.cues:
        return True
    parts = (bool(said.named.cameras) or said.everywhere, subject, bool(said.times))
    if said.named.people and strong:
        return True
    pointing = "pronoun" in said.cues and not said.named.cameras
    if said.asked.operation in {"top", "cameras"} and subject and said.times:
        return True
    if sum(parts) == len(parts):
        return strong or "pronoun" not in said.cues
    return strong and sum(parts) >= _WHOLE and not pointing


def _says_something(said: Said) -> bool:
    named, slots = said.named, said.slots
    return bool(
        named.cameras or named.people or named.zones or slots.labels or slots.rest or said.times
        or slots.above is not None or slots.at_least is not None or said.everywhere
        or (said.asked.operation and not said.asked.weak)
        or said.cues & {"that_day", "day_before", "day_after", "without", "same_question"}
    )  # fmt: skip


def _wants_clip(said: Said) -> bool:
    """Whether a recording is asked for: `show me the West Gate` is another question."""
    plainly = said.asked.pick is not None or "watching" in said.cues
    return said.asked.operation == "clip" and (plainly or not _says_filter(said))


def _place_alone(said: Said) -> bool:
    return said.asked.wants_place is False and said.skeleton in {
        "where", "and where", "where was that", "where was it", "where exactly", "at which camera",
        "which camera", "on which camera", "where was he", "where was she", "which camera was that",
        "donde", "y donde", "wo", "und wo", "nerede",
    }  # fmt: skip


def _edited(base: Plan, said: Said, *, keep: bool = False) -> Plan:
    """The base with what the turn says in place of what it said before."""
    own = _replacing(base, filled(Plan("count", language=base.language), said), said)
    plan = replace(
        base, certainty=own.certainty, because=own.because, noticed=own.noticed, event_id=None,
        pick=None,
    )  # fmt: skip
    plan = _where(plan, own, said)
    plan = _what(plan, own)
    plan = _when(plan, own, said)
    if own.above is not None or own.at_least is not None or "without" in said.cues:
        plan = replace(plan, above=own.above, at_least=own.at_least)
    if own.rest:
        plan = replace(plan, rest=own.rest)
    return plan if keep else _doing(plan, base, own, said)


def _replacing(base: Plan, own: Plan, said: Said) -> Plan:
    """`boats instead of people` says boats."""
    if "replacing" not in said.cues:
        return own
    labels = tuple(each for each in own.labels if each not in base.labels)
    cameras = tuple(each for each in own.cameras if each not in base.cameras)
    return replace(own, labels=labels or own.labels, cameras=cameras or own.cameras)


def _where(plan: Plan, own: Plan, said: Said) -> Plan:
    if own.cameras and not (own.zones and not said.named.cameras):
        zones = own.zones
        return replace(plan, cameras=own.cameras, zones=zones)
    if own.zones:
        return replace(plan, zones=own.zones)
    if said.everywhere:
        return replace(plan, cameras=(), zones=())
    return plan


def _what(plan: Plan, own: Plan) -> Plan:
    """A label replaces label, person and colour; a person replaces them too."""
    if own.labels or own.people:
        return replace(plan, labels=own.labels, people=own.people, rest=own.rest)
    return plan


def _when(plan: Plan, own: Plan, said: Said) -> Plan:
    plan = replace(plan, against=None) if own.time else plan
    carried = plan.time
    shift = -1 if "day_before" in said.cues else 1 if "day_after" in said.cues else 0
    if own.time is None:
        return replace(plan, time=shifted(carried, shift)) if carried and shift else plan
    if carried is None or carried.days is None or said.time is None or not said.time.partial:
        return replace(plan, time=own.time)
    return replace(plan, time=_within(carried, own.time))


def _within(carried: TimeRange, hours: TimeRange) -> TimeRange:
    """Hours of the day that is spoken of."""
    if carried.days is None:
        return hours
    text = f"{hours.text}, {carried.text}"
    if hours.hours is not None:
        said = replace(hours, text=text, days=carried.days, vague=False)
        return replace(said, definition=f"{hours.hours[0]:%H:%M}-{hours.hours[1]:%H:%M}")
    start = hours.start.time() if hours.start else time(0)
    return TimeRange(text, carried.days, (start, time(0)))


def _doing(plan: Plan, base: Plan, own: Plan, said: Said) -> Plan:
    """The operation: the turn's own, else that of the base."""
    asked = said.asked.operation
    if "both" in said.cues and own.cameras and len(own.cameras) == 1 and base.cameras:
        return replace(plan, operation="compare", cameras=_joined(base, own), zones=())
    if "both" in said.cues and base.time and not own.cameras and plan.time != base.time:
        return replace(plan, operation="compare", time=base.time, against=plan.time)
    vague = asked == "list" and bool(said.cues & {"lead", "pronoun"})
    if asked is None or asked == "clip" or said.asked.weak or vague or _leading(said):
        return replace(plan, operation=_resumed(base, plan))
    if asked == "exists" and _only_asks(said):
        return replace(plan, operation=_resumed(base, plan))
    plan = replace(
        plan, operation=asked, least=own.least, negated=own.negated, more_than=own.more_than,
        wants_place=own.wants_place, unit=own.unit,
    )  # fmt: skip
    if asked in {"top", "cameras"} and not own.cameras:
        return replace(plan, cameras=(), zones=())
    return plan


def _only_asks(said: Said) -> bool:
    """`does that differ for the West Gate?` has the form of a question and asks for no whether."""
    plainly = said.asked.negated or said.asked.more_than is not None
    named = said.slots.labels or said.named.people or said.slots.anything
    return not plainly and not named and bool(said.named.cameras or said.times)


def _leading(said: Said) -> bool:
    """`what about ...` and `how about ...` ask the same again, whatever their form."""
    return said.skeleton.startswith(("what about", "how about", "what of")) and (
        said.asked.operation not in SIDE
    )


def _resumed(base: Plan, plan: Plan) -> Operation:
    """A comparison that has only one side left is a count."""
    if base.operation == "compare" and len(plan.cameras) < 2 and plan.against is None:
        return "count"
    return base.operation


def _joined(base: Plan, own: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*base.cameras, *own.cameras)))


def _clip(said: Said, carried: Carried, base: Plan) -> Plan | Unclear:
    """The recording of what was spoken of, or of the first or last of what is asked for."""
    words = set(said.skeleton.split())
    place = next((n for word, n in _ORDINALS.items() if word in words), None)
    start = carried.current or base
    if place is not None:
        if place >= len(carried.shown):
            return Unclear("not_understood", "There are not so many events to choose from.")
        return replace(start, operation="clip", event_id=carried.shown[place])
    own = _says_filter(said)
    if not own and said.asked.pick is None and carried.focus is not None:
        return replace(
            start, operation="clip", event_id=carried.focus, certainty=1.0, noticed=said.noticed
        )
    edited = _edited(base, said, keep=True)
    return replace(edited, operation="clip", pick=said.asked.pick or "last")


def _says_filter(said: Said) -> bool:
    named, slots = said.named, said.slots
    return bool(named.cameras or named.people or named.zones or slots.labels or said.times)
