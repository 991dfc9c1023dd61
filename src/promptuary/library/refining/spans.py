"""What may not get lost of a text: code, addresses, slots, quotations, numbers, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, cast

from promptuary.domain.refining import Span, SpanKind
from promptuary.retrieval.function_words import FUNCTION_WORDS

LONGEST_QUOTE = 400

_SPAN = re.compile(
    r"(?P<fence>^[ \t]{0,12}(?P<ticks>`{3,}|~{3,})[^\n]*(?:\n(?![ \t]{0,12}(?P=ticks))[^\n]*)*"
    r"(?:\n[ \t]{0,12}(?P=ticks)[`~]*[ \t]*$)?)"
    r"|(?P<code>`[^`\n]{1,400}`)"
    r"|(?P<url>(?:https?|ftp|file|s3|git|ssh)://[^\s<>\"'`]{1,2000}|\bwww\.[^\s<>\"'`]{2,500})"
    r"|(?P<email>(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,6})"
    r"|(?P<slot>\{\{\s{0,4}[^\W\d]\w{0,63}\s{0,4}\}\})"
    rf"|(?P<quoted>\"[^\"\n]{{1,{LONGEST_QUOTE}}}\"|“[^”\n]{{1,{LONGEST_QUOTE}}}”"
    rf"|«[^»\n]{{1,{LONGEST_QUOTE}}}»|„[^“”\n]{{1,{LONGEST_QUOTE}}}[“”]"
    rf"|「[^」\n]{{1,{LONGEST_QUOTE}}}」|『[^』\n]{{1,{LONGEST_QUOTE}}}』"
    rf"|(?<!\w)'[^'\n]{{1,{LONGEST_QUOTE}}}'(?!\w))"
    r"|(?P<word>(?:[$€£¥#@~+-]|(?<!\w)[./])?\w+(?:[.,:/\\'’_+#@%-]+\w+)*[%#+°]*)",
    re.MULTILINE,
)
_ENDS = frozenset(".!?:;\n。！？")
_STRUCTURE = frozenset(
    {
        *("role", "persona", "identity", "context", "background", "situation", "task", "goal"),
        *(
            "objective",
            "instructions",
            "request",
            "inputs",
            "input",
            "data",
            "constraints",
            "rules",
        ),
        *("requirements", "guidelines", "limitations", "output", "format", "expected", "response"),
        *("examples", "example", "self", "check", "self-check", "your", "and", "purpose"),
    }
)
"""Words of headings, which are often written in capitals."""
_LATIN = re.compile("[A-Za-z]")
_CASELESS = re.compile("[\u0590-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of scripts without capitals: Hebrew to Burmese, Khmer, Kana, Chinese, Hangul."""


def spans(text: str) -> Iterator[Span]:
    """In order, none within another. Takes time in proportion to the text."""
    foreign = _mostly_foreign(text)
    for found in _SPAN.finditer(text):
        kind = found.lastgroup or ""
        if kind == "ticks":
            kind = "fence"
        said = found[0]
        if kind != "word":
            yield Span(_PLAIN[kind], said, found.start(), found.end())
        elif named := _kind_of_word(said, text, found.start(), foreign=foreign):
            yield Span(named, said, found.start(), found.end())


def literal(text: str) -> Iterator[tuple[int, int]]:
    """Where those spans begin and end that are no words: code, addresses, slots, quotations."""
    for found in _SPAN.finditer(text):
        if found.lastgroup != "word":
            yield found.span()


_PLAIN: dict[str, SpanKind] = {
    "fence": "code",
    "code": "code",
    "url": "url",
    "email": "email",
    "slot": "slot",
    "quoted": "quoted",
}


def _kind_of_word(word: str, text: str, start: int, *, foreign: bool) -> SpanKind | None:
    form = _form(word)
    if form in {"number", "name"}:
        return cast("SpanKind", form)
    if form in {"latin", "capital"}:
        named = foreign or (form == "capital" and not _begins_a_sentence(text, start))
        return "name" if named else None
    return None


@lru_cache(maxsize=50_000)
def _form(word: str) -> Literal["number", "name", "capital", "latin", "other"]:
    """What a word may be by its form alone: `H2O`, `snake_case`, `camelCase`, `NASA`, `app.py` are
    names wherever they stand."""
    core = word.lstrip("$€£¥#@~+-./")
    letters = [letter for letter in core if letter.isalpha()]
    if not letters:
        return "number" if any(letter.isdigit() for letter in core) else "other"
    if core[0].isdigit():
        return "number"
    if core.casefold() in _STRUCTURE:
        return "other"
    if any(letter.isdigit() or letter == "_" for letter in core):
        return "name"
    if any(letter.isupper() for letter in letters[1:]):
        return "name"
    if any(mark in core for mark in "./\\@#") and core[-1].isalnum() and len(core) > 3:
        return "name"
    if core[0].isupper() and core.casefold() not in FUNCTION_WORDS:
        return "capital"
    return "latin" if _LATIN.match(core) else "other"


def _begins_a_sentence(text: str, start: int) -> bool:
    """Whether nothing but bullets and blanks stands between the word and the end of a sentence."""
    at = start - 1
    while at >= 0 and start - at < 12 and text[at] in " \t-*•>#()[]\"'“”0123456789":
        at -= 1
    return at < 0 or text[at] in _ENDS


def _mostly_foreign(text: str) -> bool:
    """Whether most letters are of a script without capitals such as ours: there a Latin word is a
    name."""
    if text.isascii():
        return False
    head = text[:2_000]
    caseless = len(_CASELESS.findall(head))
    return caseless > 0 and caseless > len(_LATIN.findall(head)) / 2
