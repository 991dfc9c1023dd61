"""What is worth looking at before one writes a prompt."""

from __future__ import annotations

from dataclasses import dataclass

from promptuary.domain.refining import Suggestion


@dataclass(frozen=True, slots=True)
class Recommended:
    """A kept prompt. `likeness` (0 to 1) is the share of the words of what somebody is writing that
    it says too; 1 where nothing was written. `does_it` when it most likely does what they want."""

    slug: str
    number: int
    title: str
    text: str
    likeness: float
    rating: float | None
    ratings: int
    does_it: bool
    why: str


@dataclass(frozen=True, slots=True)
class Recommendations:
    """Best first, with the constraints, forms and examples of well rated ones that the text does
    not have. `adapted` is the best one for the level of expertise that was asked for, else empty.
    """

    prompts: tuple[Recommended, ...]
    suggestions: tuple[Suggestion, ...]
    adapted: str
