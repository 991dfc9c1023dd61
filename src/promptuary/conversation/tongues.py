"""Answers in the language of the question, for what is asked in languages other than English.

Sentences are data, one file a language in `sentences/`. What has none there is said in English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from promptuary.conversation.executing import Asking, Outcome
from promptuary.conversation.insights.pulses import HEARTBEATS
from promptuary.domain.conversations import Plan, Unclear
from promptuary.domain.events import Event
from promptuary.domain.insights import EVERYWHERE, Notice

TODAY = "today"
"""What a time is called that nobody said, in any language."""
MOST_NOTICED = 5
MANY = 10
"""From so many usual events on, tenths of one say nothing."""
LANGUAGES = ("es", "de", "tr")
_OPENINGS = frozenset(
    {"gestern", "heute", "vorgestern", "letzte", "letzten", "am", "im", "in", "vor", "zwischen",
     "seit", "diese", "diesen", "dieses", "jetzt", "nach", "bis", "von", "ab", "um", "gerade"}
)  # fmt: skip
"""German words that a time may begin with and that are no nouns."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: `words` by their names, singular and plural of `things`, `answers`, `next`
    questions and `refusals` with named holes, and what definitions of a time are called
    (`meant`); `habits` set a count against what is usual, `notices`
    say what was unusual."""

    words: Mapping[str, Any]
    things: Mapping[str, tuple[str, str]]
    meant: Mapping[str, str]
    answers: Mapping[str, str]
    next: Mapping[str, str]
    refusals: Mapping[str, str]
    habits: Mapping[str, str]
    units: Mapping[str, str]
    trends: Mapping[str, str]
    notices: Mapping[str, str]


@cache
def tongue(language: str) -> Tongue:
    """The sentences of that language, one of LANGUAGES."""
    text = files(__package__).joinpath("sentences").joinpath(f"{language}.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    things = {label: (one, many) for label, (one, many) in raw["things"].items()}
    names = ("meant", "answers", "next", "refusals", "habits", "units", "trends", "notices")
    return Tongue(raw, things, *(raw[each] for each in names))


def answer(plan: Plan, outcome: Outcome, asking: Asking) -> str | None:
    """The sentence in the language of the question; None where that is English, or has none."""
    if plan.language not in LANGUAGES:
        return None
    words = tongue(plan.language)
    name = _name(plan, outcome)
    if name is None or name not in words.answers:
        return None
    given = _given(plan, outcome, asking, words)
    return _tidy(words.answers[name].format(**given), plan.language)


def refusal(unclear: Unclear) -> Unclear:
    """The same in the language of the question, where there are words for it."""
    if unclear.language not in LANGUAGES:
        return unclear
    words = tongue(unclear.language)
    said = words.refusals.get("not_words" if _of_words(unclear) else unclear.why)
    if said is None:
        return unclear
    near = _joined(unclear.suggestions, words)
    message = said.format(about=unclear.about)
    ideas = unclear.suggestions
    if unclear.why == "unknown_name" and near:
        message += " " + words.refusals["near"].format(names=near)
    elif unclear.why == "unknown_name" and unclear.there:
        message += " " + words.refusals["there"].format(names=", ".join(unclear.there))
    if unclear.why == "not_understood" and ideas:
        ideas = (words.refusals["example"],)
    return replace(unclear, message=message, suggestions=ideas)


def _of_words(unclear: Unclear) -> bool:
    return unclear.why == "not_understood" and bool(unclear.about)


def habit(
    plan: Plan, name: str, count: int, asking: Asking, known: Mapping[str, object]
) -> str | None:
    """A count against what is usual; None in English."""
    if plan.language not in LANGUAGES:
        return None
    words = tongue(plan.language)
    given = {**_given(plan, Outcome(count, count), asking, words), **known}
    if isinstance(since := known.get("since"), date):
        month = str(words.words["months"]).split()[since.month - 1]
        given["since"] = str(words.words["day"]).format(day=since.day, month=month, year=since.year)
    return _tidy(words.habits[name].format(**given), plan.language)


def greeting(language: str, names: Sequence[str]) -> Unclear | None:
    """What can be asked, and of which cameras; None in English."""
    return _said(language, "greeting", names=", ".join(names))


def nothing_before(language: str) -> Unclear | None:
    """That a turn goes on from nothing; None in English."""
    return _said(language, "nothing_before")


def _said(language: str, name: str, **given: str) -> Unclear | None:
    """It is said already, so it has no language that it were to be put in."""
    if language not in LANGUAGES:
        return None
    words = tongue(language).refusals
    message, example = words[name].format(**given), words["example"]
    return Unclear("not_understood", message, (example,), language="")


def noticed(plan: Plan, found: Sequence[Notice], count: int, asking: Asking) -> str | None:
    """What was unusual, the latest first, or that nothing was among so many events; None in
    English."""
    if plan.language not in LANGUAGES:
        return None
    words = tongue(plan.language)
    given = dict(_given(plan, Outcome(count, count), asking, words))
    if not found:
        return _tidy(words.notices["calm"].format(**given), plan.language)
    given["n"] = len(found)
    said = [words.notices["one" if len(found) == 1 else "many"].format(**given)]
    said += [_notice(each, asking, words) for each in found[:MOST_NOTICED]]
    if len(found) > MOST_NOTICED:
        said.append(words.notices["more"].format(n=len(found) - MOST_NOTICED))
    return " ".join(_tidy(each, plan.language) for each in said)


def counted_before(plan: Plan, moment: datetime, asking: Asking) -> str | None:
    """That events before then were only counted; None in English."""
    if plan.language not in LANGUAGES:
        return None
    words = tongue(plan.language)
    return words.notices["counted"].format(moment=_at(moment, asking, words))


def _notice(notice: Notice, asking: Asking, words: Tongue) -> str:
    everywhere = notice.camera_id == EVERYWHERE
    name: str = notice.type
    if notice.measured == HEARTBEATS:
        name = "pulseless_site" if everywhere else "pulseless"
    camera = asking.site.camera(notice.camera_id)
    zone = notice.zone.replace("_", " ")
    start, end = (_at(each, asking, words) for each in (notice.start, notice.end))
    span = words.notices["since" if notice.ongoing else "between"].format(start=start, end=end)
    label = notice.label or "event"
    return words.notices[name].format(
        camera=camera.title if camera else notice.camera_id,
        zone=str(words.words["zones"]).format(names=zone) if zone else "",
        thing=_called(label, words, many=False),
        things=_called(label, words, many=round(notice.observed) != 1),
        n=round(notice.observed),
        usual=_number(notice.expected, 0 if notice.expected >= MANY else 1),
        share=_number(notice.observed),
        usual_share=_number(notice.expected),
        span=span,
    )


def no_recording(language: str) -> str | None:
    """That there is nothing to play."""
    return tongue(language).answers["no_recording"] if language in LANGUAGES else None


def undescribed(plan: Plan) -> str | None:
    """That no description ever holds such words."""
    if plan.language not in LANGUAGES:
        return None
    return tongue(plan.language).answers["undescribed"].format(words=", ".join(plan.rest))


def _name(plan: Plan, outcome: Outcome) -> str | None:
    """Which sentence it is; None: none of these."""
    if not outcome.total and plan.operation in _SIMPLE:
        if plan.rest and not outcome.described:
            return "undescribed"
        if not outcome.alive and plan.time is not None:
            return "unknown"
    if plan.operation == "exists":
        if plan.negated:
            return "empty" if outcome.value else "occupied"
        return "yes" if outcome.value else "no"
    if not outcome.total:
        return "count" if plan.operation in _SIMPLE else None
    return _found(plan, outcome)


_SIMPLE = frozenset(
    {"count", "list", "exists", "first", "last", "top", "who", "crowd", "busiest"}
    | {"average", "trend", "unusual"}
)


def _found(plan: Plan, outcome: Outcome) -> str | None:
    match plan.operation:
        case "count" | "list":
            return "count"
        case "first" | "last" | "clip" | "crowd" | "average" | "trend":
            return plan.operation
        case "top" | "compare" if plan.against is None:
            return "same" if outcome.tied else "least" if plan.least else "most"
        case "busiest" if plan.unit == "hour":
            return "quietest" if plan.least else "busiest"
        case "who":
            return "who" if outcome.value else "nobody"
    return None


def _given(plan: Plan, outcome: Outcome, asking: Asking, words: Tongue) -> Mapping[str, object]:
    """What stands in the holes."""
    event = outcome.evidence[0] if outcome.evidence else None
    best = next((each for each in outcome.parts if each.name == _bucket(outcome)), None)
    counted = best is not None and plan.operation in {"top", "compare", "busiest"}
    count = best.count if counted and best else outcome.total
    if plan.operation == "crowd":
        count = outcome.value if isinstance(outcome.value, int) else 0
    moment = outcome.at or (event.start if event else None)
    return {
        "n": count,
        "total": outcome.total,
        "things": _things(plan, words, count),
        "thing": _thing(plan, event, words),
        "place": _place(plan, asking, words),
        "when": _when(plan, words),
        "split": _split(outcome, words),
        "words": ", ".join(plan.rest),
        "id": event.id if event else "",
        "camera": best.title if best and plan.operation != "busiest" else _title(event, asking),
        "at": _at(moment, asking, words) if moment else "",
        "names": _joined(outcome.tied, words) if outcome.tied else outcome.value,
        "value": _value(outcome),
        "others": _others(outcome),
        "unit": words.units[plan.unit],
        "trend": words.trends.get(str(outcome.value), ""),
    }


def _value(outcome: Outcome) -> object:
    """An hour, a mean, or as it is."""
    if isinstance(outcome.value, float):
        return _number(outcome.value)
    return f"{outcome.value:02}:00" if isinstance(outcome.value, int) else outcome.value


def _number(value: float, places: int = 2) -> str:
    """As these languages write it, without zeros at the end."""
    return f"{value:.{places}f}".rstrip("0").rstrip(".").replace(".", ",")


def _bucket(outcome: Outcome) -> str:
    return f"{outcome.value:02}" if isinstance(outcome.value, int) else str(outcome.value)


def _others(outcome: Outcome) -> str:
    others = [f"{part.title} {part.count}" for part in outcome.parts if part.name != outcome.value]
    return f"; {', '.join(others)}" if others and len(outcome.parts) <= 5 else ""


def _split(outcome: Outcome, words: Tongue) -> str:
    if not 1 < len(outcome.parts) <= 6:
        return ""
    parts = (f"{words.things.get(p.name, (p.title,))[0]} {p.count}" for p in outcome.parts)
    return f" ({', '.join(parts)})"


def _things(plan: Plan, words: Tongue, count: int) -> str:
    many = count != 1
    if plan.people and not plan.labels:
        named = _joined([each.title() for each in plan.people], words)
        said = str(words.words["sightings"]).format(names=named)
    else:
        each = [_called(label, words, many=many) for label in plan.labels or ("event",)]
        said = _joined(each, words)
    rest = str(words.words["described"]).format(words=", ".join(plan.rest)) if plan.rest else ""
    return f"{said}{rest}{_sure(plan, words)}"


def _called(label: str, words: Tongue, *, many: bool) -> str:
    name = label.replace("_", " ")
    return words.things.get(label, (name, name))[many]


def _sure(plan: Plan, words: Tongue) -> str:
    if plan.above is not None:
        return str(words.words["above"]).format(value=f"{plan.above:g}")
    if plan.at_least is not None:
        return str(words.words["at_least"]).format(value=f"{plan.at_least:g}")
    return ""


def _thing(plan: Plan, event: Event | None, words: Tongue) -> str:
    if event is None:
        return ""
    if event.sub_label and plan.people:
        return event.sub_label.title()
    return _called(event.label, words, many=False)


def _place(plan: Plan, asking: Asking, words: Tongue) -> str:
    named = [c.title for each in plan.cameras if (c := asking.site.camera(each))]
    zones = [each.replace("_", " ") for each in plan.zones]
    zone = str(words.words["zones"]).format(names=_joined(zones, words)) if zones else ""
    if not named:
        return f"{zone}{words.words['everywhere']}"
    return f"{zone}{str(words.words['cameras']).format(names=_joined(named, words, 'both'))}"


def _when(plan: Plan, words: Tongue) -> str:
    if plan.time is None:
        return ""
    text = plan.time.text
    if text == TODAY:
        text = str(words.words["today"])
    if words.words["lowered"] or text.split(" ")[0].casefold() in _OPENINGS:
        text = f"{text[:1].lower()}{text[1:]}"
    meant = plan.time.definition.rpartition(" = ")[2]
    for english, own in words.meant.items():
        meant = meant.replace(english, own)
    return f" {text} ({meant})" if meant else f" {text}"


def _at(moment: datetime, asking: Asking, words: Tongue) -> str:
    here = moment.astimezone(asking.zone)
    month = str(words.words["months"]).split()[here.month - 1]
    form = str(words.words["date"])
    return form.format(day=here.day, month=month, year=here.year, clock=f"{here:%H:%M:%S}")


def _title(event: Event | None, asking: Asking) -> str:
    if event is None:
        return ""
    camera = asking.site.camera(event.camera)
    return camera.title if camera else event.camera


def _joined(names: Sequence[str], words: Tongue, joint: str = "either") -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {words.words[joint]} {names[-1]}"


def _tidy(text: str, language: str) -> str:
    """One space between words, and a capital at the beginning."""
    said = " ".join(text.split()).replace("( ", "(")
    dotted = language == "tr" and said[:1] == "i"
    return ("İ" if dotted else said[:1].upper()) + said[1:]
