"""A question taken apart: the words that count, what kind of thing it asks for, what it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from promptuary.retrieval.function_words import FUNCTION_WORDS
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import words

Asks: TypeAlias = Literal["time", "number", "person", "place", "steps", "anything"]

_ASKING = frozenset(
    ("many", "much", "may", "might", "must", "shall", "please", "tell", "give", "let", "s", "t")
)
"""Words of questions that say nothing of what they are about."""
_TIME = re.compile(
    r"\b(when|(what|which) (year|date|century|decade|month|day|time|week)|how long ago)\b",
    re.IGNORECASE,
)
_MEASURE = "long|old|far|tall|high|large|big|fast|often|deep|heavy|wide"
_HOW = re.compile(rf"\bhow ({_MEASURE})\b", re.IGNORECASE)
"""The word after `how` asks for a number; no text that answers needs to say it."""
_NUMBER = re.compile(
    rf"\b(how (many|much|{_MEASURE})|"
    r"(what|which)( is the| was the)?( \w+)? (percent|percentage|number|amount|population|age|size|"
    r"length|price|cost|limit|port|version|total|ratio|rate))\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(who|whom|whose|(what|which) (person|man|woman|author))\b", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(where|(what|which) (country|city|state|place|region|continent|county|town|area))\b",
    re.IGNORECASE,
)
_STEPS = re.compile(
    r"^\W*how (do|can|should|could|would|shall|must) (i|we|you|one)\b|\bhow to\b", re.IGNORECASE
)
_LIST = re.compile(
    r"\b(list|name|enumerate)\b.*\b(all|the|three|four|five|six|some|every)\b|"
    r"\b(what|which) (?!is\b|was\b|does\b|did\b|has\b)(\w+ ){0,2}?(are|were|kinds|types|steps|"
    r"options|ways|reasons|things|methods|formats|features|parts|members)\b|"
    r"\b(what|which) (kinds|types|sorts|steps) of\b|\bwhat (are|were) the\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(not|never|no|none|nothing|nobody|neither|nor|without|cannot|\w+n['’]t|fail(s|ed)? to|"
    r"unable|except|lack(s|ed)?|refus\w+)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?<![\w.,])\d+(?:[.,:]\d+)*")
_NAME = re.compile(r"(?<=[^.!?\s]\s)[^\W\d_][\w-]*")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `terms` are the words that count, in order, each once; `stems` theirs."""

    text: str
    terms: tuple[str, ...]
    stems: tuple[str, ...]
    asks: Asks
    wants_list: bool
    negated: bool
    numbers: tuple[str, ...]
    names: tuple[str, ...]


def read(text: str) -> Question:
    """Take a question apart. Cues are English; in other languages every word counts and the kind
    of thing is `anything`."""
    said = [word.term for word in words(text)]
    measures = {found.casefold() for found in _HOW.findall(text)}
    content = [term for term in said if counts(term) and term not in measures] or said
    kept = {stem(term): term for term in reversed(content)}
    stems = tuple(dict.fromkeys(map(stem, content)))
    return Question(
        text=text,
        terms=tuple(kept[each] for each in stems),
        stems=stems,
        asks=_asks(text),
        wants_list=bool(_LIST.search(text)),
        negated=negated(text),
        numbers=tuple(dict.fromkeys(figures(text))),
        names=tuple(dict.fromkeys(names(text))),
    )


def counts(term: str) -> bool:
    """Whether a word says what a text is about."""
    return term not in FUNCTION_WORDS and term not in _ASKING


def negated(text: str) -> bool:
    """Whether something is denied in it."""
    return bool(_NEGATION.search(text))


def figures(text: str) -> list[str]:
    """The numbers in digits, without what separates thousands: `1,066.5` is `1066.5`."""
    return [re.sub(r",(?=\d{3}\b)", "", found) for found in _FIGURE.findall(text)]


def names(text: str) -> list[str]:
    """Words with a capital that does not begin a sentence, case-folded."""
    return [found.casefold() for found in _NAME.findall(text) if found[0].isupper()]


def _asks(text: str) -> Asks:
    kinds: tuple[tuple[re.Pattern[str], Asks], ...] = (
        (_TIME, "time"),
        (_NUMBER, "number"),
        (_PERSON, "person"),
        (_PLACE, "place"),
        (_STEPS, "steps"),
    )
    return next((kind for pattern, kind in kinds if pattern.search(text)), "anything")
