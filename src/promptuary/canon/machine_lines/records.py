"""Records: lines with the same fields (pid=7, tag="x") differ in the values of these only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from promptuary.canon.machine_lines.forms import (
    Form,
    Lines,
    Reach,
    chunks,
    collapsed,
    joined,
    pooled,
)

FIELDS = 2  # that make a line a record


def same_fields(forms: Sequence[Form], lines: Lines) -> list[Form]:
    """The forms, with records of the same fields made one."""
    alike: dict[tuple[str, ...], list[tuple[int, list[Reach]]]] = defaultdict(list)
    for number, form in enumerate(forms):
        fields = list(_fields(form, lines))
        if len(fields) >= FIELDS:
            alike[joined(form, fields).elements].append((number, fields))
    anew = dict(enumerate(forms))
    for some in alike.values():
        values = [
            {forms[n].elements[slice(*fields[k])] for n, fields in some}
            for k in range(len(some[0][1]))
        ]
        for number, fields in some:
            varying = [field for field, seen in zip(fields, values, strict=True) if len(seen) > 1]
            anew[number] = collapsed(joined(forms[number], varying))
    return pooled(anew.values())


def _fields(form: Form, lines: Lines) -> Iterator[Reach]:
    """Where the values of fields stand: what is glued to "=", or the one element behind it."""
    chunk_ends = [end for _, end in chunks(form, lines)]
    for at, element in enumerate(form.elements):
        if element == "=" and form.elements[at + 2 : at + 3] != ("=",):
            end = next(end for end in chunk_ends if end > at)
            stop = _stop(form, at + 1, end) if end > at + 1 else at + 2
            if form.kinds[at + 1 : at + 2] != "m" and stop <= len(form.elements):
                yield at + 1, stop


def _stop(form: Form, first: int, last: int) -> int:
    """The end of a value: a comma or a bracket that it has not opened."""
    depth = 0
    for at in range(first, last):
        depth += (form.elements[at] in "([{<") - (form.elements[at] in ")]}>")
        if depth < 0 or (depth == 0 and form.elements[at] in ",;"):
            return at
    return last
