"""How far a long piece of work is, and whoever wants to hear of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work is. `total` is None while nobody knows."""

    stage: str
    done: int
    total: int | None


Told: TypeAlias = Callable[[Progress], None]
"""Whoever wants to hear how far a long piece of work is."""


def silent(_: Progress) -> None:
    """Nobody listens."""
