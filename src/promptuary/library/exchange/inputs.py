"""What a prompt takes, as other formats tell it (a property of JSON Schema, or nearly), and as our
slots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from promptuary.domain.library import DeclaredSlot
from promptuary.domain.plain import Json
from promptuary.domain.templates import SlotType
from promptuary.library.exchange import json_text

_KINDS: Final[Mapping[str, SlotType]] = {
    "number": "number",
    "integer": "number",
    "float": "number",
    "array": "list",
    "object": "json",
}
"""Types of values by their names there; every other is text."""
_FORMATS: Final[Mapping[str, SlotType]] = {
    **{each: each for each in get_args(SlotType)},
    "uri": "url",
    "date-time": "date",
}
"""The formats that a text may have; those of JSON Schema, and our own."""
_NAMES: Final[Mapping[SlotType, str]] = {"number": "number", "list": "array", "json": "object"}
_PLAIN: Final = ("text", "enum", *_NAMES)


def slot_of(
    name: str, about: Mapping[str, Json], *, required: bool = True, example: Json = None
) -> DeclaredSlot:
    """The slot that a property tells. A type or choices that its own default does not fit are not
    taken: the prompt has to be fillable without a value, as it is there. A `required` one has no
    default."""
    default = as_text(about.get("default"))
    choices = _texts(about.get("enum", about.get("enumValues")))
    kind = kind_of(about)
    if choices and kind == "text":
        kind = "enum"
    if default is not None and choices and default not in choices:
        kind, choices = "text", ()
    if kind == "number" and default is not None and _bound(default) is None:
        kind = "text"
    known = (example, about.get("sample"), about.get("example"), *_list(about.get("examples")))
    return DeclaredSlot(
        name,
        kind,
        required=required and default is None and about.get("required") is not False,
        default=default,
        description=_text(about.get("description")),
        choices=choices,
        minimum=_bound(about.get("minimum")) if kind == "number" else None,
        maximum=_bound(about.get("maximum")) if kind == "number" else None,
        sensitive=about.get("sensitive") is True,
        examples=tuple(dict.fromkeys(filter(None, map(as_text, known)))),
    )


def kind_of(about: Mapping[str, Json]) -> SlotType:
    """The type that a property tells under `type` or `kind`, and of a text its `format`."""
    named = about.get("type", about.get("kind"))
    kind = _KINDS.get(_text(named).lower(), "text")
    return _FORMATS.get(_text(about.get("format")), kind) if kind == "text" else kind


def property_of(slot: DeclaredSlot, key: str = "type") -> dict[str, Json]:
    """The slot as a property, its type under `key`."""
    told: dict[str, Json] = {key: _NAMES.get(slot.type, "string")}
    if slot.type not in _PLAIN:
        told["format"] = slot.type
    if slot.description:
        told["description"] = slot.description
    if slot.choices:
        told["enum"] = list(slot.choices)
    bounds = {"minimum": slot.minimum, "maximum": slot.maximum}
    told |= {key: each for key, each in bounds.items() if each is not None}
    if slot.default is not None:
        told["default"] = slot.default
    elif not slot.required:
        told["required"] = False
    if slot.sensitive:
        told["sensitive"] = True
    if slot.examples:
        told["examples"] = list(slot.examples)
    return told


def as_text(value: Json) -> str | None:
    """A value as the text that fills a slot; what is no text as JSON."""
    return value if value is None or isinstance(value, str) else json_text.dumps(value)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(as_text, _list(value)))))


def _bound(value: Json) -> float | None:
    """A finite number; None for anything else."""
    try:
        number = float(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and abs(number) < float("inf") else None
