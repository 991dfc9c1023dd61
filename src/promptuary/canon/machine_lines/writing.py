"""A form as template text and the raw values of its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from promptuary.canon.machine_lines.forms import Form, Lines, Part, Reach
from promptuary.canon.machine_lines.tokens import Token

SAMPLE = 20  # lines of each part whose separators are counted


@dataclass(frozen=True, slots=True)
class LineTemplate:
    """A template of lines: slots in `text` are {s0}, {s1}..., literal braces are doubled.

    `values[i]` are the raw slot values of line `lines[i]`; lines ascend.
    """

    text: str
    lines: tuple[int, ...]
    values: tuple[Mapping[str, str], ...]
    confidence: float


def written(form: Form, lines: Lines) -> LineTemplate:
    """The template of a form; separators are spelled as most of its lines do."""
    form = _spread(form, lines)
    members = sorted((line, part) for part in form.parts for line in part.lines)
    values = [_values(form, part.reach, lines[line]) for line, part in members]
    return LineTemplate(
        _text(form, lines),
        tuple(line for line, _ in members),
        tuple(values),
        len(members) / (len(members) + 1),
    )


def _spread(form: Form, lines: Lines) -> Form:
    """The form with values that were taken together apart, where all its lines part them alike."""
    elements: list[str] = []
    kinds = ""
    cuts: list[list[Reach]] = [[] for _ in form.parts]
    for at, kind in enumerate(form.kinds):
        inner = {_inside(part.reach[at], lines[part.lines[0]]) for part in form.parts}
        alike = len(inner) == 1 and kind == "v"
        shown, spelled = next(iter(inner)) if alike else (kind, (form.elements[at],))
        elements += spelled
        kinds += shown
        for number, part in enumerate(form.parts):
            first, last = part.reach[at]
            cuts[number] += [(n, n + 1) for n in range(first, last)] if alike else [(first, last)]
    parts = (Part(part.lines, tuple(reach)) for part, reach in zip(form.parts, cuts, strict=True))
    return Form(tuple(elements), kinds, tuple(parts))


def _inside(reach: Reach, line: tuple[str, Sequence[Token]]) -> tuple[str, tuple[str, ...]]:
    """Kinds and elements of the tokens of a value."""
    some = line[1][reach[0] : reach[1]]
    kinds = ["m" if token.kind == "m" else "v" for token in some]
    return "".join(kinds), tuple(token.element for token in some)


def _values(
    form: Form, reach: Sequence[Reach], line: tuple[str, Sequence[Token]]
) -> dict[str, str]:
    text, tokens = line
    found = [
        text[tokens[first].start : tokens[last - 1].end]
        for kind, (first, last) in zip(form.kinds, reach, strict=True)
        if kind == "v"
    ]
    return {f"s{number}": value for number, value in enumerate(found)}


def _text(form: Form, lines: Lines) -> str:
    """Separators and elements, each as most lines spell it."""
    spelled: list[tuple[Counter[str], Counter[str]]] = [
        (Counter(), Counter()) for _ in form.elements
    ]
    for part in form.parts:
        weight = max(1, len(part.lines) // SAMPLE)
        for line in part.lines[:SAMPLE]:
            pieces = _pieces(part, lines[line])
            for counted, (separator, element) in zip(spelled, pieces, strict=True):
                counted[0][separator] += weight
                counted[1][element] += weight
    written, slots = "", 0
    for kind, (separators, elements) in zip(form.kinds, spelled, strict=True):
        written += _escaped(_usual(separators))
        written += f"{{s{slots}}}" if kind == "v" else _escaped(_usual(elements))
        slots += kind == "v"
    return written


def _usual(counted: Counter[str]) -> str:
    return max(counted, key=lambda one: (counted[one], one))


def _pieces(part: Part, line: tuple[str, Sequence[Token]]) -> Iterator[tuple[str, str]]:
    """Each element with what stands before it; before the first one nothing counts."""
    text, tokens = line
    done = tokens[0].start
    for first, last in part.reach:
        start, end = tokens[first].start, tokens[last - 1].end
        yield text[done:start], text[start:end]
        done = end


def _escaped(text: str) -> str:
    """Literal braces doubled, as `str.format` wants them."""
    return text.replace("{", "{{").replace("}", "}}")
