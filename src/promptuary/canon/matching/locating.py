"""Finding a template's fixed words in a prompt, in order, through typos and small changes.

Words are code points (one a word of the vocabulary), so that a prompt is a string and looking for a
run of words is a search for a substring, done in C.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA, Levenshtein

from promptuary.canon.matching.pattern import Chunk
from promptuary.canon.tokens import Tokens

UNKNOWN = "\x00"
CELLS = 10_000_000  # of an alignment: beyond, a chunk is found only as it stands
SHORTEST_TYPO = 3  # characters: a shorter word must be right
LONG = 8  # characters: a word that may have two typos
ALIKE = 0.6  # similarity from which a replaced word belongs to the fixed text
TYPO_PAIRS = 400  # pairs of a fixed and a foreign word that are compared for typos
TRIES = 3  # places at which a piece of a chunk is tried


@dataclass(frozen=True, slots=True)
class Coded:
    """A chunk with its words as code points."""

    chunk: Chunk
    code: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt: its text, its words, and the words as code points."""

    text: str
    tokens: Tokens
    code: str


@dataclass(frozen=True, slots=True)
class Place:
    """The words `[start, end)` of a prompt that are a chunk; `missing` are the chunk's words (by
    number) that are not among them, `extra` counts foreign words between them."""

    start: int
    end: int
    missing: tuple[int, ...] = ()
    extra: int = 0


def locate(chunks: Sequence[Coded], reading: Reading, *, closes: bool) -> list[Place | None]:
    """The place of each chunk, None where too little of it is there.

    Places ascend and do not overlap. `closes` says that the last chunk ends the template: it is
    looked for from the end.
    """
    places: list[Place | None] = [None] * len(chunks)
    low, high = 0, len(reading.code)
    if closes and len(chunks) > 1:
        places[-1] = last = _last(chunks[-1], reading)
        high = last.start if last else high
    for at, coded in enumerate(chunks):
        if places[at] is None:
            places[at] = found = _first(coded, reading, low, high)
            low = found.end if found else low
    return places


def _last(coded: Coded, reading: Reading) -> Place | None:
    at = reading.code.rfind(coded.code)
    if at >= 0:
        return Place(at, at + len(coded.code))
    low = max(0, len(reading.code) - 2 * len(coded.code) - 8)
    return _approximate(coded, reading, low, len(reading.code))


def _first(coded: Coded, reading: Reading, low: int, high: int) -> Place | None:
    size = len(coded.code)
    at = reading.code.find(coded.code, low, high)
    if at < 0:
        return _approximate(coded, reading, low, high)
    if size <= 3 and reading.code.find(coded.code, at + 1, high) >= 0:
        places = _starts(coded.code, reading.code, low, high)
        at = max(places, key=lambda start: _fit(coded, reading, start))
    return Place(at, at + size)


def _starts(code: str, within: str, low: int, high: int, limit: int = 12) -> Iterator[int]:
    at = within.find(code, low, high)
    while at >= 0 and limit:
        yield at
        at = within.find(code, at + 1, high)
        limit -= 1


def _fit(coded: Coded, reading: Reading, start: int) -> int:
    """How well punctuation and case agree with the template where words occur more than once."""
    chunk, spans, text = coded.chunk, reading.tokens.spans, reading.text
    first, last = spans[start][0], spans[start + len(coded.code) - 1][1]
    before, after = chunk.before.rstrip(" "), chunk.after.rstrip(" ")
    return (
        2 * text.endswith(chunk.before[-8:], 0, first)
        + 2 * text.startswith(chunk.after[:8], last)
        + (bool(before) and text[:first].rstrip(" ").endswith(before[-1]))
        + (bool(after) and text.startswith(after[0], last))
        + (text[first:last] == chunk.text)
    )


def _approximate(coded: Coded, reading: Reading, low: int, high: int) -> Place | None:
    """The chunk with words missing, misspelt or put in between; at least half must be there.

    The longest pieces that occur as they stand are the anchors of an alignment.
    """
    size = len(coded.code)
    piece = (size + 1) // 2
    while piece:
        tries = list(_anchored(coded.code, reading.code, low, high, piece))
        found = [p for start, end in tries if (p := _aligned(coded, reading, start, end))]
        if found:
            return min(found, key=lambda p: (len(p.missing) + p.extra, p.start))
        if tries and piece * 4 <= size:
            return None
        piece //= 2
    return _misspelt(coded, reading, low, high) if size == 1 else None


def _anchored(code: str, within: str, low: int, high: int, piece: int) -> Iterator[tuple[int, int]]:
    slack = 2
    for offset in range(0, len(code) - piece + 1, piece):
        for at in _starts(code[offset : offset + piece], within, low, high, TRIES):
            start = at - offset
            yield max(low, start - slack), min(high, start + len(code) + slack)


def _aligned(coded: Coded, reading: Reading, low: int, high: int) -> Place | None:
    """Alignment of the chunk with a window of the prompt, ends free."""
    code = coded.code
    if len(code) * (high - low) > CELLS:
        return None
    inside: list[int] = []
    missing: list[int] = []
    for step in Levenshtein.opcodes(code, _repaired(coded, reading, low, high)):
        mine, theirs = range(step.src_start, step.src_end), range(step.dest_start, step.dest_end)
        if step.tag == "equal":
            inside += theirs
            continue
        missing += mine
        if step.tag == "replace":
            words, seen = coded.chunk.words, reading.tokens.words
            pairs = zip(mine, theirs, strict=True)
            inside += [b for a, b in pairs if _akin(words[a], seen[low + b])]
    if 2 * len(missing) > len(code) or len(missing) == len(code):
        return None
    start, end = min(inside), max(inside) + 1
    return Place(low + start, low + end, tuple(missing), end - start - len(inside))


def _repaired(coded: Coded, reading: Reading, low: int, high: int) -> str:
    """The window's code with misspelt words of the chunk, as far as it lacks them, put right."""
    window = reading.code[low:high]
    there, wanted = set(window), set(coded.code)
    lacking = {c: w for c, w in zip(coded.code, coded.chunk.words, strict=True) if c not in there}
    odd = [at for at, code in enumerate(window) if code not in wanted]
    if not lacking or len(lacking) * len(odd) > TYPO_PAIRS:
        return window
    repaired = list(window)
    for at in odd:
        seen = reading.tokens.words[low + at]
        right = next((code for code, word in lacking.items() if _same(word, seen)), None)
        repaired[at] = right or window[at]
    return "".join(repaired)


def _misspelt(coded: Coded, reading: Reading, low: int, high: int) -> Place | None:
    """A chunk of one word, misspelt; words that templates know are no misspellings."""
    word = coded.chunk.words[0]
    if len(word) <= SHORTEST_TYPO:
        return None
    for at in _starts(UNKNOWN, reading.code, low, high, limit=300):
        if _same(word, reading.tokens.words[at]):
            return Place(at, at + 1)
    return None


def _same(fixed: str, seen: str) -> bool:
    """The word itself, typos forgiven: an exchange of neighbours is one (optimal alignment).

    One of the outer letters must be right, which spares most comparisons.
    """
    typos = 0 if len(fixed) < SHORTEST_TYPO else 1 if len(fixed) < LONG else 2
    if abs(len(fixed) - len(seen)) > typos or (fixed[0] != seen[0] and fixed[-1] != seen[-1]):
        return False
    return OSA.distance(fixed, seen, score_cutoff=typos) <= typos


def _akin(fixed: str, seen: str) -> bool:
    """Another word, but one that stands for the fixed one."""
    return OSA.normalized_similarity(fixed, seen) >= ALIKE
