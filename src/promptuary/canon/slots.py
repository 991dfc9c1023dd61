"""Slots of a template: what fills them, what kind of value it is, and what to call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from promptuary.canon.filling import Hole, Parts, parse, rename
from promptuary.canon.kinds import kind
from promptuary.canon.masking import tokenise
from promptuary.domain.templates import Slot, SlotTally, SlotType, SlotValue

KEPT = 200  # different values that a tally remembers
LONGEST = 1_000  # characters of a value that a tally remembers
EXAMPLES = 10

_NUMBERED = re.compile(r"s\d+")
_LABEL = re.compile(
    r"([A-Za-z][A-Za-z _-]{0,40}?)\s*[\"'`*]{0,3}\s*(?::|=|->)\s*[\"'`<(\[{*]{0,3}\s*$"
)
_TAG = re.compile(r"<([A-Za-z][\w -]{0,30})>\s*$")
_PLAIN = frozenset(
    "the a an of to in on for with and or is are be was were do does did this that these those it "
    "its as at by from into about you your i my me we our he she they them their please will can "
    "could would should must may not no yes if then else here there following below above given "
    "using use based write answer give generate create make provide return please only one two "
    "step now how what why when who which where more most all any some each than so such very new "
    "good also up out just like between first last next options option input output example".split()
)


@dataclass(frozen=True, slots=True)
class Described:
    """A template text whose holes carry their final names, and its slots in order.

    `names` maps the names the holes had to the names they have.
    """

    text: str
    slots: tuple[Slot, ...]
    names: Mapping[str, str]


def tally(old: SlotTally, values: Iterable[str]) -> SlotTally:
    """The tally after more values, one a prompt; an empty value says the slot was left out.

    At most `KEPT` different values are remembered, most frequent first, of which the beginning.
    Which are kept does not depend on the order within `values`. The empty value is always kept.
    """
    counts = dict(old.counts)
    seen = old.seen
    for value in values:
        short = value if len(value) <= LONGEST else value[:LONGEST] + "\u2026"
        counts[short] = counts.get(short, 0) + 1
        seen += 1
    if len(counts) > KEPT:
        ranked = sorted(counts.items(), key=lambda item: (item[0] != "", -item[1], item[0]))
        counts = dict(ranked[:KEPT])
    return SlotTally(counts, seen)


def describe(text: str, tallies: Mapping[str, SlotTally]) -> Described:
    """Type and name the holes of a template text from their values and the words around them.

    A hole called `s` and a number gets a name of its own, unique in the template; any other keeps
    its name. Tallies are keyed by the names in `text`; a hole without one is an optional text.
    """
    parts = parse(text)
    holes = list(dict.fromkeys(part.name for part in parts if isinstance(part, Hole)))
    taken = {name for name in holes if not _NUMBERED.fullmatch(name)}
    names: dict[str, str] = {}
    slots: list[Slot] = []
    for hole in holes:
        seen = tallies.get(hole, SlotTally())
        type_, sure = kind(seen)
        name = hole
        if _NUMBERED.fullmatch(hole):
            at = parts.index(Hole(hole))
            name = _unique(_context_name(parts, at) or type_, taken)
        taken.add(name)
        names[hole] = name
        slots.append(_slot(name, type_, sure, seen))
    return Described(rename(text, names), tuple(slots), names)


def json_schema(slots: Iterable[Slot]) -> dict[str, object]:
    """JSON Schema (draft 2020-12) of the object that fills these slots."""
    slots = tuple(slots)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {slot.name: _property(slot) for slot in slots},
        "required": [slot.name for slot in slots if slot.required],
        "additionalProperties": False,
    }


def _property(slot: Slot) -> dict[str, object]:
    """Values are strings in every case: a template is filled with text."""
    schema: dict[str, object] = {"type": "string", "title": slot.name.replace("_", " ")}
    formats: Mapping[SlotType, str] = {"email": "email", "url": "uri"}
    if slot.type in formats:
        schema["format"] = formats[slot.type]
    if slot.type == "json":
        schema["contentMediaType"] = "application/json"
    if slot.examples:
        schema["examples"] = [example.value for example in slot.examples]
    schema["description"] = f"{slot.type} value"
    return schema


def _slot(name: str, type_: SlotType, sure: float, seen: SlotTally) -> Slot:
    filled = {value: count for value, count in seen.counts.items() if value.strip()}
    ranked = sorted(filled.items(), key=lambda item: (-item[1], item[0]))[:EXAMPLES]
    empty = sum(count for value, count in seen.counts.items() if not value.strip())
    return Slot(
        name=name,
        type=type_,
        examples=tuple(SlotValue(value, count) for value, count in ranked),
        required=seen.seen > 0 and not empty,
        confidence=round(sure * seen.seen / (seen.seen + 2), 4),
    )


def _context_name(parts: Parts, at: int) -> str | None:
    """A name from the label before the hole, a tag, or the noun behind or before it."""
    before, after = _literal(parts, at - 1), _literal(parts, at + 1)
    line = before.rstrip().rpartition("\n")[2] if before.rstrip() else ""
    found = _LABEL.search(line) or _TAG.search(line)
    if found:
        return _identifier(found[1])
    if before and before[-1:] not in " \n\"'`([{":
        return None
    same_line = re.match(r"[\"'`]?[ ]+([A-Za-z]{3,20})", after)
    if same_line and _reads_as_adjective(before, after):
        return _identifier(same_line[1])
    last = re.search(r"([A-Za-z]{3,20})[ \"'`(\[]+$", before)
    return _identifier(last[1]) if last else None


def _reads_as_adjective(before: str, after: str) -> bool:
    """`the {{}} review`: an article before, one word and then a break behind."""
    opened = re.search(r"\b(a|an|the|this|your|my|of|these)\s+[\"'`]?$", before, re.IGNORECASE)
    return bool(opened) and bool(re.match(r"[\"'`]?[ ]+[A-Za-z]+([^A-Za-z]|$)", after))


def _identifier(words: str) -> str | None:
    """At most three telling words as a name; None where none is left."""
    kept = [word for word in tokenise(words).words if word not in _PLAIN and word.isascii()]
    if not kept or len(kept) > 3:
        kept = kept[-2:]
    name = re.sub(r"\W+", "_", "_".join(kept)).strip("_")[:40]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or _NUMBERED.fullmatch(name):
        return None
    return name


def _literal(parts: Parts, at: int) -> str:
    part = parts[at] if 0 <= at < len(parts) else ""
    return part if isinstance(part, str) else ""


def _unique(name: str, taken: Iterable[str]) -> str:
    used = set(taken)
    number = 2
    unique = name
    while unique in used:
        unique = f"{name}_{number}"
        number += 1
    return unique
