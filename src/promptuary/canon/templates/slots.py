"""Slots of a template: what fills them, what kind of value it is, and what to call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from promptuary.canon.templates.filling import Hole, Parts, parse, rename
from promptuary.canon.templates.kinds import kind
from promptuary.canon.templates.lexicon import INSTRUCTIONS, PLAIN_WORDS
from promptuary.canon.tokens import tokenise
from promptuary.domain.masks import masked_as
from promptuary.domain.templates import Slot, SlotTally, SlotType, SlotValue

KEPT = 200  # different values that a tally remembers
LONGEST = 1_000  # characters of a value that a tally remembers
EXAMPLES = 10

_NUMBERED = re.compile(r"[ms]\d+")
_LABEL = re.compile(r"(?:^|[.!?,;])\s*([^.!?,;:=\n]+?)\W{0,4}(?::|=|->)[\s\"'`<(\[{*]{0,4}$")
_TAG = re.compile(r"<([A-Za-z][\w -]{0,30})>\s*$")
_LAST_WORD = re.compile(r"([A-Za-z]{3,20})[ \"'`(\[]+$")
_ADJECTIVE = re.compile(r"\b(?:an?|the|this|your|my|of|these)\s+[\"'`]?$", re.IGNORECASE)
_NOUN = re.compile(r"[\"'`]? +([A-Za-z]{3,20})(?:[^A-Za-z]|$)")
_VAGUE: frozenset[SlotType] = frozenset({"text", "enum", "name", "list"})


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
            name = _masked_name(seen) or _context_name(parts, at, type_) or type_
            name = _unique(name, taken)
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


def _masked_name(seen: SlotTally) -> str | None:
    """What was taken out before the texts were kept, where nothing else stands in the slot."""
    kinds = {masked_as(value) for value in seen.counts if value.strip()}
    return kinds.pop() if len(kinds) == 1 else None


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


def _context_name(parts: Parts, at: int, type_: SlotType) -> str | None:
    """A name from the label or tag before the hole, or the noun behind or before it.

    Of a label that is a sentence only the last word names something, and only where the type of
    the values does not say it better.
    """
    before, after = _literal(parts, at - 1), _literal(parts, at + 1)
    line = before.rstrip().rpartition("\n")[2]
    label = _TAG.search(line) or _LABEL.search(line)
    if label:
        words = tokenise(label[1]).words
        if len(words) <= 3:
            return _identifier(words) or _identifier(words[-1:])
        english = label[1].isascii() and type_ in _VAGUE
        return _identifier(_telling(words)[-1:]) if english else None
    if before and before[-1:] not in " \n\"'`([{":
        return None
    noun = _NOUN.match(after) if _ADJECTIVE.search(before) else None
    found = noun or _LAST_WORD.search(before)
    return _identifier(_telling((found[1].lower(),))) if found else None


def _telling(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in PLAIN_WORDS | INSTRUCTIONS)


def _identifier(words: Iterable[str]) -> str | None:
    """Words as a name, without those that name nothing; None where none is left."""
    name = "_".join(word for word in words if word not in PLAIN_WORDS)[:40].strip("_")
    good = re.fullmatch(r"[a-z][a-z0-9_]*", name) and not _NUMBERED.fullmatch(name)
    return name if good else None


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
