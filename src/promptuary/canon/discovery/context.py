"""What stands around each word: punctuation, lines, the shape of the word itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.corpus import Corpus, Span
from promptuary.canon.discovery.ngrams import Floats, Numbers, shifted

Bits = NDArray[np.uint16]

QUOTES = "\"“”„«»「」'"
LINE, MARK, STRONG = 1, 2, 4  # bits of a separator's kind: line break, any mark, more than a stop
_BLANKS = " \t\n\r\x0b\x0c\xa0\u2028\u3000"
_CLASSES = {
    "line": "\n",
    "colon": ":：",
    "quote": QUOTES,
    "question": "?？؟",
    "stop": ".。!！।",
    "comma": ",，、",
    "bracket": "{}[]()<>=_;#*|",
    "digit": "0123456789",
}
_BITS = {name: 8 << number for number, name in enumerate(_CLASSES)}
LONG = 1_000  # characters of a hole


@dataclass(frozen=True, slots=True)
class _Layout:
    """Classes (bits) of the characters before, in and behind each word; word edges in `codes`."""

    codes: NDArray[np.uint32]  # of all prompts' characters
    begin: Numbers
    end: Numbers
    first: NDArray[np.bool_]  # word of its prompt
    last: NDArray[np.bool_]
    before: Bits
    inside: Bits
    behind: Bits


def surroundings(corpus: Corpus) -> Mapping[str, Floats]:
    """Features of each position: separators beside it, its line, case and digits of the word."""
    if not len(corpus.flat):
        return {}
    layout = _layout(corpus)
    features: dict[str, Floats] = {}
    for name in _CLASSES.keys() - {"digit"}:
        features[f"{name}_before"] = _has(layout.before, name)
        features[f"{name}_after"] = _has(layout.behind, name)
    features["line_before"] = np.maximum(features["line_before"], layout.first)
    features["line_after"] = np.maximum(features["line_after"], layout.last)
    return {**features, **_lines(corpus, features), **_shape(layout), **_quoted(corpus, features)}


def _has(bits: Bits, name: str) -> Floats:
    return ((bits & np.uint16(_BITS[name])) > 0).astype(np.float32)


def _layout(corpus: Corpus) -> _Layout:
    pieces = [_mined(t, s) for t, s in zip(corpus.texts, corpus.spans, strict=True)]
    codes = np.frombuffer(
        "".join(piece for piece, _ in pieces).encode("utf-32-le", "surrogatepass"), dtype=np.uint32
    )
    ends = np.cumsum([len(piece) for piece, _ in pieces])
    offsets = np.repeat(np.concatenate(([0], ends[:-1])), corpus.lengths)
    numbers = chain.from_iterable(chain.from_iterable([spans for _, spans in pieces]))
    begin, end = np.fromiter(numbers, dtype=np.int64).reshape(-1, 2).T + offsets
    owner = corpus.owner
    first = np.concatenate(([True], owner[1:] != owner[:-1]))
    last = np.concatenate((first[1:], [True]))
    before = np.where(first, begin, shifted(end, 1))
    after = np.where(last, ends[owner], shifted(begin, -1))
    classes = np.append(_classes()[np.minimum(codes, 0xFFFF)], np.uint16(0))
    edges = np.stack((before, begin, end, after), axis=1)
    found = np.bitwise_or.reduceat(classes, edges.ravel()).reshape(-1, 4)[:, :3]
    found = np.where(edges[:, 1:] > edges[:, :-1], found, np.uint16(0))
    return _Layout(codes, begin, end, first, last, found[:, 0], found[:, 1], found[:, 2])


def _classes() -> Bits:
    """Bits of every character up to 65535, which stands for those beyond: a mark of no class."""
    bits = np.full(0x10000, MARK | STRONG, dtype=np.uint16)
    bits[[ord(c) for c in ".,。，、"]] = MARK
    bits[[ord(c) for c in _BLANKS]] = 0
    bits[[ord(c) for c in "\n\r\u2028"]] |= LINE
    for name, characters in _CLASSES.items():
        bits[[ord(c) for c in characters]] |= _BITS[name]
    return bits


def _mined(text: str, spans: tuple[Span, ...]) -> tuple[str, tuple[Span, ...]]:
    """Text and spans without the long hole that the clipping of a very long text leaves."""
    if len(text) < LONG:
        return text, spans
    hole = max(spans, key=lambda span: span[1] - span[0], default=(0, 0))
    start, length = hole[0], hole[1] - hole[0] - 1
    if length < LONG:
        return text, spans
    moved = tuple((_back(a, start, length), _back(b, start, length)) for a, b in spans)
    return text[:start] + text[start + length :], moved


def _back(place: int, start: int, length: int) -> int:
    return place - length if place > start else place


def _lines(corpus: Corpus, features: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """Line number from both ends, place in the line, its length, how the line ends."""
    at = np.arange(len(corpus.flat))
    starts = features["line_before"] > 0
    line = np.cumsum(starts) - 1
    head = np.flatnonzero(starts)
    tail = np.concatenate((head[1:], at[-1:] + 1))
    owner = corpus.owner
    first = line[corpus.starts[:-1][corpus.lengths > 0]]
    holder = np.cumsum(corpus.lengths > 0)[owner] - 1
    count = np.bincount(owner[head], minlength=len(corpus))[owner]
    number = line - first[holder]
    numbers = {
        "line_number": np.minimum(number, 10),
        "line_number_from_end": np.minimum(count - 1 - number, 10),
        "lines": np.minimum(count, 15),
        "place_in_line": np.minimum(at - head[line], 40),
        "line_length": np.minimum((tail - head)[line], 60),
        "line_asks": features["question_after"][tail - 1][line],
        "line_opens": features["colon_after"][tail - 1][line],
    }
    return {name: value.astype(np.float32) for name, value in numbers.items()}


def _shape(layout: _Layout) -> Mapping[str, Floats]:
    upper = (layout.codes >= ord("A")) & (layout.codes <= ord("Z"))
    length = layout.end - layout.begin
    return {
        "digit": _has(layout.inside, "digit"),
        "capital": upper[layout.begin].astype(np.float32),
        "capitals": (upper[layout.begin] & upper[layout.end - 1] & (length > 1)).astype(np.float32),
        "characters": np.minimum(length, 30).astype(np.float32),
    }


def _quoted(corpus: Corpus, features: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """1 where an odd number of separators with quotes precedes in the same prompt."""
    opened = np.concatenate(([0], np.cumsum(features["quote_before"] > 0)))
    since = opened[1:] - opened[corpus.starts[corpus.owner]]
    return {"odd_quotes": (since % 2).astype(np.float32)}


def separators(corpus: Corpus) -> NDArray[np.uint8]:
    """Kind (bits) of what stands before each word; one more value, `LINE`, ends the array.

    The first word of a prompt begins a line.
    """
    kinds = np.full(len(corpus.flat) + 1, LINE, dtype=np.uint8)
    if len(corpus.flat):
        layout = _layout(corpus)
        kinds[:-1] = (layout.before & np.uint16(LINE | MARK | STRONG)).astype(np.uint8)
        kinds[:-1] |= layout.first.view(np.uint8) * np.uint8(LINE)
    return kinds
