"""What kind of value a slot takes, judged by the shape of the values seen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from promptuary.domain.templates import SlotTally, SlotType

AGREEMENT = 0.8  # share of the values that must have a kind's shape
FEW = 12  # different values at most, that an enumeration has
REPEATS = 3  # times each value of an enumeration is seen, on average
SHORT = 40  # characters at most, of a value of an enumeration

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_URL = re.compile(r"(https?|ftp|s3|wss?)://\S+|www\.\S+\.\S+", re.IGNORECASE)
_PATH = re.compile(
    r"(~|\.{1,2})?(/[\w.@+-]+)+/?|([A-Za-z]:)?(\\[\w. @+-]+)+\\?|[\w-]+(/[\w.-]+)+\.\w+"
)
_NUMBER = re.compile(
    r"[-+\u2212]?[$\u20ac\u00a3\u00a5]?\s?\d[\d,. \u00a0]*([eE][-+]?\d+)?\s?[%\u20ac$]?"
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|enero|febrero|marzo|abril|mayo|junio"
    r"|julio|agosto|septiembre|octubre|noviembre|diciembre|janvier|mars|avril|juin|juillet"
    r"|septembre|octobre|novembre|d\u00e9cembre|januar|m\u00e4rz|mai|juni|juli|oktober|dezember)"
)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{2}\S*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{1,2}(st|nd|rd|th|\.)?( de| of)? " + _MONTH + r"\w*\.?,?( de)?( \d{4})?"
    r"|" + _MONTH + r"\w*\.? \d{1,2}(st|nd|rd|th)?(,? \d{4})?|" + _MONTH + r"[a-z]*\.?,? \d{4}"
    r"|\d{4}\u5e74(\d{1,2}\u6708(\d{1,2}\u65e5)?)?|\d{1,2}\u6708\d{1,2}\u65e5",
    re.IGNORECASE,
)  # fmt: skip
_CODE_LINE = re.compile(
    r"^\s*(def |class |import |from \w+ import |return\b|for .+:$|while .+:$|if .+:$|else:|elif "
    r"|try:|except\b|with .+:$|function\b|const |let |var |public |private |static |#include|using "
    r"|package |func |fn |struct |enum |SELECT |INSERT |UPDATE |CREATE |@\w+|<\?php|<\w+[^>]*>"
    r"|\w+\(.*\);?$|[\w.\[\]]+ ?[-+*/]?= ?\S|.*[;{}]\s*$)",
    re.MULTILINE,
)
_ITEM = re.compile(
    r"^\s*([-*\u2022\u2013]|\d{1,3}[.)]|\([a-z\d]\)|[a-zA-Z][.)])\s+\S", re.MULTILINE
)
_NAME = re.compile(
    r"[A-Z\u00c0-\u00de][\w'\u2019.-]*( (de|van|von|der|la|al|bin|[A-Z\u00c0-\u00de][\w'\u2019.-]*)){0,2}"
)
_QUESTION_WORD = re.compile(
    r"(what|who|whom|whose|which|when|where|why|how|is|are|was|were|do|does|did|can|could|should"
    r"|will|would|has|have|qu\u00e9|qui\u00e9n|c\u00f3mo|cu\u00e1l|d\u00f3nde|qui|que|comment|pourquoi|wie|was|wer|warum)\b",
    re.IGNORECASE,
)
_LANGUAGES = frozenset(
    "english spanish french german italian portuguese dutch russian ukrainian polish czech slovak "
    "hungarian romanian bulgarian greek turkish arabic hebrew persian farsi urdu hindi bengali "
    "punjabi tamil telugu marathi gujarati thai vietnamese indonesian malay filipino tagalog "
    "chinese mandarin cantonese japanese korean swedish norwegian danish finnish icelandic "
    "estonian latvian lithuanian croatian serbian slovenian albanian swahili amharic yoruba "
    "zulu afrikaans catalan basque galician irish welsh latin esperanto nepali sinhala burmese "
    "khmer lao mongolian kazakh uzbek georgian armenian azerbaijani hausa igbo somali "
    "espa\u00f1ol ingl\u00e9s franc\u00e9s alem\u00e1n italiano portugu\u00e9s ruso chino japon\u00e9s \u00e1rabe fran\u00e7ais anglais allemand "
    "espagnol italien portugais russe chinois japonais arabe deutsch englisch franz\u00f6sisch spanisch "
    "italienisch \u4e2d\u6587 \u82f1\u6587 \u82f1\u8bed \u6cd5\u8bed \u5fb7\u8bed \u65e5\u8bed \u65e5\u672c\u8a9e \u82f1\u8a9e \u97e9\u8bed "
    "\u897f\u73ed\u7259\u8bed \u4fc4\u8bed \ud55c\uad6d\uc5b4 \uc601\uc5b4 \u0440\u0443\u0441\u0441\u043a\u0438\u0439 "
    "\u0430\u043d\u0433\u043b\u0438\u0439\u0441\u043a\u0438\u0439 \u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u0939\u093f\u0928\u094d\u0926\u0940".split()
)
_CODES = frozenset(
    "en es fr de it pt nl ru uk pl cs sk hu ro bg el tr ar he fa ur hi bn ta te th vi id ms zh ja "
    "ko sv no nb da fi et lv lt hr sr sl sw af ca eu ga cy".split()
)
_PROGRAMMING = frozenset(
    "python java javascript typescript c c++ c# go golang rust ruby php swift kotlin scala perl r "
    "bash shell sql html css haskell lua dart julia matlab".split()
)


def kind(tally: SlotTally) -> tuple[SlotType, float]:
    """The kind of a slot's values and the share of them that look like it."""
    counts = {value.strip(): count for value, count in tally.counts.items() if value.strip()}
    total = sum(counts.values())
    if not total:
        return "text", 0.0
    for name, looks in _SHAPES.items():
        share = sum(count for value, count in counts.items() if looks(value)) / total
        if share >= AGREEMENT:
            return name, share
    if _repeats(counts, total, tally.seen):
        return "enum", min(1.0, total / max(1, tally.seen))
    share = sum(count for value, count in counts.items() if _NAME.fullmatch(value)) / total
    return ("name", share) if share >= AGREEMENT else ("text", 1 - share)


def _repeats(counts: Mapping[str, int], total: int, seen: int) -> bool:
    """Few short values, seen again and again; a tally that forgot values is no enumeration."""
    different = {value.casefold().rstrip(".!?") for value in counts}
    kept_all = total >= 0.95 * seen
    short = all(len(value) <= SHORT for value in counts)
    return kept_all and short and len(different) <= FEW and total >= REPEATS * len(different)


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


def _is_code(value: str) -> bool:
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
    return plain in _LANGUAGES or plain in _PROGRAMMING or plain.split("-")[0] in _CODES


_SHAPES: Mapping[SlotType, Callable[[str], bool]] = {
    "email": lambda value: bool(_EMAIL.fullmatch(value)),
    "url": lambda value: bool(_URL.fullmatch(value)),
    "date": lambda value: len(value) <= 40 and bool(_DATE.fullmatch(value)),
    "number": _is_number,
    "path": lambda value: len(value) <= 300 and bool(_PATH.fullmatch(value)),
    "language": _is_language,
    "json": _is_json,
    "code": _is_code,
    "list": _is_list,
    "question": _is_question,
}
