"""What every syntax makes of a text, and the bounds under which it is filled."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Final, Protocol, TypeAlias

from promptuary.domain.errors import TooLarge

MOST_STEPS: Final = 10_000
"""Turns of all loops together."""
LARGEST: Final = 2_000_000
"""Characters of what comes out, and of any text made on the way."""
LONGEST_SECONDS: Final = 1.0

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
"""What a slot is filled with: plain data, never an object of ours."""


class Budget:
    """What one rendering may still spend; `spend` and `fits` raise TooLarge when it is gone."""

    __slots__ = ("_deadline", "_steps")

    def __init__(self) -> None:
        self._steps = MOST_STEPS
        self._deadline = time.monotonic() + LONGEST_SECONDS

    def spend(self) -> None:
        """One turn of a loop."""
        self._steps -= 1
        if self._steps < 0:
            raise TooLarge(f"a prompt loops at most {MOST_STEPS:,} times")
        self.hurry()

    def hurry(self) -> None:
        """Somebody did some work."""
        if time.monotonic() > self._deadline:
            raise TooLarge(f"a prompt is rendered within {LONGEST_SECONDS:g} s, or not at all")

    @staticmethod
    def fits(size: int) -> None:
        """A text of that many characters is about to be made."""
        if size > LARGEST:
            raise TooLarge(f"a rendered prompt has at most {LARGEST:,} characters")


class Compiled(Protocol):
    """A text that is ready to be filled."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it takes values for, in the order of their first appearance."""
        ...

    def fill(self, values: Mapping[str, Value], budget: Budget) -> str:
        """The text with these values; every name has one. Raises InvalidInput, TooLarge."""
        ...


def joined(pieces: Iterable[str], budget: Budget) -> str:
    """The pieces as one text, within bounds."""
    made: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        budget.fits(size)
        made.append(piece)
    return "".join(made)


def shown(value: Value) -> str:
    """A value as it stands in a text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        import json  # noqa: PLC0415 - rarely needed

        return json.dumps(value, ensure_ascii=False)
    return str(value)
