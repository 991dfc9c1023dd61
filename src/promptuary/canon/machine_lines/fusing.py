"""Forms that differ in words alone, where these vary at run time.

A word is a value when enough different words stand in its place while all else agrees. Few
alternatives are states and operations (started, stopped), each a message of its own. This is the
column of Drain (He et al., ICWS 2017) and Brain (Yu et al., TSC 2023) with all other columns held
fixed, so that no threshold of similarity is needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

from promptuary.canon.machine_lines.forms import Form, Reach, collapsed, joined, pooled
from promptuary.canon.machine_lines.quantities import UNITS
from promptuary.canon.machine_lines.tokens import masked

FILLINGS = 6  # different words in one place that make a value
SERIES = 3  # if they are alike but for one character
BESIDE_VALUE = 2  # words that must agree where values prove the place to be one
BESIDE_PAIR = 3  # words that must agree where two places vary at once
LONGEST = 400  # elements of a form that is compared place by place
MOST_PAIRS = 500_000  # of places, of all forms together

Places = tuple[int, ...]
Variant = tuple[int, Places]
"""The number of a form and the places in which it may differ from others."""


def fused(forms: Sequence[Form]) -> list[Form]:
    """The forms after one round, in which each is fused once at most, with most others first.

    Where no single place varies, two at once are tried: a name and a town, say. The same words in
    both are states that follow one another, and these are messages of their own.
    """
    single = _fused(forms, 1)
    return single if len(single) < len(forms) else _fused(forms, 2)


def _fused(forms: Sequence[Form], width: int) -> list[Form]:
    alike = _alike(forms, width)
    variants = [some for some in alike if len(some) > 1 and _varies(forms, some)]
    done: set[int] = set()
    anew: list[Form] = []
    for some in sorted(variants, key=lambda some: (-len(some), some)):
        free = [variant for variant in some if variant[0] not in done]
        if len(free) == len(some) or (len(free) > 1 and _varies(forms, free)):
            done.update(number for number, _ in free)
            anew += [_with_values(forms[number], places) for number, places in free]
    return pooled([*(form for number, form in enumerate(forms) if number not in done), *anew])


def _alike(forms: Sequence[Form], width: int) -> Collection[list[Variant]]:
    """Forms that agree in all but so many places. They have a sum of hashes in common."""
    alike: dict[tuple[int, int, Places], list[Variant]] = defaultdict(list)
    if width > 1 and sum(form.words**2 for form in forms) > 2 * MOST_PAIRS:
        return ()
    for number, form in enumerate(forms):
        if len(form.elements) > LONGEST:
            continue
        worth = [hash(one) for one in enumerate(form.elements)]
        total, size = sum(worth), len(worth)
        for places in combinations(_open(form, width), width):
            rest = total - sum(worth[at] for at in places)
            alike[rest, size, places].append((number, places))
    return alike.values()


def _open(form: Form, width: int) -> Iterator[int]:
    """Where a form may differ; two places at once only in words."""
    for at, kind in enumerate(form.kinds):
        if kind == "w" or (width == 1 and kind != "m"):
            yield at


def _with_values(form: Form, places: Places) -> Form:
    runs: list[Reach] = [(at, at + 1) for at in places]
    return collapsed(joined(form, runs))


def _varies(forms: Sequence[Form], variants: Sequence[Variant]) -> bool:
    """Whether what stands in these places is a value."""
    number, places = variants[0]
    around = forms[number].words - sum(forms[number].kinds[at] != "v" for at in places)
    if len(places) > 1:
        one, two = ({forms[n].elements[at[k]] for n, at in variants} for k in range(2))
        many = len(one) >= FILLINGS and len(two) >= FILLINGS
        return many and around >= BESIDE_PAIR and one.isdisjoint(two)
    (at,) = places
    kinds = {forms[n].kinds[at] for n, _ in variants}
    fillings = {forms[n].elements[at] for n, _ in variants}
    if "v" in kinds:
        return around >= BESIDE_VALUE
    if kinds == {"n"} and len({masked(name) for name in fillings}) == 1:
        return around > 0
    if forms[number].kinds[at - 1 : at] == "v" and all(one.lower() in UNITS for one in fillings):
        return True
    enough = SERIES if around > 1 and _is_series(fillings) else FILLINGS
    return around > 0 and len(fillings) >= enough


def _is_series(names: Collection[str]) -> bool:
    """Whether names differ in one character only, as things that somebody numbered by letters."""
    columns = list(zip(*names, strict=False))
    return len({len(name) for name in names}) == 1 and sum(len(set(c)) > 1 for c in columns) == 1
