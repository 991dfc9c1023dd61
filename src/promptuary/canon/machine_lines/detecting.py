"""Telling machine lines from prompts, by whether lines of one form come again and again.

Prompts share words, but hardly ever differ in recognisable values alone, as the lines of a log do.
So the share of lines that do says what the traffic is; one line by itself says little.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from promptuary.canon.machine_lines.tokens import Token, tokens
from promptuary.canon.tokens import tokenise

ALIKE = 3  # different lines of one form
SOME = 0.05  # of all texts that are alike: fewer are chance, and none is a machine line
MOSTLY = 1 / 3  # of the lines: then the others are machine lines too
SAID = 1 / 2  # of the forms that end as sentences do: then the others may be anything
PROSE = 0.1  # of all texts that read like prose: then prompts stand between the lines
WORDS = 10  # of a sentence
PLAIN = 0.8  # of its words are nothing but letters
SAMPLE = 4_000  # texts beside that are looked at, evenly spread
LONGEST = 4_000  # characters of a machine line

# what every value that is known by its shape has; few prompts do, and the others need no reading
_MAYBE_VALUE = re.compile(
    r"[\d/\\]|\.\w|:[A-Fa-f]{0,4}:|[A-Fa-f]{8}|(?i:true|false|null|nil|nan|root|admin)"
)
_END = re.compile(r"[.?!][\"')]*\s*$")
_PLAIN = re.compile(r"[A-Za-z]?[a-z]*(?:['-][a-z]+)*")


def machine_lines(texts: Sequence[str], beside: Sequence[str] = ()) -> dict[int, list[Token]]:
    """Which of these different texts are machine lines, by number, with their tokens.

    The share of lines that are alike is counted here and in the traffic `beside`. Where prompts
    stand between the lines, what reads like prose and is like no other line is a prompt; and where
    the lines themselves are sentences, so is everything that is like no other.
    """
    if not any(map(_is_line, texts)):
        return {}
    around = sorted(set(beside[:: 1 + len(beside) // SAMPLE]).difference(texts))
    everything = [*texts, *around]
    lines = [number for number, text in enumerate(everything) if _is_line(text)]
    read = {n: tokens(everything[n]) for n in lines if _MAYBE_VALUE.search(everything[n])}
    forms = {number: _form(some) for number, some in read.items()}
    often = Counter(forms.values())
    alike = {number for number, form in forms.items() if form and often[form] >= ALIKE}
    if not alike or len(alike) < SOME * len(everything):
        return {}
    read = {n: read[n] if n in read else tokens(everything[n]) for n in lines}
    prose = {n for n in read if n not in alike and _is_prose(everything[n], read[n])}
    if len(prose) < PROSE * len(everything):
        prose = set()
    said = _are_said({forms[n]: everything[n] for n in alike}.values())
    mostly = not said and len(alike) >= MOSTLY * (len(read) - len(prose))
    chosen = read.keys() - prose if mostly else alike
    return {number: read[number] for number in range(len(texts)) if number in chosen}


def _is_line(text: str) -> bool:
    return len(text) <= LONGEST and "\n" not in text.strip("\n")


def _form(some: Sequence[Token]) -> tuple[str, ...]:
    """The words of a line with values; nothing for a line without the one or the other."""
    if {token.kind for token in some}.isdisjoint("vn"):
        return ()
    return tuple([token.element for token in some if token.kind == "w"])


def _are_said(ones: Collection[str]) -> bool:
    """Whether lines, one of each form, mostly end as sentences do. So does what people or programs
    ask with other values each time; few forms of a log do."""
    return sum(1 for one in ones if _END.search(one)) > SAID * len(ones)


def _is_prose(text: str, some: Sequence[Token]) -> bool:
    """Whether a text is a sentence: many words, nearly all of letters alone."""
    if text.isascii():
        words = [text[token.start : token.end] for token in some if token.kind != "m"]
        plain = sum(1 for word in words if _PLAIN.fullmatch(word))
    else:
        words = list(tokenise(text).words)
        plain = sum(map(str.isalpha, words))
    return len(words) >= WORDS and plain >= PLAIN * len(words)
