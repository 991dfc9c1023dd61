"""`{name}`, as in `str.format`, without what makes that a language: no attributes, no items, no
conversions, no format specifications. `{{` and `}}` are braces."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass

from promptuary.domain.errors import InvalidInput
from promptuary.library.syntaxes.compiled import Budget, Value, joined, shown


@dataclass(frozen=True, slots=True)
class FString:
    """Literals, each with the name that follows it, if any."""

    parts: tuple[tuple[str, str | None], ...]
    names: tuple[str, ...]

    def fill(self, values: Mapping[str, Value], budget: Budget) -> str:
        """The literals with the values between them."""
        pieces = []
        for literal, name in self.parts:
            pieces.append(literal)
            if name is not None:
                pieces.append(shown(values[name]))
        return joined(pieces, budget)


def compiled(text: str) -> FString:
    """Raises InvalidInput for anything but plain names between braces."""
    try:
        found = list(string.Formatter().parse(text))
    except ValueError as error:
        raise _wrong(str(error)) from error
    for _, name, form, conversion in found:
        if name is not None and (not name.isidentifier() or form or conversion):
            shape = (
                f"{{{name}{'!' + conversion if conversion else ''}{':' + form if form else ''}}}"
            )
            raise _wrong(f"a slot is a plain name between braces, not {shape[:60]}")
    parts = tuple((literal, name) for literal, name, _, _ in found)
    return FString(parts, tuple(dict.fromkeys(name for _, name in parts if name is not None)))


def _wrong(what: str) -> InvalidInput:
    message = f"not a format string: {what}; a brace itself is written twice"
    return InvalidInput(message, fields={"text": what})
