"""Tokens of a machine line, and which of them are values by their shape alone.

What varies at run time in a log is mostly recognisable without counting: numbers, addresses, paths,
identifiers with digits. The conventions are those by which log templates are corrected for
evaluation (Khan et al., ICSE 2022): digits, paths, truth values and the names that every system
gives its own accounts are values even where they happen to be constant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["v", "n", "w", "m"]
"""A value; a name with a number in it (a value if it varies); a word; a mark."""

VALUE = "\x00"
"""The element that stands for every value."""

_STOPS = r"\s,;:()\[\]{}<>\"'|="  # characters that end a token
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ZONE = (
    r"(?:com|net|org|edu|gov|mil|arpa)(?:\.[a-z]{2})?"
    r"|(?:at|au|be|br|ca|ch|cn|cz|de|dk|es|eu|fi|fr|hk|in|it|jp|kr|nl|no|om|pl|ru|se|tw|uk|us)"
)
_LABEL = r"[A-Za-z0-9_-]+"
_TOKEN = re.compile(
    rf"""
      (?P<url>[A-Za-z][\w+.-]*://[^\s"'<>\]\)}},;]*)
    | (?P<quoted>(?<==)"[^"\n]{{1,100}}")
    | (?P<date>\b(?:{_DAY},?\ +)?{_MONTH}\ +\d{{1,2}}\ +(?:\d{{4}}\ +)?\d\d:\d\d:\d\d
        (?:\ +[A-Z]{{3,4}}\b)?(?:\ +\d{{4}}\b)?)
    | (?P<groups>(?<![\w:])(?:[0-9A-Fa-f]{{1,4}}:){{3,}}[0-9A-Fa-f:.]*(?:%\w+)?(?!\w)
        | (?<![\w:])[0-9A-Fa-f]{{0,4}}::(?:[0-9A-Fa-f]{{1,4}}:?)+(?!\w))
    | (?P<about>(?<!\S)[<>~]=?(?=\d)(?![^\s>]*>))
    | (?P<host>(?<![\w.@/-])
        (?:(?:{_LABEL}\.){{2,}}[A-Za-z]+|localhost|(?:{_LABEL}\.)+(?:{_ZONE})
          |(?=[\w.-]*\d)[A-Za-z][\w-]*(?:\.[\w-]+)*):\d+(?![\w.]))
    | (?P<domain>(?<![\w.@/-])(?!(?:com|net|org|edu)\.)(?:{_LABEL}\.)+(?:{_ZONE})(?![\w-]|\.\w))
    | (?P<numbers>(?<![\w.])[-+]?\d+(?>(?:[:.,/+-]\d+)+)(?![\w-]|[.@/]\w))
    | (?P<path>(?<![\w/.])(?:/|[A-Za-z]:[\\/])[^\s,;:()\[\]{{}}<>"'|=]+)
    | (?P<leader>\.{{2,}})
    | (?P<run>(?:(?!\.\.)[^{_STOPS}])+)
    | (?P<mark>[,;:()\[\]{{}}<>"'|=])
    """,
    re.VERBOSE,
)
_GIVEN = frozenset({"true", "false", "null", "nil", "n/a", "nan", "root", "admin"})
_ENDS = ".!?"
# one short number in a word is part of a name (eth1, http2); longer ones and more are counted
_NAME = re.compile(r"[A-Za-z_$][A-Za-z_$.*&%]*(?<!\.)\d{1,2}[A-Za-z_$.*&%]*")
_WORD_AND_NUMBER = re.compile(r"([A-Za-z]{2,}-)(\d[\d.]*)")
_LONG_HEX = re.compile(r"[0-9A-Fa-f]{8,}")
_DIGITS = re.compile(r"\d+")


class Token(NamedTuple):
    """Characters `[start, end)` of a line; `element` is what lines of one form share of it."""

    kind: Kind
    start: int
    end: int
    element: str


def masked(name: str) -> str:
    """A name without its numbers: what eth0 and eth1 share."""
    return _DIGITS.sub("#", name)


def tokens(line: str) -> list[Token]:
    """The tokens of a line, in order; only white space (and "<" of "<1") stands between them."""
    return list(_tokens(line))


def _tokens(line: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(line):
        start, end = found.span()
        match found.lastgroup:
            case "mark":
                yield Token("m", start, end, found[0])
            case "leader":
                yield Token("m", start, end, "..")
            case "about":
                continue
            case "quoted":
                yield _quoted(found[0], start, end)
            case "run":
                yield from _run(found[0], start)
            case "url" | "path":
                stop = start + len(found[0].rstrip(_ENDS))
                yield Token("v", start, stop, VALUE)
                yield from _marks(line[stop:end], stop)
            case _:
                yield Token("v", start, end, VALUE)


def _quoted(text: str, start: int, end: int) -> Token:
    """A string in quotes is one word, or one value if it has a digit."""
    if _DIGITS.search(text):
        return Token("v", start, end, VALUE)
    return Token("w", start, end, text)


def _run(text: str, start: int) -> Iterator[Token]:
    """Characters without white space and delimiters: mostly one token and the marks behind it."""
    word = text.rstrip(_ENDS) or text[:1]
    end = start + len(word)
    split = _WORD_AND_NUMBER.fullmatch(word)
    if split:
        middle = start + split.end(1)
        yield Token("w", start, middle - 1, word[: split.end(1) - 1])
        yield Token("m", middle - 1, middle, "-")
        yield Token("v", middle, end, VALUE)
    else:
        kind, element = _shape(word)
        yield Token(kind, start, end, element)
    yield from _marks(text[len(word) :], end)


def _shape(word: str) -> tuple[Kind, str]:
    if word.lower() in _GIVEN:
        return "v", VALUE
    if not any(map(str.isalnum, word)):
        return "m", word
    if not _DIGITS.search(word):
        return ("v", VALUE) if _LONG_HEX.fullmatch(word) else ("w", word)
    return ("n", masked(word)) if _NAME.fullmatch(word) else ("v", VALUE)


def _marks(text: str, start: int) -> Iterator[Token]:
    for at, mark in enumerate(text, start):
        yield Token("m", at, at + 1, mark)
