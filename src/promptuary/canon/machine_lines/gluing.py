"""Words glued to a value that are part of it: primary(0) among addresses, cache:80 among hosts."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from promptuary.canon.machine_lines.forms import (
    Form,
    Lines,
    Reach,
    chunks,
    closed,
    collapsed,
    joined,
    pooled,
)

AROUND = 2  # words that must agree


def absorbed(forms: Sequence[Form], lines: Lines) -> list[Form]:
    """The forms, with those made one where one has a value and the other a value in a word."""
    known = {form.elements for form in forms}
    return pooled(_plainer(form, lines, known) for form in forms)


def _plainer(form: Form, lines: Lines, known: Container[tuple[str, ...]]) -> Form:
    for run in _glued(form, lines):
        plain = collapsed(joined(form, [run]))
        if plain.words >= AROUND and plain.elements in known:
            return plain
    return form


def _glued(form: Form, lines: Lines) -> Iterator[Reach]:
    """Runs of elements without white space between them that have both words and values.

    What is said to equal a value is its name, and no part of it.
    """
    if "v" not in form.kinds:
        return
    for first, last in chunks(form, lines):
        if "v" in form.kinds[first:last] and "=" not in form.elements[first:last]:
            inner = [at for at in range(first, last) if form.kinds[at] != "m"]
            end = closed(form, inner[0], inner[-1] + 1)
            if "w" in form.kinds[first:last] or "n" in form.kinds[first:last]:
                yield inner[0], end
