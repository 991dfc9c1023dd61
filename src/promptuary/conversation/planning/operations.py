"""Which operation a question asks for; the first that fits wins."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from promptuary.conversation.planning.lexicon import Lexicon
from promptuary.domain.conversations import Operation, Pick, Unit

Says: TypeAlias = Callable[[str], bool]
"""Whether a phrasing of that name stands in the question."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The operation (None: none was said) and its details."""

    operation: Operation | None = None
    least: bool = False
    negated: bool = False
    wants_place: bool = False
    more_than: int | None = None
    unit: Unit = "hour"
    pick: Pick | None = None
    weak: bool = False
    """It is only a guess from the form of the question."""


_TELLING = (
    ("unusual", Asked("unusual")), ("silent", Asked("cameras", negated=True)),
    ("crowd", Asked("crowd")),
)  # fmt: skip
"""Whoever says so asks for nothing else."""


def operation_of(skeleton: str, folded: str, lexicon: Lexicon) -> Asked:
    """What the question asks for, by its words and what was recognised in them."""

    def says(name: str) -> bool:
        known = lexicon.operations.get(name)
        return known is not None and known.find(skeleton) is not None

    least = says("least")
    unit: Unit = "week" if says("weeks") else "day" if says("days") else "hour"
    place = says("place")
    cameras = skeleton.split().count("CAM")
    threshold = _threshold(skeleton, lexicon)
    sides = max(cameras, _times(skeleton, lexicon))
    plainly = next((asked for name, asked in _TELLING if says(name)), None)
    if plainly is not None:
        return plainly
    if sides >= 2 and says("compare") and not _asks_hour(skeleton, lexicon):
        return Asked("compare", least=least)
    for name in ("busiest", "top", "cameras"):
        if says(name):
            return Asked(_OPERATIONS[name], least=least, unit=unit)
    if says("duration") and not (says("last") and "how long ago" in skeleton):
        return Asked("duration", least=least, wants_place=place)
    existential = lexicon.operations.get("existential")
    if existential and existential.find(folded) and not (says("last") or says("first")):
        return Asked("exists", negated=says("negation"))
    if threshold is not None:
        return Asked("exists", more_than=threshold, least=least)
    return _plainly(skeleton, says, place=place, unit=unit)


_PLAIN = ("average", "trend", "clip", "count", "last", "first", "who", "empty", "exists", "place",
          "when", "list")  # fmt: skip
"""The simple operations, the more telling words first."""
_UNLESS = {"clip": ("count",), "who": ("last", "first"), "empty": ("negation",)}


def _plainly(skeleton: str, says: Says, *, place: bool, unit: Unit) -> Asked:
    codes = set(skeleton.split())
    for name in _PLAIN:
        if says(name) and not any(map(says, _UNLESS.get(name, ()))):
            if name == "place" and "WHO" not in codes:
                continue
            return _asked(name, says, place=place, unit=unit, hours="hour" in skeleton)
    return Asked("count", weak=True) if codes & {"LAB", "WHO"} else Asked()


def _asked(name: str, says: Says, *, place: bool, unit: Unit, hours: bool) -> Asked:
    match name:
        case "average" | "trend":
            daily: Unit = "day" if unit == "hour" and not hours else unit
            return Asked("average" if name == "average" else "trend", unit=daily)
        case "clip":
            early = says("pick_first") and not says("last")
            return Asked("clip", pick="last" if says("last") else "first" if early else None)
        case "count" | "who":
            return Asked("count" if name == "count" else "who")
        case "last" | "place":
            return Asked("last", wants_place=place)
        case "first":
            return Asked("first", wants_place=place)
        case "empty" | "exists":
            return Asked("exists", negated=name == "exists" and says("negation"))
        case "when":
            return Asked("last", weak=True)
        case _:
            return Asked("list")


_OPERATIONS: dict[str, Operation] = {"busiest": "busiest", "top": "top", "cameras": "cameras"}


def _times(skeleton: str, lexicon: Lexicon) -> int:
    """How many stretches of time are named; `the day before` is one beside another."""
    beside = any(
        lexicon.turns[each].find(skeleton) for each in ("day_before", "day_after")
        if each in lexicon.turns
    )  # fmt: skip
    return skeleton.split().count("TIME") + beside


def _asks_hour(skeleton: str, lexicon: Lexicon) -> bool:
    return re.search(r"\b(hour|hours|stunde|hora|saat)\b", skeleton) is not None and (
        lexicon.operations["busiest"].find(skeleton) is not None
    )


def _threshold(skeleton: str, lexicon: Lexicon) -> int | None:
    known = lexicon.operations.get("threshold")
    match = known.find(skeleton) if known else None
    numbers = re.findall(r"\d+", match.group()) if match else []
    return int(numbers[0]) if numbers else None
