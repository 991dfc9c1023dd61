"""Quantities: where a number comes with this unit and that one, the unit is part of the value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from promptuary.canon.machine_lines.forms import Form, Reach, collapsed, joined, pooled

_SIZES = ("b", "bit", "bits", "byte", "bytes", "kb", "kib", "mb", "mib", "gb", "gib", "tb", "tib")
_TIMES = ("ns", "us", "ms", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute")
_LONGER = ("minutes", "h", "hour", "hours", "day", "days", "hz", "khz", "mhz", "ghz")
UNITS = frozenset((*_SIZES, *_TIMES, *_LONGER))


def without_varying_units(forms: Sequence[Form]) -> list[Form]:
    """The forms, with those made one that differ in units or in a rounded size in brackets."""
    bare = [collapsed(joined(form, _quantities(form))) for form in forms]
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, form in enumerate(bare):
        alike[form.elements].append(number)
    return pooled(
        bare[number] if len(numbers) > 1 else forms[number]
        for numbers in alike.values()
        for number in numbers
    )


def _quantities(form: Form) -> Iterator[Reach]:
    """Values with their unit and what is said of them in brackets: 2048 bytes (2.0 KB)."""
    at = 0
    while at < len(form.kinds):
        end = _quantity(form, at) if form.kinds[at] == "v" else at + 1
        if form.kinds[at] == "v":
            yield at, end
        at = end


def _quantity(form: Form, at: int) -> int:
    end = _unit(form, at + 1)
    opened = end < len(form.elements) and form.elements[end] == "("
    if not opened:
        return end
    inner = _unit(form, end + 2) if form.kinds[end + 1 : end + 2] == "v" else end + 1
    return inner + 1 if form.elements[inner : inner + 1] == (")",) else end


def _unit(form: Form, at: int) -> int:
    """Behind the unit at a place, if there is one."""
    return at + (at < len(form.elements) and form.elements[at].lower() in UNITS)
