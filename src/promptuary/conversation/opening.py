"""What is said where nothing can be answered yet: greetings, turns that go on from nothing, and two
stretches of time against each other."""

from __future__ import annotations

import re
from dataclasses import replace

from promptuary.conversation import tongues, wording
from promptuary.conversation.planning.lexicon import language_of
from promptuary.conversation.planning.sheet import fold
from promptuary.domain.conversations import Carried, Plan, Unclear
from promptuary.domain.events import Site

_GREETINGS = {
    "en": r"hi|hello|hey|good (?:morning|evening|afternoon|day)|thanks|thank you|help|help me|\?|"
    r"what (?:can|do) (?:you|i) (?:do|ask|know)|how does this work|what is this",
    "es": r"hola|buen[oa]s (?:d[ií]as|tardes|noches)|gracias|ayuda|qu[eé] (?:puedes hacer|sabes|"
    r"puedo preguntar)",
    "de": r"hallo|guten (?:tag|morgen|abend)|moin|servus|danke|hilfe|"
    r"was (?:kannst du|k[oö]nnen sie|kann ich fragen|wei[sß]+t du)",
    "tr": r"merhaba|selam|g[uü]nayd[iı]n|iyi (?:g[uü]nler|ak[sş]amlar)|te[sş]ekk[uü]rler|yard[iı]m|"
    r"ne (?:yapabilirsin|sorabilirim)",
}
_THEM = r"\W*(?:{})(?:\W+(?:there|please|you|all|bitte|sch[oö]n))?\W*"
_GREETING = {
    each: re.compile(_THEM.format(said), re.IGNORECASE) for each, said in _GREETINGS.items()
}
_GOES_ON = re.compile(
    r"\W*(?:and|what about|how about|only|just|the (?:first|second|third|last|next|same|other)|"
    r"that|those|it|same|instead|play|why|again|y|und|ve|peki|qu[eé] tal|was ist mit)\b",
    re.IGNORECASE,
)


def kinder(unclear: Unclear, question: str, carried: Carried, site: Site) -> Unclear:
    """What helps somebody who was not understood: what can be asked, or that nothing was yet."""
    if unclear.why != "not_understood":
        return unclear
    greeted = next((name for name, form in _GREETING.items() if form.fullmatch(question)), None)
    if greeted is not None:
        titles = [each.title for each in site.cameras]
        if (elsewhere := tongues.greeting(greeted, titles)) is not None:
            return elsewhere
        names = ", ".join(titles[:5])
        more = f" and {len(titles) - 5} more" if len(titles) > 5 else ""
        return replace(unclear, message=f"{wording.CAN_BE_ASKED}The cameras are {names}{more}.")
    if carried.current is None and _GOES_ON.match(question):
        return goes_on_from_nothing(question)
    return unclear


def goes_on_from_nothing(question: str) -> Unclear:
    """A turn that means what was said before, where nothing was."""
    elsewhere = tongues.nothing_before(language_of(fold(question)))
    return elsewhere or Unclear("not_understood", wording.NOTHING_BEFORE)


def against(plan: Plan, question: str) -> Unclear | None:
    """A question whether there was more than at another time has two times, and only one was
    read: to answer it with that one would be wrong."""
    if plan.time is None:
        return None
    said = re.compile(
        r"\b(?:more|fewer|less|busier|quieter|m[aá]s|menos|mehr|weniger)\b.*"
        rf"\b(?:than|que|als)\s+(?:on\s+|in\s+|the\s+)?{re.escape(plan.time.text)}",
        re.IGNORECASE,
    )
    if not said.search(question):
        return None
    return Unclear("not_understood", wording.TWO_TIMES, noticed=plan.noticed)
