"""Machine lines to templates.

    line -> tokens, values known by their shape                        `tokens.py`
         -> forms: lines alike but for their values                    `forms.py`
         -> forms made one that differ in a unit,                      `quantities.py`
            in the fields of a record,                                 `records.py`
            in words glued to a value,                                 `gluing.py`
            in words that vary                                         `fusing.py`
         -> template text and raw values                               `writing.py`

A line by itself is a template too: a log says each thing in words of its own, often only once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptuary.canon.machine_lines.forms import Form, Lines, forms_of
from promptuary.canon.machine_lines.fusing import fused
from promptuary.canon.machine_lines.gluing import absorbed
from promptuary.canon.machine_lines.quantities import without_varying_units
from promptuary.canon.machine_lines.records import same_fields
from promptuary.canon.machine_lines.tokens import Token
from promptuary.canon.machine_lines.writing import LineTemplate, written

ROUNDS = 6  # places in words that a template may have
SINGULAR = 0.5  # of the lines at most that are templates by themselves, where these are many
MANY = 1_000


def line_templates(texts: Sequence[str], read: Mapping[int, Sequence[Token]]) -> list[LineTemplate]:
    """Templates of the texts whose numbers and tokens `read` holds, in order of first appearance.

    Lines without a word have none: nothing would tell them from others. Nor have single lines
    where many and most are: there would be nearly as many templates as lines.
    """
    numbers = list(read)
    lines = [(texts[number], read[number]) for number in numbers]
    forms = [form for form in _pooled(lines) if form.words]
    repeated = [form for form in forms if form.size > 1]
    many = len(forms) - len(repeated) > max(MANY, SINGULAR * len(lines))
    found = [written(form, lines) for form in (repeated if many else forms)]
    return sorted((_renumbered(one, numbers) for one in found), key=lambda one: one.lines[0])


def _pooled(lines: Lines) -> list[Form]:
    """One form for each template of the lines."""
    found = same_fields(without_varying_units(forms_of(lines)), lines)
    for _ in range(ROUNDS):
        anew = fused(absorbed(found, lines))
        if len(anew) == len(found):
            break
        found = anew
    return found


def _renumbered(one: LineTemplate, numbers: Sequence[int]) -> LineTemplate:
    return LineTemplate(
        one.text, tuple(numbers[line] for line in one.lines), one.values, one.confidence
    )
