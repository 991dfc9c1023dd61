"""What a filled template leaves unsaid: the edits that turn it into the original text.

A residual is a JSON list of edits `[start, removed, inserted, ...]`: at character `start` of the
filled text, `removed` characters give way to the joined inserted strings. Edits ascend and do not
overlap. It is plain Unicode without NUL or lone surrogates, so every database keeps it; equal texts
have the residual "".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import Levenshtein

from promptuary.domain.errors import InvalidInput

AFFORDABLE = 1_000_000  # cells of the alignment matrix; beyond, one replacement stands for all
CLOSE = 6  # characters: edits this near to each other cost less as one

Edit = tuple[int, int, str]

_SURROGATE = re.compile("[\ud800-\udfff]")
_FALSE_PAIR = re.compile("(?<=[\ud800-\udbff])(?=[\udc00-\udfff])")


def between(filled: str, original: str) -> str:
    """The residual with which `apply` turns `filled` into `original`, for any two strings."""
    return aligned([(filled, original)])


def aligned(pieces: Iterable[tuple[str, str]]) -> str:
    """The residual between the joined left and the joined right sides of `pieces`.

    Pieces that are known to belong together make it smaller and quicker to find.
    """
    edits: list[Edit] = []
    offset = 0
    for filled, original in pieces:
        if filled != original:
            edits += [(offset + at, gone, new) for at, gone, new in _edits(filled, original)]
        offset += len(filled)
    return _encoded(edits) if edits else ""


def apply(residual: str, filled: str) -> str:
    """The original text. Raises InvalidInput where `residual` is none of this filled text."""
    out: list[str] = []
    done = 0
    for start, removed, inserted in _decoded(residual):
        if not done <= start <= start + removed <= len(filled):
            raise InvalidInput("the residual belongs to another filled template")
        out += [filled[done:start], inserted]
        done = start + removed
    return "".join([*out, filled[done:]])


def places(residual: str) -> list[tuple[int, int]]:
    """Where the filled text is edited: the first character, and how many give way. Raises
    InvalidInput."""
    return [(start, removed) for start, removed, _ in _decoded(residual)]


def _edits(filled: str, original: str) -> list[Edit]:
    head = _shared(filled, original)
    a, b = filled[head:], original[head:]
    tail = _shared(a[::-1], b[::-1])
    a, b = a[: len(a) - tail], b[: len(b) - tail]
    if not a or not b or len(a) * len(b) > AFFORDABLE:
        return [(head, len(a), b)]
    return [(head + at, gone, new) for at, gone, new in _replacements(a, b)]


def _replacements(a: str, b: str) -> Iterator[Edit]:
    """Edits of a minimal alignment; those closer than `CLOSE` characters are taken together."""
    steps = [step for step in Levenshtein.opcodes(a, b) if step.tag != "equal"]
    first = last = steps[0]
    for step in steps[1:]:
        if step.src_start - last.src_end >= CLOSE:
            yield (
                first.src_start,
                last.src_end - first.src_start,
                b[first.dest_start : last.dest_end],
            )
            first = step
        last = step
    yield first.src_start, last.src_end - first.src_start, b[first.dest_start : last.dest_end]


def _shared(a: str, b: str) -> int:
    """Length of the common beginning, by halving, so that C does the comparing."""
    low, high = 0, min(len(a), len(b))
    if a[:high] == b[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _encoded(edits: Iterable[Edit]) -> str:
    rows = [[at, gone, *_FALSE_PAIR.split(new)] if new else [at, gone] for at, gone, new in edits]
    flat = [value for row in rows for value in row]
    alone = any(isinstance(value, str) and _SURROGATE.search(value) for value in flat)
    return json.dumps(rows, ensure_ascii=alone, separators=(",", ":"))


def _decoded(residual: str) -> Iterator[Edit]:
    if not residual:
        return
    try:
        for start, removed, *inserted in json.loads(residual):
            yield int(start), int(removed), "".join(inserted)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidInput("not a residual: a JSON list of edits was expected") from error
