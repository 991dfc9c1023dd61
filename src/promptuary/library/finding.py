"""What the library is given by others: what it is searched with, what takes templates apart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from promptuary.retrieval.sides import Sides
from promptuary.retrieval.thesaurus import Thesaurus


@dataclass(frozen=True, slots=True)
class Finding:
    """The parts that searching needs. `behind` gives why the index may be incomplete, or None."""

    sides: Sides
    thesaurus: Thesaurus | None
    behind: Callable[[], Awaitable[str | None]]


class Hole(Protocol):
    """A place in a template that a value fills."""

    @property
    def name(self) -> str:
        """The slot's."""
        ...


Cut: TypeAlias = Callable[[str], Sequence[str | Hole]]
"""Takes the text of a template apart into literals and holes."""
