"""Schemas of what a Dotprompt takes: Picoschema, or JSON Schema of an object.

Picoschema: `name: string, what it is`, `name?` where it may be left out, `name(enum, what): [a, b]`
and `name(array, what): string`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from promptuary.domain.library import DeclaredSlot
from promptuary.domain.plain import Json
from promptuary.library.exchange.inputs import property_of
from promptuary.library.exchange.names import is_name

_KEY: Final = re.compile(r"([^(?]*)(\??)(?:\((\w+)(?:,\s*(.*))?\))?", re.DOTALL)
_SIMPLE: Final = {"number": "number"}
"""Types that Picoschema knows by a name of their own; the others are texts."""
_NESTED: Final = {"list": ("array", "string"), "json": ("object", {})}


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a prompt takes: what is told of it, as a property of JSON Schema."""

    name: str
    about: dict[str, Json]
    required: bool


def field_of(key: str, said: Json) -> Field:
    """A field of Picoschema."""
    found = _KEY.fullmatch(key)
    if found is None:
        return Field(key, {}, required=True)
    name, optional, kind, description = found.groups()
    about: dict[str, Json] = {"type": kind, "description": description or ""}
    if kind == "enum":
        about |= {"type": "string", "enum": said}
    elif kind is None:
        told = said if isinstance(said, str) else ""
        kind, _, description = told.partition(",")
        about = {"type": kind.strip(), "description": description.strip()}
    return Field(name, about, required=not optional)


def is_json_schema(schema: Mapping[str, Json]) -> bool:
    """Whether it is JSON Schema, not Picoschema."""
    return isinstance(schema.get("properties"), dict)


def properties(schema: Mapping[str, Json]) -> dict[str, Field]:
    """The fields of a JSON Schema of an object. Without `required` all of them are."""
    told, needed = schema.get("properties"), schema.get("required")
    assert isinstance(told, dict)  # noqa: S101 - is_json_schema has said so
    return {
        name: Field(
            name,
            about if isinstance(about, dict) else {},
            required=not isinstance(needed, list) or name in needed,
        )
        for name, about in told.items()
    }


def picoschema(
    slots: Sequence[DeclaredSlot], was: Mapping[str, Json], same: frozenset[str]
) -> dict[str, Json]:
    """The slots as Picoschema; those in `same` stay as they stood."""
    stood = {field_of(key, said).name: (key, said) for key, said in was.items()}
    fields = [
        stood[slot.name] if slot.name in same and slot.name in stood else _said(slot)
        for slot in slots
    ]
    odd = [field for name, field in stood.items() if not is_name(name)]  # no slots of ours
    return dict([*odd, *fields])


def _said(slot: DeclaredSlot) -> tuple[str, Json]:
    mark = "" if slot.required or slot.default is not None else "?"
    more = f", {slot.description}" if slot.description else ""
    if slot.choices:
        return f"{slot.name}{mark}(enum{more})", list(slot.choices)
    if slot.type in _NESTED:
        kind, inside = _NESTED[slot.type]
        return f"{slot.name}{mark}({kind}{more})", inside
    return f"{slot.name}{mark}", f"{_SIMPLE.get(slot.type, 'string')}{more}"


def is_enough(slots: Sequence[DeclaredSlot]) -> bool:
    """Whether Picoschema can tell all that is known of these slots."""
    kinds = {"text", "enum", *_SIMPLE, *_NESTED}
    return all(
        slot.type in kinds
        and slot.minimum is slot.maximum is None
        and not (slot.sensitive or slot.examples)
        and slot.description == slot.description.strip()
        for slot in slots
    )


def json_schema(
    slots: Sequence[DeclaredSlot], was: Mapping[str, Json], same: frozenset[str]
) -> dict[str, Json]:
    """The slots as JSON Schema; those in `same` stay as they stood, as does what is around them."""
    stood = was.get("properties")
    known = stood if isinstance(stood, dict) else {}
    told = {name: each for name, each in known.items() if not is_name(name)}  # no slots of ours
    for slot in slots:
        fresh = property_of(slot)
        fresh.pop("required", None)
        fresh.pop("default", None)
        told[slot.name] = known[slot.name] if slot.name in same and slot.name in known else fresh
    needed: list[Json] = [slot.name for slot in slots if slot.required]
    return {**was, "properties": told, "required": needed}
