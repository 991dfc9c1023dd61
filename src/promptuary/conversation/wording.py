"""Every sentence that an answer is made of. Version 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from promptuary.conversation import tongues
from promptuary.conversation.executing import Asking, Outcome
from promptuary.domain.conversations import Plan, Reply, TimeRange
from promptuary.domain.events import Event
from promptuary.domain.insights import Notice

NOTHING_BEFORE = (
    "Nothing was asked before that this could go on from. "
    "Say what is meant, such as: how many people were there yesterday?"
)
CAN_BE_ASKED = (
    "Ask for what was seen, where and when: how many, the first or last, the busiest hour, "
    "which camera most, who, how long, or to play it. "
)
TWO_TIMES = "I do not set two stretches of time against each other: ask for one and then the other."
NOTHING_TO_COMPARE = "There is no event yet that others could be like: ask for one first."
LONGEST_MESSAGE = 100_000
NO_RECORDING = "There is no recording of it that can be played now."
_ONE = {"person": "person"}
_KINDS = {"woman": "women", "man": "men", "child": "children", "girl": "girls", "boy": "boys"}
_MANY = {"person": "people", "bus": "buses"}
WITHHELD = "This answer is about cameras that you may no longer see."
NO_CAMERA = "There is no camera that I could tell you about."
_SUPERLATIVE = {True: "shortest", False: "longest"}


def answer(plan: Plan, outcome: Outcome, asking: Asking) -> str:
    """One sentence with the number or the time, and its scope; in the language of the question,
    where that has one for it."""
    if (elsewhere := tongues.answer(plan, outcome, asking)) is not None:
        return elsewhere
    if outcome.total == 0 and plan.operation != "average":
        return nothing(plan, outcome, asking)
    scope = f"{places(plan, asking)}{when(plan)}"
    match plan.operation:
        case "first" | "last" | "duration" | "clip":
            said = _of_one(plan, outcome, asking, scope)
        case "compare" if plan.against is not None:
            said = _two_times(plan, outcome, asking)
        case "crowd":
            said = _crowd(plan, outcome, asking, scope)
        case "top" | "compare":
            said = _top(plan, outcome)
        case "busiest" | "average" | "trend":
            said = _over_time(plan, outcome, scope)
        case _:
            said = _counted(plan, outcome, scope)
    return said[:1].upper() + said[1:]


def aside(plan: Plan) -> str:
    """What the answer does not heed, so that nobody takes it for more than it is."""
    left = "; ".join(each for each in plan.because if each.endswith("was not used"))
    return f" Note: {left}." if left else ""


def _counted(plan: Plan, outcome: Outcome, scope: str) -> str:
    match plan.operation:
        case "exists":
            return _exists(plan, outcome, scope)
        case "who":
            if outcome.value:
                return f"{outcome.value}: seen{scope}."
            counted = f"{outcome.total:,} {things(plan, outcome.total)}"
            return f"nobody was recognised: {counted}{scope}, without a name."
        case "cameras":
            counted = f"{outcome.value} {_plural('camera', outcome.value)}"
            if plan.negated and not outcome.parts:
                return f"every camera saw {things(plan)}{when(plan)}."
            if plan.negated:
                names = _either([part.title for part in outcome.parts], "and")
                return f"{counted} saw no {things(plan)}{when(plan)}: {names}."
            return f"{counted}: {_listed(outcome)}."
        case _:
            counted = f"{outcome.total:,} {things(plan, outcome.total)}"
            return f"{counted}{scope}{_split(outcome)}."


def _over_time(plan: Plan, outcome: Outcome, scope: str) -> str:
    if plan.operation == "busiest":
        return _busiest(plan, outcome, scope)
    if plan.operation == "average":
        return f"On average {outcome.value} {things(plan)} each {plan.unit}{scope}."
    counted = f"{outcome.total:,} {things(plan, outcome.total)}{scope}"
    return f"{counted}, {outcome.value} from {plan.unit} to {plan.unit}."


def _of_one(plan: Plan, outcome: Outcome, asking: Asking, scope: str) -> str:
    event = outcome.evidence[0]
    if plan.operation == "duration":
        return _duration(plan, outcome, asking, scope)
    if plan.operation == "clip":
        seen = f"{event.label} at {title(event, asking)}, {at(event.start, asking)}"
        return f"This is event {event.id}: {seen}."
    return _time(plan, event, outcome, asking)


def nothing(plan: Plan, outcome: Outcome, asking: Asking) -> str:
    """That there is nothing, and whether that can be known."""
    scope = f"{places(plan, asking)}{when(plan)}"
    if plan.rest and not outcome.described and (elsewhere := tongues.undescribed(plan)):
        return elsewhere
    if plan.rest and not outcome.described:
        return f"No description ever says “{'”, “'.join(plan.rest)}”, so I cannot tell."
    if not outcome.alive and plan.time is not None:
        return (
            f"No events at all{scope}: whether the camera was running then is not known, "
            f"so 0 {things(plan)} may not mean that there were none."
        )
    yes = "Yes, empty: no" if plan.negated else "No, no" if plan.operation == "exists" else "No"
    return f"{yes} {things(plan)}{scope} (0 events)."


def _exists(plan: Plan, outcome: Outcome, scope: str) -> str:
    said = "Yes" if outcome.value else "No"
    if plan.negated:
        return f"{said}, not empty: {outcome.total:,} {things(plan, outcome.total)}{scope}."
    return f"{said}, {outcome.total:,} {things(plan, outcome.total)}{scope}."


def _time(plan: Plan, event: Event, outcome: Outcome, asking: Asking) -> str:
    where = f"{title(event, asking)}, {at(event.start, asking)}"
    of = f"({plan.operation} of {outcome.total:,}{when(plan)})"
    if not (plan.labels or plan.people or plan.rest):
        return f"the {plan.operation} event was {_a(_plural(event.label, 1))} at {where} {of}."
    named = event.sub_label and plan.people
    who = (event.sub_label or "").title() if named else _a(things(plan, 1))
    return f"{who} was {plan.operation} seen at {where} {of}."


def _a(noun: str) -> str:
    """With its article."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def _top(plan: Plan, outcome: Outcome) -> str:
    best = next(part for part in outcome.parts if part.name == outcome.value)
    extreme = "fewest" if plan.least else "most"
    if outcome.tied:
        same = f"{best.count:,} {things(plan, best.count)} each{when(plan)}"
        return f"{_either(outcome.tied, 'and')} saw the same: {same}."
    others = ", ".join(f"{p.title} {p.count:,}" for p in outcome.parts if p is not best)
    against = f"; {others}" if others and len(outcome.parts) <= 5 else ""
    counted = f"{best.count:,} {things(plan, best.count)}"
    return f"{best.title} saw the {extreme}: {counted}{when(plan)}{against}."


def _two_times(plan: Plan, outcome: Outcome, asking: Asking) -> str:
    """Which of two stretches of time had more."""
    where = places(plan, asking)
    if outcome.tied:
        count = outcome.parts[0].count
        return f"the same {_either(outcome.tied, 'and')}: {count:,} {things(plan, count)}{where}."
    best = next(part for part in outcome.parts if part.name == outcome.value)
    other = next(part for part in outcome.parts if part is not best)
    than = "fewer" if plan.least else "more"
    return (
        f"{than} {best.title}: {best.count:,} {things(plan, best.count)}{where}; "
        f"{other.count:,} {other.title}."
    )


def _crowd(plan: Plan, outcome: Outcome, asking: Asking, scope: str) -> str:
    most = outcome.value if isinstance(outcome.value, int) else 0
    moment = f", {at(outcome.at, asking)}" if outcome.at else ""
    return f"at most {most:,} {things(plan, most)} at once{scope}{moment} (of {outcome.total:,})."


def noticed(plan: Plan, found: Sequence[Notice], reply: Reply, asking: Asking) -> str:
    """What was unusual, the latest first; or that nothing was, if that can be known."""
    scope = f"{places(plan, asking)}{when(plan)}"
    if not found:
        if not reply.total:
            return reply.text
        calm = tongues.noticed(plan, found, reply.total, asking)
        return (
            calm or f"Nothing unusual{scope}: {reply.total:,} {things(plan, reply.total)} in all."
        )
    if (elsewhere := tongues.noticed(plan, found, reply.total, asking)) is not None:
        return elsewhere
    said = " ".join(
        f"{each.message.removesuffix('.')} ({at(each.start, asking)})."
        for each in found[: tongues.MOST_NOTICED]
    )
    more = len(found) - tongues.MOST_NOTICED
    others = f" And {more} more." if more > 0 else ""
    counted = "1 thing was" if len(found) == 1 else f"{len(found)} things were"
    return f"{counted} unusual{scope}. {said}{others}"


def _busiest(plan: Plan, outcome: Outcome, scope: str) -> str:
    extreme = "quietest" if plan.least else "busiest"
    count = next(p.count for p in outcome.parts if _same_bucket(p.name, outcome.value))
    hour = f"{outcome.value}"
    if isinstance(outcome.value, int):
        hour = f"{outcome.value:02}:00-{(outcome.value + 1) % 24:02}:00"
    return f"the {extreme} {plan.unit} was {hour} with {count:,} {things(plan, count)}{scope}."


def _same_bucket(name: str, value: object) -> bool:
    return int(name) == value if isinstance(value, int) else name == value


def _duration(plan: Plan, outcome: Outcome, asking: Asking, scope: str) -> str:
    event = outcome.evidence[0]
    return (
        f"the {_SUPERLATIVE[plan.least]} was {outcome.value} seconds: {event.label} at "
        f"{title(event, asking)}, {at(event.start, asking)} (of {outcome.total:,}{scope})."
    )


def _split(outcome: Outcome) -> str:
    if not 1 < len(outcome.parts) <= 6:
        return ""
    return f" ({_listed(outcome)})"


def _listed(outcome: Outcome) -> str:
    return ", ".join(f"{part.title} {part.count:,}" for part in outcome.parts[:12])


def things(plan: Plan, count: int | None = None) -> str:
    """What is asked about, in words: `red cars`, `people`, `sightings of Alice`."""
    many = count != 1
    kinds = [each for each in plan.rest if each in _KINDS]
    qualified = " ".join(each for each in plan.rest if each not in kinds)
    if plan.people and not plan.labels:
        named = _either([each.title() for each in plan.people])
        said = f"{'sightings' if many else 'sighting'} of {named}" if count != 1 else named
    elif kinds and plan.labels == ("person",):
        said = _either([_KINDS[each] if many else each for each in kinds])
    elif plan.labels:
        said = _either([_plural(each, 2 if many else 1) for each in plan.labels])
    else:
        said = "events" if many else "event"
    if plan.people and plan.labels:
        said += f" ({_either([each.title() for each in plan.people])})"
    sure = (
        f" above {plan.above:g}"
        if plan.above is not None
        else (f" of at least {plan.at_least:g}" if plan.at_least is not None else "")
    )
    return " ".join(f"{qualified} {said}".split()) + (f" with confidence{sure}" if sure else "")


def _plural(label: str, count: object) -> str:
    name = label.replace("_", " ")
    if count == 1:
        return _ONE.get(label, name)
    return _MANY.get(label, f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s")


def similar(event: Event, others: Sequence[Event], asking: Asking) -> str:
    """How many events are like one, and the one that is most."""
    about = f"event {event.id} ({event.label} at {title(event, asking)}, {at(event.start, asking)})"
    if not others:
        return f"Nothing in the thirty days around it is like {about}."
    best = others[0]
    most = f"{best.label} at {title(best, asking)}, {at(best.start, asking)}"
    return f"{len(others)} most like {about}; first {most}."


def places(plan: Plan, asking: Asking) -> str:
    """Where: ` at Lobby`, or ` across all cameras`."""
    named = [c.title for each in plan.cameras if (c := asking.site.camera(each))]
    zone = f" in {_either([z.replace('_', ' ') for z in plan.zones])}" if plan.zones else ""
    return f"{zone} at {_either(named, 'and')}" if named else f"{zone} across all cameras"


def when(plan: Plan) -> str:
    """The time as it was said, with its definition where it has one."""
    return f" {said(plan.time)}" if plan.time else ""


def said(time: TimeRange) -> str:
    """In the words of the question; a definition that says the same twice is left out."""
    if not time.definition:
        return time.text
    meant = time.definition.rpartition(" = ")[2]
    return f"{time.text} ({meant})"


def at(moment: datetime, asking: Asking) -> str:
    """`12 January 2026 at 14:05:09`, in the zone of whoever asks."""
    return f"{moment.astimezone(asking.zone):%-d %B %Y at %H:%M:%S}"


def title(event: Event, asking: Asking) -> str:
    """The name of its camera."""
    camera = asking.site.camera(event.camera)
    return camera.title if camera else event.camera


def _either(names: Sequence[str], joint: str = "or") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {joint} {names[-1]}"


_ASKS = {
    "count": "How many {things} were seen{scope}?",
    "list": "What was seen{scope}?",
    "exists": "Were any {things} seen{scope}?",
    "first": "When was the first {thing} seen{scope}?",
    "last": "When was the last {thing} seen{scope}?",
    "top": "Which camera saw the {most} {things}{time}?",
    "compare": "Which saw more {things}{scope}?",
    "busiest": "What was the {busiest} {unit} for {things}{scope}?",
    "duration": "Which {thing} stayed {longest}{scope}?",
    "average": "How many {things} are there each {unit} on average{scope}?",
    "trend": "How did the number of {things} change{scope}?",
    "clip": "Show the {pick} {thing}{scope}.",
    "who": "Who was seen{scope}?",
    "cameras": "How many cameras saw {no}{things}{time}?",
    "crowd": "How many {things} were there at most at once{scope}?",
    "unusual": "Was anything unusual{scope}?",
}


def rewritten(plan: Plan, asking: Asking) -> str:
    """The question in full, so that it can be asked without the turns before it."""
    if plan.operation == "clip" and plan.event_id:
        return f"Show the clip of event {plan.event_id}."
    if plan.time is not None and plan.language != "en":
        plan = replace(plan, time=replace(plan.time, text=_dated(plan.time)), language="en")
    if plan.operation == "compare" and plan.against is not None:
        beside = f"{said(plan.time) if plan.time else ''} or {plan.against.text}"
        return f"When were more {things(plan)} seen{places(plan, asking)}, {beside}?"
    return _ASKS[plan.operation].format(
        things=things(plan),
        no="no " if plan.negated else "",
        thing=things(plan, 1),
        scope=f"{places(plan, asking)}{' ' + plan.time.text if plan.time else ''}",
        time=f" {plan.time.text}" if plan.time else "",
        most="fewest" if plan.least else "most",
        busiest="quietest" if plan.least else "busiest",
        longest="shortest" if plan.least else "longest",
        unit=plan.unit,
        pick=plan.pick or "last",
    )


def _dated(time: TimeRange) -> str:
    """A stretch of time in English, by its dates: in the words of another language it would mean
    nothing in an English question."""
    if time.days is None:
        start = f"from {time.start:%-d %B %Y %H:%M} " if time.start else ""
        end = f"until {time.end:%-d %B %Y %H:%M}" if time.end else ""
        return f"{start}{end}".strip() or time.text
    first, last = time.days
    days = (
        f"on {first:%-d %B %Y}" if first == last else f"from {first:%-d %B %Y} to {last:%-d %B %Y}"
    )
    hours = time.hours
    return f"between {hours[0]:%H:%M} and {hours[1]:%H:%M} {days}" if hours else days


def played(plan: Plan) -> tuple[str, ...]:
    """What plays the first event of those that were shown."""
    elsewhere = plan.language in tongues.LANGUAGES
    return (tongues.tongue(plan.language).next["play"] if elsewhere else "Play the first one",)


_NEXT = {
    "last": "When was the last one?", "busiest": "What was the busiest hour?", "play": "Play it",
    "camera": "And {name}?", "yesterday": "And yesterday?", "top": "Which camera saw the most?",
}  # fmt: skip
_YESTERDAY = frozenset({"yesterday", "ayer", "gestern", "dün"})


def follow_ups(plan: Plan, outcome: Outcome, asking: Asking) -> tuple[str, ...]:
    """Questions that can be answered next, about cameras that whoever asks may see."""
    ideas: list[str] = []
    say = tongues.tongue(plan.language).next if plan.language in tongues.LANGUAGES else _NEXT
    if outcome.total and plan.operation in {"count", "exists", "list", "top", "compare"}:
        ideas += [say["last"], say["busiest"]]
    if outcome.total and plan.operation in {"first", "last", "duration"}:
        ideas.append(say["play"])
    others = [
        each.title
        for each in asking.site.cameras
        if plan.cameras and each.id not in plan.cameras
        and (not plan.labels or set(plan.labels) & set(each.labels))
    ]  # fmt: skip
    ideas += [say["camera"].format(name=others[0])] if others else []
    if plan.time is None or plan.time.text.casefold() not in _YESTERDAY:
        ideas.append(say["yesterday"])
    if not plan.cameras and plan.operation == "count":
        ideas.append(say["top"])
    return tuple(ideas[:4])
