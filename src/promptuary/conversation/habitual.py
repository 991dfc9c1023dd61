"""Whether that is more than usual: what was counted, against what the watch has learnt."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeAlias

from promptuary.conversation import tongues
from promptuary.conversation.executing import Asking, filter_of
from promptuary.conversation.insights.usually import Usually
from promptuary.conversation.opening import goes_on_from_nothing
from promptuary.conversation.planning.calendar import one_day
from promptuary.conversation.wording import places, things, when
from promptuary.domain.conversations import Carried, Operation, Part, Plan, Reply, Unclear
from promptuary.domain.events import EventFilter

Habit: TypeAlias = Callable[
    [Sequence[str], Sequence[str], Sequence[tuple[float, float]], datetime],
    Awaitable[Usually | None],
]
"""What is usual of labels (none: all) at cameras in spans (UTC in seconds), as known then."""

LONGEST = 200
"""Characters of a turn that asks that of what was said before."""
_WAYS = (
    r"more|less|fewer|higher|lower|busier|quieter|above|below|a lot|lots|much|many|high|low|busy|"
    r"quiet|few|normal|usual|typical|average|ordinary|unusual|abnormal|common|expected"
)
_THAT = re.compile(
    r"\W*(?:(?:and|so|but|hm+|ok|well)\W+)?(?:"
    rf"(?:is|was|were|are|isn['’]t|wasn['’]t)\s+(?:that|this|it|they|those|these)(?:\s+(?:so|very|"
    rf"too|any|a|the|number|count|or|not|{_WAYS}))*\s+(?:{_WAYS})"
    r"(?:\s+(?:than|as|for|to|on|at|a|an|the|this|that|time|hour|day|year|week|usual|normal|usually|"
    r"normally|average|expected|always|it|be|is|of|\w+day|here|there|then))*|"
    r"how (?:does|did|do) (?:that|this|it|they) compare(?:\s+(?:to|with)\b.*)?|"
    r"what(?:['’]s| is| would be) (?:usual|normal|typical)(?: (?:here|there|then))?|"
    r"(?:ist|sind|war|waren) (?:das|es|die)(?:\s+(?:denn|so|eher|sehr))*\s+(?:normal|viel|viele|"
    r"wenig|wenige|üblich|ungewöhnlich|(?:mehr|weniger)(?: als (?:sonst|üblich|normal|"
    r"gewöhnlich|immer))?)|"
    r"(?:es|eso|esto|son|fue|fueron)(?:\s+(?:es|son|fue|eso|esto|muy))*\s+(?:normal|normales|"
    r"habitual|mucho|muchos|muchas|poco|pocos|pocas|(?:más|menos)(?: (?:de lo (?:normal|habitual)|"
    r"que (?:siempre|de costumbre|lo normal)))?)|"
    r"(?:bu|bunlar)\s+(?:(?:normal|çok|az|fazla|olağan|(?:her zamankinden|normalden|"
    r"alışılmıştan) (?:daha )?(?:çok|fazla|az))\s*m[iıuü](?:ydı|ydi)?)"
    r")\W*",
    re.IGNORECASE,
)
_THAN = re.compile(
    r"\b(?:(?:more|less|fewer|higher|lower|busier|quieter|as many|as much|as busy|as quiet)\b.*"
    r"\b(?:than|as)|above|below)\s+(?:the\s+)?"
    r"(?:usual|normal|usually|normally|average|expected|typical)\b|"
    r"\b(?:mehr|weniger|voller|ruhiger)\b.*\bals (?:sonst|üblich|normal|gewöhnlich|immer)\b|"
    r"\b(?:más|menos)\b.*\b(?:de lo (?:normal|habitual|usual)|que (?:siempre|de costumbre))\b|"
    r"\b(?:her zamankinden|normalden|alışılmıştan) (?:daha )?(?:çok|fazla|az)\b",
    re.IGNORECASE,
)
_COUNTED: Final[frozenset[Operation]] = frozenset({"count", "exists", "list", "average", "trend"})
_ENGLISH = {
    "more": "More than usual: {n} {things}{place}{when}; {low} to {high} are usual then, learnt "
    "from {days} such days since {since}.",
    "fewer": "Fewer than usual: {n} {things}{place}{when}; {low} to {high} are usual then, learnt "
    "from {days} such days since {since}.",
    "usual": "As usual: {n} {things}{place}{when}; {low} to {high} are usual then, learnt from "
    "{days} such days since {since}.",
    "too_little": "{n} {things}{place}{when}. What is usual there is not known: that takes two "
    "days of the kind before it (a working day, or a day of rest).",
    "of_labels_alone": "{n} {things}{place}{when}. What is usual is known of labels at cameras "
    "alone, not of zones, names, colours or confidence.",
    "of_no_time": "{n} {things}{place} in all. Say of which day or hours you mean it: all of the "
    "time together is neither more nor less than usual.",
}


def asked_of(question: str, carried: Carried) -> Plan | Unclear | None:
    """What was just spoken of, to be set against what is usual; None for any other turn."""
    if len(question) > LONGEST or not _THAT.fullmatch(question.strip()):
        return None
    if carried.current is None:
        return goes_on_from_nothing(question)
    bare = replace(carried.current, operation="count", event_id=None, pick=None, against=None)
    return replace(bare, usual=True, negated=False, more_than=None, wants_place=False)


def against_usual(plan: Plan, question: str, asking: Asking) -> Plan:
    """The plan of a question whether there was more than usual, of today unless it says when."""
    if plan.operation not in _COUNTED or not _THAN.search(question):
        return plan
    today = one_day("today", asking.now.astimezone(asking.zone).date())
    bare = replace(plan, operation="count", usual=True, negated=False, more_than=None)
    return replace(bare, time=plan.time or today)


async def habitual(reply: Reply, asking: Asking, habit: Habit) -> Reply:
    """The count set against what is usual, if that was asked; any other answer as it is. Where
    nobody knows what is usual, it says so and is no answer."""
    plan = reply.plan
    if plan is None or not plan.usual or reply.refused is not None:
        return reply
    reply = replace(reply, understood=f"{reply.understood} Is that as many as usual?")
    where = filter_of(plan, asking)
    if plan.zones or plan.people or plan.rest or plan.above or plan.at_least:
        return _unknown(reply, plan, "of_labels_alone", asking)
    if plan.time is None or any(each.start is None for each in where.windows):
        return _unknown(reply, plan, "of_no_time", asking)
    found = await habit(where.cameras or (), plan.labels, _spans(where, asking), asking.now)
    if found is None:
        return _unknown(reply, plan, "too_little", asking)
    name = "usual"
    if not found.low <= reply.total <= found.high:
        name = "more" if reply.total > found.high else "fewer"
    parts = (
        Part("observed", "observed", reply.total),
        Part("expected", "expected", round(found.expected)),
        Part("low", "usual at least", found.low),
        Part("high", "usual at most", found.high),
    )
    known = {"low": found.low, "high": found.high, "days": found.days, "since": found.since}
    return replace(reply, text=_said(plan, name, reply, asking, known), breakdown=parts)


def _spans(where: EventFilter, asking: Asking) -> list[tuple[float, float]]:
    now = asking.now
    ends = [(each.start or now, min(each.end or now, now)) for each in where.windows]
    return [(start.timestamp(), end.timestamp()) for start, end in ends if start < end]


def _unknown(reply: Reply, plan: Plan, name: str, asking: Asking) -> Reply:
    text = _said(plan, name, reply, asking, {})
    return replace(reply, text=text, refused="unanswerable", confidence=0.0)


def _said(plan: Plan, name: str, reply: Reply, asking: Asking, known: dict[str, object]) -> str:
    """In the language of the question."""
    elsewhere = tongues.habit(plan, name, reply.total, asking, known)
    if elsewhere is not None:
        return elsewhere
    day = f"{known['since']:%-d %B %Y}" if known else ""
    return _ENGLISH[name].format(
        **{**known, "since": day},
        n=f"{reply.total:,}",
        things=things(plan, reply.total),
        place=places(plan, asking),
        when=when(plan),
    )
