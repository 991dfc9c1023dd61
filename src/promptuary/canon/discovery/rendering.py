"""A table as template text and raw slot values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from promptuary.canon.discovery.columns import only_words
from promptuary.canon.discovery.tables import OPTIONAL, Gaps, Table, gaps
from promptuary.canon.tokens import tokenise

HALF = 0.5
ENDS = ".。!！?？।؟…"  # marks that end a sentence belong to a value that is one
CLOSED = 0.9  # of the values are short and closed by one mark, which then is the template's
SHORT = 5  # words
OPENS = "¿¡"
WIDEST = 64  # characters of a separator that are looked at

Pieces = tuple[str, str, str]  # separator, value, separator


@dataclass(frozen=True, slots=True)
class Rendered:
    """Template text with {s0}, {s1}..., and the values of every row."""

    text: str
    values: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class _Slot:
    """What the template has around a slot, and each row's value (None: empty)."""

    left: str
    right: str
    values: list[list[str] | None]
    parts: int


Split = Callable[[list[str | None]], list[list[str] | None]]


def render(table: Table, split: Split) -> Rendered:
    """Most common spelling of every column and separator; values as they stand in the texts."""
    between = gaps(table)
    found = {
        gap: _slot(table, between, gap, split)
        for gap in range(len(table.columns) + 1)
        if between.used[gap] >= OPTIONAL and not only_words(table, between, gap)
    }
    text, values, count = "", [dict[str, str]() for _ in table.rows], 0
    for column in range(len(table.columns) + 1):
        if column in found:
            slot = found[column]
            names = [f"s{count + part}" for part in range(slot.parts)]
            count += slot.parts
            _collect(values, names, slot.values)
            left = "" if column - 1 in table.given else slot.left
            text += left + " ".join(f"{{{name}}}" for name in names) + slot.right
        else:
            text += escape(_between(table, column))
        if column < len(table.columns) and column not in table.given:
            text += escape(_spelling(table, column))
    lead, trail = _residual(table, 0), _residual(table, 1)
    return Rendered(" ".join(part for part in (lead, text.strip(), trail) if part), values)


def escape(text: str) -> str:
    """Literal braces doubled, as `str.format` wants them."""
    return text.replace("{", "{{").replace("}", "}}")


def _collect(
    values: list[dict[str, str]], names: Sequence[str], found: Sequence[list[str] | None]
) -> None:
    for row, parts in enumerate(found):
        values[row].update(zip(names, parts or (), strict=False))


def _spelling(table: Table, column: int) -> str:
    """Most common raw form of a column's word."""
    corpus, name = table.corpus, table.corpus.words[table.columns[column]]
    forms: Counter[str] = Counter()
    for prompt, place in zip(table.rows, table.places[:, column].tolist(), strict=True):
        if place >= 0:
            begin, end = corpus.spans[prompt][place]
            forms[corpus.texts[prompt][begin:end]] += 1
    exact = Counter({form: n for form, n in forms.items() if form.casefold() == name})
    return _most_common(exact or forms) or name


def _most_common(counted: Counter[str]) -> str:
    return max(counted, key=lambda form: (counted[form], form), default="")


def _between(table: Table, column: int) -> str:
    """Most common separator before a column; at the edges, of the prompts that end there."""
    stops = table.places[:, column] if column < len(table.columns) else table.lengths()
    starts = table.places[:, column - 1] if column else np.full(len(table.rows), -1)
    known = np.flatnonzero((stops >= 0) & (stops == starts + 1))
    places = zip(known.tolist(), stops[known].tolist(), strict=True)
    forms = Counter([_separator(table, row, place) for row, place in places])
    return _most_common(forms) if forms else " "


def _separator(table: Table, row: int, place: int) -> str:
    """Text between a word and the one before it; at the edges, what is left of the prompt."""
    prompt = table.rows[row]
    text, spans = table.corpus.texts[prompt], table.corpus.spans[prompt]
    begin = spans[place - 1][1] if place else table.corpus.edges[prompt][0]
    end = spans[place][0] if place < len(spans) else table.corpus.edges[prompt][1]
    return text[begin:end]


def _slot(table: Table, between: Gaps, gap: int, split: Split) -> _Slot:
    pieces: list[Pieces | None] = [None] * len(table.rows)
    for row, begin, end in between.of(gap):
        pieces[row] = _pieces(table, row, *_with_given(table, row, gap, begin, end))
    filled = [one for one in pieces if one is not None]
    left = _shared_start([one[0] for one in filled])
    right = _shared_end([one[2] for one in filled])
    if not _closes(right, filled):
        right = right.lstrip(ENDS)
    values = [None if one is None else _value(one, left, right) for one in pieces]
    parts = split(values)
    count = max(len(part) for part in parts if part is not None)
    return _Slot(escape(left), escape(right), parts, count)


def _closes(right: str, filled: Sequence[Pieces]) -> bool:
    """Whether a mark that ends a sentence is the template's: it closes short values alike."""
    if right[:1] not in set(ENDS):
        return False
    alike = sum(after.lstrip()[:1] == right[0] for _, _, after in filled)
    if alike < CLOSED * len(filled):
        return False
    return sum(_is_short(value) for _, value, _ in filled) >= CLOSED * len(filled)


def _is_short(value: str) -> bool:
    return set(value).isdisjoint(ENDS) and len(tokenise(value).words) <= SHORT


def _with_given(table: Table, row: int, gap: int, begin: int, end: int) -> tuple[int, int]:
    """The value's words with the fixed words that were given to it."""
    if table.given.get(gap - 1) == 0 and table.places[row, gap - 1] >= 0:
        begin = int(table.places[row, gap - 1])
    if table.given.get(gap) == 1 and table.places[row, gap] >= 0:
        end = int(table.places[row, gap]) + 1
    return begin, end


def _pieces(table: Table, row: int, begin: int, end: int) -> Pieces:
    prompt = table.rows[row]
    spans = table.corpus.spans[prompt]
    value = table.corpus.texts[prompt][spans[begin][0] : spans[end - 1][1]]
    return _separator(table, row, begin), value, _separator(table, row, end)


def _shared_start(separators: Sequence[str]) -> str:
    """Longest start, free of opening marks of a sentence, that half of the separators have."""
    starts: Counter[str] = Counter()
    for one, count in Counter(separators).items():
        for n in range(1, min(len(one), WIDEST) + 1):
            starts[one[:n]] += count
    often = [s for s, n in starts.items() if n >= HALF * len(separators)]
    enough = [s for s in often if not set(s) & set(OPENS)]
    return max(enough, key=lambda s: (len(s), starts[s], s), default="")


def _shared_end(separators: Sequence[str]) -> str:
    ends: Counter[str] = Counter()
    for one, count in Counter(separators).items():
        for n in range(1, min(len(one), WIDEST) + 1):
            ends[one[-n:]] += count
    enough = [s for s, n in ends.items() if n >= HALF * len(separators)]
    return max(enough, key=lambda s: (len(s), ends[s], s), default="")


def _value(pieces: Pieces, left: str, right: str) -> str:
    """The value with the marks beside it that the template does not have."""
    before, value, after = pieces
    head = _without(before.lstrip(), "".join(left.split()))
    tail = _without_end(after.rstrip(), "".join(right.split()))
    return (head + value + tail).strip()


def _without(separator: str, marks: str) -> str:
    for mark in marks:
        if separator.startswith(mark):
            separator = separator[1:].lstrip()
    return separator


def _without_end(separator: str, marks: str) -> str:
    for mark in reversed(marks):
        if separator.endswith(mark):
            separator = separator[:-1].rstrip()
    return separator


def _residual(table: Table, side: int) -> str:
    """Residual that more than half of the rows carry: it belongs to the template."""
    forms = Counter(table.corpus.residuals[prompt][side] for prompt in table.rows)
    same: Counter[str] = Counter()
    for form, count in forms.items():
        same[form.casefold()] += count
    best = _most_common(same)
    if not best or same[best] <= HALF * len(table.rows):
        return ""
    return escape(max((f for f in forms if f.casefold() == best), key=lambda f: (forms[f], f)))
