"""What kind of value a slot takes, judged by the shape of the values seen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from promptuary.canon.templates.lexicon import LANGUAGE_CODES, LANGUAGES, PROGRAMMING_LANGUAGES
from promptuary.domain.masks import masked_as
from promptuary.domain.templates import SlotTally, SlotType

AGREEMENT = 0.8  # share of the values that must have a kind's shape
FEW = 12  # different values at most, that an enumeration has
REPEATS = 3  # times each value of an enumeration is seen, on average
SHORT = 40  # characters at most, of a value of an enumeration

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_URL = re.compile(r"(https?|ftp|s3|wss?)://\S+|www\.\S+\.\S+", re.IGNORECASE)
_PATH = re.compile(
    r"""(~|\.{1,2})?(/[\w.@+-]+)+/?          # /usr/bin, ./a, ~/b
      | ([A-Za-z]:)?(\\[\w. @+-]+)+\\?     # C:\a
      | [\w-]+(/[\w.-]+)+\.\w+              # src/a.py
      | [\w-]+\.(py|js|ts|java|go|rs|c|h|cpp|md|txt|csv|json|ya?ml|html|css|sql|sh|pdf|docx?)""",
    re.VERBOSE,
)
_NUMBER = re.compile(
    r"[-+\u2212]?[$\u20ac\u00a3\u00a5]?\s?\d[\d,.\u00a0]*([eE][-+]?\d+)?\s?[%\u20ac$]?"
)
_MONTH = (
    "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|enero|febrero|marzo|abril|mayo|junio|julio"
    "|agosto|septiembre|octubre|noviembre|diciembre|janvier|mars|avril|juin|juillet|septembre"
    "|octobre|novembre|d\u00e9cembre|januar|m\u00e4rz|mai|juni|juli|oktober|dezember)"
)
_DATE = re.compile(
    rf"""\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}([T ]\d{{1,2}}:\d{{2}}\S*)?
      | \d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}
      | \d{{1,2}}(st|nd|rd|th|\.)?([ ]de|[ ]of)?[ ]{_MONTH}\w*\.?,?([ ]de)?([ ]\d{{4}})?
      | {_MONTH}[a-z]*\.?[ ]\d{{1,2}}(st|nd|rd|th)?(,?[ ]\d{{4}})?
      | {_MONTH}[a-z]*\.?,?[ ]\d{{4}}
      | \d{{4}}\u5e74(\d{{1,2}}\u6708(\d{{1,2}}\u65e5)?)?
      | \d{{1,2}}\u6708\d{{1,2}}\u65e5""",
    re.IGNORECASE | re.VERBOSE,
)
_CODE_LINE = re.compile(
    r"""\s*(?:
        (?:def|class|import|const|let|var|public|private|static|using|package|func|fn|struct|enum
          |function|SELECT|INSERT|UPDATE|CREATE)[ ].*
      | from[ ][\w.]+[ ]import[ ].*
      | (?:for|while|if|elif|else|try|except|with)\b.*[:{]\s*
      | return\b.*
      | [#]include.* | @\w+(?:\(.*\))? | <\?php | <\w+[^>]*>.*
      | [\w.]+\(.*\);?
      | [\w.\[\]]+[ ]?[-+*/]?=[ ]?\S.*
      | .*[;{}]\s*
    )$""",
    re.VERBOSE,
)
_ITEM = re.compile(
    r"^\s*([-*\u2022\u2013]|\d{1,3}[.)]|\([a-z\d]\)|[a-zA-Z][.)])\s+\S", re.MULTILINE
)
_CAPITAL = r"[A-Z\u00c0-\u00de][\w'\u2019.-]*"
_NAME = re.compile(rf"{_CAPITAL}( (de|van|von|der|la|al|bin|{_CAPITAL})){{0,2}}")
_QUESTION_WORD = re.compile(
    r"(what|who|whom|whose|which|when|where|why|how|is|are|was|were|do|does|did|can|could|should"
    r"|will|would|has|have|qu\u00e9|qui\u00e9n|c\u00f3mo|cu\u00e1l|d\u00f3nde|qui|comment|pourquoi"
    r"|wie|wer|warum)\b",
    re.IGNORECASE,
)


def kind(tally: SlotTally) -> tuple[SlotType, float]:
    """The kind of a slot's values and the share of them that look like it."""
    counts = {value.strip(): count for value, count in tally.counts.items() if value.strip()}
    total = sum(counts.values())
    if not total:
        return "text", 0.0
    masked = {kind: n for value, n in counts.items() if (kind := masked_as(value))}
    if sum(masked.values()) / total >= AGREEMENT:
        return ("email" if "email" in masked else "text"), sum(masked.values()) / total
    for name, looks in _SHAPES.items():
        share = _share(counts, total, looks)
        if share >= AGREEMENT:
            return name, share
    if _repeats(counts, total):
        return "enum", 1.0
    share = sum(count for value, count in counts.items() if _NAME.fullmatch(value)) / total
    return ("name", share) if share >= AGREEMENT else ("text", 1 - share)


def _share(counts: Mapping[str, int], total: int, looks: Callable[[str], bool]) -> float:
    """The share of the values that look so; some share below AGREEMENT once that is certain."""
    share = total
    for value, count in counts.items():
        if not looks(value):
            share -= count
            if share / total < AGREEMENT:
                break
    return share / total


def _repeats(counts: Mapping[str, int], total: int) -> bool:
    """Few short values, seen again and again."""
    different = {value.casefold().rstrip(".!?") for value in counts}
    short = all(len(value) <= SHORT for value in counts)
    return short and len(different) <= FEW and total >= REPEATS * len(different)


def _is_number(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value)) and len(value) <= 30


def _is_json(value: str) -> bool:
    if value[:1] not in "{[" or value[-1:] not in "}]":
        return False
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return bool(re.match(r"""[{\[]\s*["'{\[]""", value)) and ":" in value
    return True


def is_code(value: str) -> bool:
    """Whether a text is program code, has some in a fence, or is so for the most part."""
    if value.startswith("```") or "\n```" in value:
        return True
    lines = [line for line in value.splitlines()[:60] if line.strip()]
    like = sum(bool(_CODE_LINE.match(line)) for line in lines)
    indented = sum(line[:1] in " \t" for line in lines)
    dense = len(re.findall(r"[(){}\[\];=<>]", value)) >= len(value) / 25
    if len(lines) < 2:
        return like == 1 and dense and not value.rstrip().endswith((".", "?", "!"))
    return 2 * like >= len(lines) or (like > 0 and 3 * indented >= len(lines) and dense)


def _is_list(value: str) -> bool:
    lines = [line for line in value.splitlines() if line.strip()]
    if len(lines) >= 2:
        return 2 * len(_ITEM.findall(value)) >= len(lines)
    items = re.split(r"\s*[,;|\u3001\uff0c]\s*", value)
    return len(items) >= 3 and all(0 < len(item.split()) <= 4 for item in items)


def _is_question(value: str) -> bool:
    if len(value) > 400:
        return False
    asks = value.rstrip("\"'\u201d ").endswith(("?", "\uff1f", "\u061f"))
    return asks or (
        "\n" not in value and bool(_QUESTION_WORD.match(value)) and len(value.split()) > 3
    )


def _is_language(value: str) -> bool:
    plain = value.casefold().strip(" .!?")
    return (
        plain in LANGUAGES
        or plain in PROGRAMMING_LANGUAGES
        or plain.split("-")[0] in LANGUAGE_CODES
    )


_SHAPES: Mapping[SlotType, Callable[[str], bool]] = {
    "email": lambda value: bool(_EMAIL.fullmatch(value)) or masked_as(value) == "email",
    "url": lambda value: bool(_URL.fullmatch(value)),
    "date": lambda value: len(value) <= 40 and bool(_DATE.fullmatch(value)),
    "number": _is_number,
    "path": lambda value: len(value) <= 300 and bool(_PATH.fullmatch(value)),
    "language": _is_language,
    "json": _is_json,
    "code": is_code,
    "list": _is_list,
    "question": _is_question,
}
