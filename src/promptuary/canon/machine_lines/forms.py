"""Forms of lines: what lines share when their values are left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from promptuary.canon.machine_lines.tokens import VALUE, Token

Reach = tuple[int, int]
"""Tokens `[first, last)` of a line."""

_OPENING = {")": "(", "]": "[", "}": "{", ">": "<"}

Lines = Sequence[tuple[str, Sequence[Token]]]
"""Lines with their tokens."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines whose tokens are alike one by one; each has the tokens `reach[i]` for element `i`."""

    lines: tuple[int, ...]
    reach: tuple[Reach, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What some lines share: words, marks, and `VALUE` for each value.

    `kinds` has one letter for each element (see `Kind`). A name with a number is spelled out where
    the number never varies among its lines, else it is a value.
    """

    elements: tuple[str, ...]
    kinds: str
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """How many lines it has."""
        return sum(len(part.lines) for part in self.parts)

    @property
    def words(self) -> int:
        """How many of its elements are words or names."""
        return self.kinds.count("w") + self.kinds.count("n")


def forms_of(lines: Lines) -> list[Form]:
    """The forms of lines given with their tokens, in order of first appearance."""
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, (_, tokens) in enumerate(lines):
        alike[tuple([token.element for token in tokens])].append(number)
    return pooled(_form(numbers, lines) for numbers in alike.values())


def _form(numbers: Sequence[int], lines: Lines) -> Form:
    tokens = lines[numbers[0]][1]
    elements, kinds = [token.element for token in tokens], [token.kind for token in tokens]
    for at in _listed(tokens):
        kinds[at] = "v"
    for at, kind in enumerate(kinds):
        if kind == "n":
            spelled = set(_texts(numbers, lines, at))
            kinds[at] = "v" if len(spelled) > 1 else "n"
            elements[at] = min(spelled)
    elements = [VALUE if k == "v" else e for e, k in zip(elements, kinds, strict=True)]
    reach = tuple((at, at + 1) for at in range(len(tokens)))
    return collapsed(Form(tuple(elements), "".join(kinds), (Part(tuple(numbers), reach),)))


def _listed(tokens: Sequence[Token]) -> Iterator[int]:
    """Names that differ from their neighbour only in the number are a list."""
    for at, (one, two) in enumerate(pairwise(tokens)):
        if one.kind == two.kind == "n" and one.element == two.element:
            yield from (at, at + 1)


def _texts(numbers: Sequence[int], lines: Lines, at: int) -> Iterator[str]:
    for number in numbers:
        text, tokens = lines[number]
        yield text[tokens[at].start : tokens[at].end]


def pooled(forms: Iterable[Form]) -> list[Form]:
    """Forms with the same elements made one."""
    same: dict[tuple[str, ...], list[Form]] = defaultdict(list)
    for form in forms:
        same[form.elements].append(form)
    return [
        Form(some[0].elements, some[0].kinds, tuple(part for one in some for part in one.parts))
        for some in same.values()
    ]


def collapsed(form: Form) -> Form:
    """The form with values that only marks part taken for one: lists, addresses, pairs."""
    return joined(form, list(_runs_of_values(form)))


def _runs_of_values(form: Form) -> Iterator[Reach]:
    first = last = -1
    for at, kind in enumerate(form.kinds):
        if kind == "v":
            first = at if first < 0 else first
            last = at
        elif kind != "m" and first >= 0:
            yield first, closed(form, first, last + 1)
            first = -1
    if first >= 0:
        yield first, closed(form, first, last + 1)


def closed(form: Form, first: int, last: int) -> int:
    """The end of a run of elements with the brackets that it opens closed."""
    inside = form.elements[first:last]
    for mark in form.elements[last : last + 3]:
        opening = _OPENING.get(mark)
        if opening is None or inside.count(opening) <= inside.count(mark):
            break
        inside = (*inside, mark)
    return first + len(inside)


def joined(form: Form, runs: Iterable[Reach]) -> Form:
    """The form with each of these runs of elements, given in order, made one value."""
    cuts: list[tuple[int, int, bool]] = []
    done = 0
    for first, last in runs:
        cuts += [(at, at + 1, False) for at in range(done, first)]
        cuts.append((first, last, True))
        done = last
    cuts += [(at, at + 1, False) for at in range(done, len(form.elements))]
    return Form(
        tuple([VALUE if value else form.elements[first] for first, _, value in cuts]),
        "".join(["v" if value else form.kinds[first] for first, _, value in cuts]),
        tuple(_rejoined(part, cuts) for part in form.parts),
    )


def _rejoined(part: Part, cuts: Iterable[tuple[int, int, bool]]) -> Part:
    reach = part.reach
    return Part(
        part.lines, tuple([(reach[first][0], reach[last - 1][1]) for first, last, _ in cuts])
    )


def chunks(form: Form, lines: Lines) -> Iterator[Reach]:
    """Runs of elements with no white space between them, in the first line."""
    part = form.parts[0]
    tokens = lines[part.lines[0]][1]
    first = 0
    for at in range(1, len(form.elements)):
        if tokens[part.reach[at][0]].start > tokens[part.reach[at - 1][1] - 1].end:
            yield first, at
            first = at
    yield first, len(form.elements)
