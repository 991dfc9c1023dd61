"""What stands around each word: punctuation, lines, the shape of the word itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.corpus import Corpus, Span
from promptuary.canon.ngrams import Floats, Numbers, shifted

QUOTES = "\"“”„«»「」'"
_CLASSES = {
    "line": "\n",
    "colon": ":：",
    "quote": QUOTES,
    "question": "?？؟",
    "stop": ".。!！।",
    "comma": ",，、",
    "bracket": "{}[]()<>=_;#*|",
}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Edges of words in one string of all prompts' characters."""

    codes: NDArray[np.uint32]
    begin: Numbers
    end: Numbers
    before: Numbers  # where the separator before the word begins
    after: Numbers  # where the separator behind the word ends
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]


def surroundings(corpus: Corpus) -> Mapping[str, Floats]:
    """Features of each position: separators beside it, its line, case and digits of the word."""
    if not len(corpus.flat):
        return {}
    layout = _layout(corpus)
    features: dict[str, Floats] = {}
    for name, characters in _CLASSES.items():
        marks = np.isin(layout.codes, [ord(c) for c in characters])
        features[f"{name}_before"] = _within(marks, layout.before, layout.begin)
        features[f"{name}_after"] = _within(marks, layout.end, layout.after)
    features["line_before"] = np.maximum(features["line_before"], layout.first)
    features["line_after"] = np.maximum(features["line_after"], layout.last)
    return {**features, **_lines(corpus, features), **_shape(layout), **_quoted(corpus, features)}


def _layout(corpus: Corpus) -> _Layout:
    pieces = [_mined(t, s) for t, s in zip(corpus.texts, corpus.spans, strict=True)]
    codes = np.frombuffer(
        "".join(piece for piece, _ in pieces).encode("utf-32-le", "surrogatepass"), dtype=np.uint32
    )
    ends = np.cumsum([len(piece) for piece, _ in pieces])
    offsets = np.repeat(np.concatenate(([0], ends[:-1])), corpus.lengths)
    edges = np.array([span for _, spans in pieces for span in spans], dtype=np.int64)
    begin, end = edges[:, 0] + offsets, edges[:, 1] + offsets
    owner = corpus.owner
    first = np.concatenate(([True], owner[1:] != owner[:-1]))
    last = np.concatenate((first[1:], [True]))
    before = np.where(first, begin, shifted(end, 1))
    after = np.where(last, ends[owner], shifted(begin, -1))
    return _Layout(codes, begin, end, before, after, first, last)


def _mined(text: str, spans: tuple[Span, ...]) -> tuple[str, tuple[Span, ...]]:
    """Text and spans without the long hole that the clipping of a very long text leaves."""
    hole = max(spans, key=lambda span: span[1] - span[0], default=(0, 0))
    start, length = hole[0], hole[1] - hole[0] - 1
    if length < 1_000:
        return text, spans
    moved = tuple((_back(a, start, length), _back(b, start, length)) for a, b in spans)
    return text[:start] + text[start + length :], moved


def _back(place: int, start: int, length: int) -> int:
    return place - length if place > start else place


def _within(marks: NDArray[np.bool_], begin: Numbers, end: Numbers) -> Floats:
    total = np.zeros(len(marks) + 1, dtype=np.int32)
    np.cumsum(marks, out=total[1:])
    return (total[end] > total[begin]).astype(np.float32)


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
    codes = layout.codes
    digit = (codes >= ord("0")) & (codes <= ord("9"))
    upper = (codes >= ord("A")) & (codes <= ord("Z"))
    length = layout.end - layout.begin
    return {
        "digit": _within(digit, layout.begin, layout.end),
        "capital": upper[layout.begin].astype(np.float32),
        "capitals": (upper[layout.begin] & upper[layout.end - 1] & (length > 1)).astype(np.float32),
        "characters": np.minimum(length, 30).astype(np.float32),
    }


def _quoted(corpus: Corpus, features: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """1 where an odd number of separators with quotes precedes in the same prompt."""
    opened = np.concatenate(([0], np.cumsum(features["quote_before"] > 0)))
    since = opened[1:] - opened[corpus.starts[corpus.owner]]
    return {"odd_quotes": (since % 2).astype(np.float32)}


LINE, MARK, STRONG = 1, 2, 4  # bits of a separator's kind: line break, any mark, more than a stop


def separators(corpus: Corpus) -> NDArray[np.uint8]:
    """Kind (bits) of what stands before each word; one more value, `LINE`, ends the array.

    The first word of a prompt begins a line.
    """
    kinds = np.full(len(corpus.flat) + 1, LINE, dtype=np.uint8)
    if len(corpus.flat):
        layout = _layout(corpus)
        line = np.isin(layout.codes, [ord(c) for c in "\n\r\u2028"])
        mark = ~np.isin(layout.codes, [ord(c) for c in " \t\n\r\x0b\x0c\xa0\u2028\u3000"])
        strong = mark & ~np.isin(layout.codes, [ord(c) for c in ".,。，、"])
        kinds[:-1] = sum(
            _within(found, layout.before, layout.begin).astype(np.uint8) * np.uint8(bit)
            for found, bit in ((line, LINE), (mark, MARK), (strong, STRONG))
        )
        kinds[:-1] |= layout.first.view(np.uint8) * np.uint8(LINE)
    return kinds
