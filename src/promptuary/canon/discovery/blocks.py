"""Code inside a prompt: a block of lines that is one value, unless its lines recur where it stands.

What code begins and ends with looks like fixed text, since there are few ways to do either. So a
block of code is not compared word by word: it is one word, the same where the code is the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from promptuary.canon.discovery.corpus import Corpus, Span, Words
from promptuary.canon.discovery.ngrams import Floats

LINES, WORDS = 2, 4  # of a block, at least
CODE = 0.6  # of the lines between fences look like code
BLOCKS = 3  # behind the same words, that show which lines are fixed there
FIXED = 0.5  # of them have such a line, and of a block's words are in such lines: it is no value
BEFORE = 3  # words that say where a block stands

_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
# a call, an assignment, a comparison, an arrow, a brace or a semicolon at the end; each alternative
# begins with its mark, so that the search passes over everything else
_CODE = re.compile(
    r"\((?<=[\w\])]\()(?!e?s\))"
    r"|=(?:(?<=[\w\])\"'+*/|:-]=)|(?<=[\w\])\"'] =)|(?<= [-+*/|:]=))(?! ?=)|[=!]=|[=-]>"
    r"|::|[{};](?=\s*$)"
)
_BEGINS = re.compile(r"\s*(?:[}\])@{\[]|//|/\*|#\w|</?\w)")
_INDENTED = re.compile(r"(?: {2}|\t)\s*[^\s*•\-\d]")


@dataclass(frozen=True, slots=True)
class _Block:
    """Words `[begin, end)` of a text that are code, by lines, and the words before them.

    `span` are its characters, with the marks at its edges.
    """

    begin: int
    end: int
    span: Span
    lines: tuple[Words, ...]
    place: Words


def fold_code(corpus: Corpus, probability: Floats) -> tuple[Corpus, Floats]:
    """The corpus with each block of code that is a value as one word, and what is believed of it.

    That is the mean of what was believed of its words, and nothing where the code stands only once.
    A prompt that is nothing but code stays as it is.
    """
    found = {d: some for d in range(len(corpus)) if (some := _blocks(corpus, d))}
    fixed = _fixed_lines([block for some in found.values() for block in some])
    chosen: dict[int, list[_Block]] = {}
    for d, some in found.items():
        values = [block for block in some if _share(block, fixed) < FIXED]
        if 0 < sum(block.end - block.begin for block in values) < corpus.lengths[d]:
            chosen[d] = values
    return _folded(corpus, probability, chosen) if chosen else (corpus, probability)


def code_blocks(text: str) -> Iterator[list[Span]]:
    """The lines of each block of code: those between fences, or a run that looks like code."""
    run: list[tuple[Span, bool]] = []
    at, fenced = 0, False
    for line in text.split("\n"):
        span, at = (at, at + len(line)), at + len(line) + 1
        blank = not line.strip()
        fence = _FENCE.match(line) is not None
        code = _is_code(line) or bool(run and _INDENTED.match(line))
        if fence or not (code or fenced or blank):
            yield from _enough(run)
            run, fenced = [], fenced != fence
        elif code or (fenced and not blank):
            begin = span[0] if run else span[0] + _after_prose(line)
            run.append(((begin, span[1]), code))
    yield from _enough(run)


def _enough(run: Sequence[tuple[Span, bool]]) -> Iterator[list[Span]]:
    if len(run) >= LINES and sum(code for _, code in run) >= CODE * len(run):
        yield [span for span, _ in run]


def _after_prose(line: str) -> int:
    """Where code begins in a line whose beginning leads to it ("Look at this: x = f(y)")."""
    at = line.find(": ")
    return at + 2 if at > 0 and not _is_code(line[:at]) and _is_code(line[at:]) else 0


def _is_code(line: str) -> bool:
    return _CODE.search(line) is not None or _BEGINS.match(line) is not None


def _blocks(corpus: Corpus, d: int) -> list[_Block]:
    """The blocks of a prompt that have words enough; residuals are no part of them."""
    begin, end = corpus.edges[d]
    text = corpus.texts[d][begin:end]
    if "\n" not in text:
        return []
    found = ([(a + begin, b + begin) for a, b in lines] for lines in code_blocks(text))
    blocks = [_block(corpus, d, lines) for lines in found]
    return [block for block in blocks if block.end - block.begin >= WORDS]


def _block(corpus: Corpus, d: int, lines: Sequence[Span]) -> _Block:
    text, spans, words = corpus.texts[d], corpus.spans[d], corpus.sequences[d]
    (start, _), (_, stop) = lines[0], lines[-1]
    edges = [bisect_left(spans, (place,)) for place, _ in (*lines, (stop, stop))]
    begin, end = edges[0], edges[-1]
    code = text[start:stop]
    stop = max(start + len(code.rstrip()), spans[end - 1][1] if end else 0)
    return _Block(
        begin,
        end,
        (stop - len(text[start:stop].lstrip()), stop),
        tuple(words[a:b] for a, b in pairwise(edges)),
        words[max(0, begin - BEFORE) : begin],
    )


def _fixed_lines(blocks: Sequence[_Block]) -> set[Words]:
    """Lines that most of the different blocks behind the same words have."""
    places: dict[Words, set[tuple[Words, ...]]] = defaultdict(set)
    for block in blocks:
        places[block.place].add(block.lines)
    fixed: set[Words] = set()
    for some in places.values():
        counted = Counter(line for lines in some for line in set(lines))
        least = max(BLOCKS, FIXED * len(some))
        fixed.update(line for line, count in counted.items() if line and count >= least)
    return fixed


def _share(block: _Block, fixed: set[Words]) -> float:
    """Of the words of a block, those in fixed lines."""
    count = sum(len(line) for line in block.lines if line in fixed)
    return count / (block.end - block.begin)


def _folded(
    corpus: Corpus, probability: Floats, chosen: Mapping[int, Sequence[_Block]]
) -> tuple[Corpus, Floats]:
    """The corpus with one new word for each of the blocks, which stand in order."""
    spans, lengths = list(corpus.spans), corpus.lengths.copy()
    flat, belief = corpus.flat.copy(), probability.copy()
    kept = np.ones(len(flat), dtype=bool)
    times = Counter(block.lines for some in chosen.values() for block in some)
    numbers = {lines: len(corpus.words) + n for n, lines in enumerate(times)}
    for d, some in chosen.items():
        own, start = list(spans[d]), int(corpus.starts[d])
        for block in reversed(some):
            own[block.begin : block.end] = [block.span]
            first, last = start + block.begin, start + block.end
            flat[first] = numbers[block.lines]
            belief[first] = belief[first:last].mean() if times[block.lines] > 1 else 0
            kept[first + 1 : last] = False
        spans[d], lengths[d] = tuple(own), len(own)
    folded = replace(
        corpus,
        spans=tuple(spans),
        flat=flat[kept],
        starts=np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))),
        words=(*corpus.words, *(f"\x00code{number}" for number in numbers.values())),
    )
    return folded, belief[kept]
