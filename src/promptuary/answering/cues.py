"""What a piece of text holds that a question may ask for: times, numbers, names; and conflicts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from promptuary.answering.pieces import Kind
from promptuary.answering.question import Question, names
from promptuary.retrieval.words import terms

_YEAR = re.compile(r"\b(1\d{3}|20\d\d|\d{1,2}(st|nd|rd|th) centur(y|ies))\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b(january|february|march|april|may|june|july|august|september|october|november|december|"
    r"centur(y|ies)|decades?|(mon|tues|wednes|thurs|fri|satur|sun)days?|years?|months?|weeks?|days?|"
    r"hours?|minutes?|seconds?|before|after|during|until|since|ago|\d{1,2}:\d\d)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\(?\d{1,3}[.)]\s")
_AMOUNT = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|"
    r"forty|fifty|hundreds?|thousands?|millions?|billions?|half|third|quarter|dozen|once|twice|"
    r"no|none|single|pair)\b",
    re.IGNORECASE,
)


def numbered(quote: str) -> bool:
    """Whether it is an item with a number."""
    return bool(_NUMBERED.match(quote))


def holds(question: Question, quote: str, kind: Kind = "sentence") -> float:
    """Whether a quote has the kind of thing that is asked for: 1 surely, 0 not, else between.

    A name counts if the question does not say it already. Steps are numbered items, code, and
    what introduces them.
    """
    match question.asks:
        case "time":
            return 1.0 if _YEAR.search(quote) else 0.7 * bool(_DATE.search(quote))
        case "number":
            return float(bool(_AMOUNT.search(quote)))
        case "person" | "place":
            told = {name.casefold() for name in question.text.split()}
            return float(any(name not in told for name in names(quote)))
        case "steps":
            return float(kind == "code" or numbered(quote) or quote.rstrip().endswith(":"))
        case "anything":
            return 0.5


_OPPOSITES = (
    "first last", "before after", "north south", "east west", "northern southern",
    "eastern western", "increase decrease", "increased decreased", "rise fall", "rose fell",
    "highest lowest", "high low", "higher lower", "largest smallest", "large small", "more less",
    "most least", "best worst", "oldest newest", "oldest youngest", "older younger", "old new",
    "early late", "earlier later", "earliest latest", "begin end", "began ended", "start stop",
    "open closed", "public private", "internal external", "import export", "accept refuse",
    "accepted refused", "allow forbid", "allowed forbidden", "enable disable", "enabled disabled",
    "win lose", "won lost", "victory defeat", "support oppose", "supported opposed", "male female",
    "upper lower", "minimum maximum", "same different", "like unlike", "strong weak", "true false",
    "success failure", "possible impossible", "include exclude", "legal illegal", "add remove",
    "create delete", "longest shortest", "long short", "fast slow", "faster slower", "left right",
    "positive negative", "even odd", "inside outside", "major minor", "always never",
)  # fmt: skip
OPPOSITE: Mapping[str, str] = {
    word: other for pair in _OPPOSITES for word, other in (pair.split(), pair.split()[::-1])
}
"""The opposite of a word, both ways."""


def conflict(question: Question, quote: str) -> bool:
    """Whether the quote has the opposite of a word that is asked for, and not the word."""
    said = set(terms(quote))
    asked = terms(question.text)
    return any(word not in said and OPPOSITE.get(word) in said for word in asked)
