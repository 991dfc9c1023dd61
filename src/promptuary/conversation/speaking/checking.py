"""Whether what a model says of an answer is what the record says.

Every number, time, date, id, camera and thing in its text must stand in the answer; what the answer
is about must be said; and neither yes nor no may turn into the other. Whatever is in doubt is a
fault: the answer without a model is as true and always there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from promptuary.conversation.executing import Asking, local
from promptuary.conversation.planning.lexicon import lexicon
from promptuary.conversation.planning.sheet import fold
from promptuary.domain.conversations import Operation, Plan, Reply
from promptuary.domain.events import Camera

LONGEST = 600
_CLOCK = re.compile(
    r"\b(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(a\.?m\.?|p\.?m\.?)?|\b(\d{1,2})\s*(a\.?m\b|p\.?m\b)\.?",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])\d+(?:\.\d+)?")
_ID = re.compile(r"\b(?=[\w.\-]*\d)(?=[\w.\-]*[^\W\d])[\w.\-]{6,}\b")
_LINK = re.compile(r"https?:|www\.|\]\(|<[a-z/]", re.IGNORECASE)
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_WORDS = {word: float(number) for number, word in enumerate(_SMALL.split())}
_WORDS |= {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "once": 1, "twice": 2}
_VAGUE = re.compile(
    r"\b(dozens?|hundreds?|thousands?|millions?|half|double|twofold|triple|quarter|couple|seventy"
    r"|eighty|percent|per cent|%|approximately|around|about|roughly|nearly|almost|over|under"
    r"|at least|at most|more than|fewer than|less than)\s*(?=\d|%|\b)", re.IGNORECASE,
)  # fmt: skip
_NO = re.compile(
    r"\b(no|not|none|nobody|nothing|never|neither|nowhere|without|zero)\b|n['’]t\b", re.IGNORECASE
)
_YEAR = "january february march april may june july august september october november december"
_MONTHS = _YEAR.split()
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({'|'.join(_MONTHS)})\b")
_MONTH_DAY = re.compile(rf"\b({'|'.join(_MONTHS)}) (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?\b")
_WEEK = "monday tuesday wednesday thursday friday saturday sunday"
_DAYS = _WEEK.split()
_PLACE = re.compile(
    r"\b(?:at|in|near|by|from|on|to|into|outside|inside|behind|en|por|desde|am|bei|im|vom|beim|vor)"
    r"\s+(?:(?:the|a|an|your|our|this|that|la|el|los|las|un|una|der|dem|den|die|das)\s+)*([^\W\d_]+)"
)
_LOCATIVE = re.compile(r"\b[^\W\d_]{3,}(?:da|de|ta|te|dan|den|tan|ten)\b")
_SAFE = (
    "total all average each every view time day week hour morning afternoon evening night midnight "
    "noon site cameras camera record records which end local el la hoy ayer tag stunde"
)
_ANYWHERE = frozenset(_SAFE.split())
_COUNTED: frozenset[Operation] = frozenset({"count", "list", "cameras", "compare", "top"})
_CLAUSE = re.compile(r"[.;!?]\s|,\s|\band\b|\bwhile\b|\bbut\b")


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be said: the answer's own words, and everything in it that can be got wrong."""

    text: str
    numbers: frozenset[float]
    clocks: frozenset[tuple[int, int]]
    cameras: tuple[Camera, ...]
    moments: tuple[datetime, ...]


def facts_of(reply: Reply, asking: Asking) -> Facts:
    """Those of an answer. What descriptions say is none: strangers write them."""
    moments = tuple(each.start.astimezone(asking.zone) for each in reply.evidence)
    times = (f"{each:%-d %B %Y %A %H:%M:%S %Y-%m-%d}" for each in moments)
    parts = (f"{each.title} {each.name}: {each.count}" for each in reply.breakdown)
    ids = (f"{each.id} {each.label} {each.sub_label or ''}" for each in reply.evidence)
    others = (f"{each.text}: {each.value}" for each in reply.alternatives)
    text = "\n".join(
        (reply.text, reply.understood, reply.definition, str(reply.value), str(reply.total),
         *parts, *times, *ids, *others)
    )  # fmt: skip
    return Facts(
        text,
        frozenset(_numbers(text)) | frozenset(_WORDS[w] for w in _words(text) if w in _WORDS),
        frozenset(_clocks(text)),
        _spoken_of(reply, asking),
        moments,
    )


def _spoken_of(reply: Reply, asking: Asking) -> tuple[Camera, ...]:
    named = {*(reply.plan.cameras if reply.plan else ()), *(each.camera for each in reply.evidence)}
    named |= {each.name for each in reply.breakdown}
    return tuple(each for each in asking.site.cameras if each.id in named)


def faults(said: str, reply: Reply, asking: Asking) -> list[str]:
    """Why a wording may not stand; empty where nothing speaks against it."""
    plan = reply.plan
    if plan is None:
        return ["there is no answer to word"]
    if not said.strip() or len(said) > LONGEST + 2 * len(reply.text):
        return ["it is empty or too long"]
    facts = facts_of(reply, asking)
    return [
        *_strange(said, facts),
        *_other_names(said, plan, facts, asking),
        *_other_things(said, plan, facts),
        *_mispaired(said, reply),
        *_unsaid(said, plan, reply, asking),
        *_turned(said, plan, reply),
    ]


def _strange(said: str, facts: Facts) -> list[str]:
    """Links, ids, times, dates and numbers that are not the answer's."""
    found = ["it holds a link or markup"] if _LINK.search(said) else []
    found += [f"the id {e!r}" for e in _ID.findall(said) if e not in facts.text]
    found += [f"the time {h:02}:{m:02}" for h, m in _clocks(said) if (h, m) not in facts.clocks]
    found += [f"the date {e}" for e in _ISO.findall(said) if e not in facts.text]
    known = set(_words(facts.text))
    for word in dict.fromkeys(_words(said)):
        if word in {*_MONTHS, *_DAYS} - {"may"} and word not in known:
            found.append(f"the date {word!r}")
    days = _days(said) - _days(facts.text)
    found += [f"the date {day} {month}" for day, month in sorted(days)]
    numbers = [*_numbers(said), *(_WORDS[w] for w in _words(said) if w in _WORDS and w != "one")]
    found += [f"the number {n:g}" for n in dict.fromkeys(numbers) if n not in facts.numbers]
    vague = _VAGUE.findall(said)
    return found + [
        f"{e!r} is not exact" for e in vague if e.casefold() not in facts.text.casefold()
    ]


def _other_names(said: str, plan: Plan, facts: Facts, asking: Asking) -> list[str]:
    """Cameras that the answer is not about, and names that nobody knows."""
    own = {name.casefold() for each in facts.cameras for name in (each.title, each.id)}
    low = said.casefold()
    for each in facts.cameras:
        low = low.replace(each.title.casefold(), "camera").replace(each.id.casefold(), "camera")
    others = [
        each.title
        for each in asking.site.cameras
        if each.title.casefold() not in own
        and any(_stands(name, low) for name in (each.title.casefold(), each.id.casefold()))
    ]
    known = {*_words(facts.text), *(w for e in facts.cameras for w in _words(e.title))}
    capital = re.findall(r"(?<=[\w,;:] )[A-Z][\w'’-]+", said)
    places = _PLACE.findall(fold(low))
    places += [w for w in _LOCATIVE.findall(fold(low)) if plan.language == "tr"]
    dates = {*_ANYWHERE, *_MONTHS, *_DAYS}
    unknown = [e for e in places if e not in known and e not in dates and e not in _WORDS]
    strange = [e for e in capital if not set(_words(e)) <= known and e not in {"I", "The", "I'm"}]
    found = [f"the camera {e!r}" for e in others] + [f"the name {e!r}" for e in strange]
    return found + [f"the place {e!r}" for e in unknown]


def _stands(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _other_things(said: str, plan: Plan, facts: Facts) -> list[str]:
    """Things of another kind than was asked for: dogs in place of cars."""
    named = lexicon(plan.language).named
    known = set(_words(facts.text))
    allowed = {label for word in known for label in named.get(word, ())}
    allowed |= set(plan.labels) | known
    words = [w for w in _words(said) if w in named and w not in known]
    return [f"the thing {word!r}" for word in words if not set(named[word]) & allowed]


def _mispaired(said: str, reply: Reply) -> list[str]:
    """A count beside the name of a camera to which it does not belong."""
    counts = {each.title.casefold(): each.count for each in reply.breakdown}
    found = []
    for clause in _CLAUSE.split(said.casefold()):
        names = [title for title in counts if _stands(title, clause)]
        bare = _CLOCK.sub(" ", clause)
        for title in counts:
            bare = bare.replace(title, " ")
        numbers = _numbers(bare)
        if (
            len(names) == 1
            and len(numbers) == 1
            and numbers[0] not in {counts[names[0]], reply.total}
        ):
            found.append(f"{names[0]} has {counts[names[0]]}, not {numbers[0]:g}")
    return found


def _unsaid(said: str, plan: Plan, reply: Reply, asking: Asking) -> list[str]:
    """What the answer is about and the wording leaves out."""
    low = said.casefold()
    match plan.operation:
        case "top" | "compare" if reply.value is not None:
            titles = [each.title for each in reply.breakdown]
            first = min((t for t in titles if t.casefold() in low), default="",
                        key=lambda t: low.index(t.casefold()))  # fmt: skip
            best = asking.site.camera(str(reply.value))
            return [] if best and first == best.title else ["the camera that won is not said first"]
        case "first" | "last" if reply.evidence and not plan.wants_place:
            at = datetime.fromisoformat(local(reply.evidence[0].start, asking.zone))
            return [] if (at.hour, at.minute) in _clocks(said) else ["its time is not said"]
        case "who" | "trend":
            return (
                [] if all(each in low for each in _words(str(reply.value))) else ["it is not said"]
            )
        case "clip":
            return []
    value = reply.total if plan.operation in {"exists", "list"} else reply.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not reply.total:
        return []
    told = {*_numbers(said), *(_WORDS[w] for w in _words(said) if w in _WORDS)}
    hour = plan.operation == "busiest" and int(value) in {h for h, _ in _clocks(said)}
    return [] if value in told or hour else [f"the number {value} is not said"]


def _turned(said: str, plan: Plan, reply: Reply) -> list[str]:
    """Yes in place of no, and the other way round."""
    if plan.language != "en" or plan.operation not in {*_COUNTED, "exists"}:
        return []
    no = _NO.search(said) is not None
    if plan.operation == "exists" and reply.total:
        opening = (_words(said) or [""])[0]
        wanted = "yes" if reply.value else "no"
        return [] if opening == wanted else [f"it does not begin with {wanted!r}"]
    if not reply.total:
        return [] if no else ["it does not say that there was nothing"]
    return ["it denies what was seen"] if no and not _NO.search(reply.text) else []


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", fold(text))


def _numbers(text: str) -> list[float]:
    """Every number, but for those of clocks and dates, which are looked at by themselves."""
    bare = _ISO.sub(" ", _CLOCK.sub(" ", text))
    return [float(each.replace(",", "")) for each in _NUMBER.findall(bare)]


def _days(text: str) -> set[tuple[int, str]]:
    """Days of months: `14 May`, `May 14th`."""
    found = {(int(day), month) for day, month in _DAY_MONTH.findall(fold(text))}
    return found | {(int(day), month) for month, day in _MONTH_DAY.findall(fold(text))}


def _clocks(text: str) -> list[tuple[int, int]]:
    """Times of the day, on 24 hours."""
    found = []
    for hour, minute, _, half, alone, alone_half in _CLOCK.findall(text):
        number, side = int(hour or alone), (half or alone_half).casefold().replace(".", "")
        if side:
            number = number % 12 + (12 if side == "pm" else 0)
        found.append((number, int(minute or 0)))
    return found
