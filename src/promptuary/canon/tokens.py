"""The words of a prompt and where they stand: what templates are found and matched by."""

from __future__ import annotations

import re
from dataclasses import dataclass

import regex

_SINGLE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}"
_WORD = regex.compile(rf"[{_SINGLE}]|[\p{{L}}\p{{M}}\p{{N}}_--[{_SINGLE}]]+", regex.V1)
_ASCII_WORD = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Tokens:
    """`words[i]` is the case-folded text of the characters `spans[i]` (start, end) of the prompt.

    Spans ascend and never overlap; what stands between them are separators.
    """

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def tokenise(text: str) -> Tokens:
    """Words of any string: runs of letters, marks, digits and underscore.

    Scripts written without spaces (Han, kana, Thai) give one word a character. Total: every
    string has tokens, possibly none. Properties follow Unicode Standard Annex 44 and 24.
    """
    if text.isascii():  # lower case is case folding there, and keeps every character in its place
        spans = tuple(map(re.Match.span, _ASCII_WORD.finditer(text)))
        return Tokens(tuple(_ASCII_WORD.findall(text.lower())), spans)
    spans = tuple([found.span() for found in _WORD.finditer(text)])
    return Tokens(tuple([text[start:end].casefold() for start, end in spans]), spans)
