"""How answers are given and kept, as a site wishes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Manner:
    """`sure` is the confidence from which an event goes before others as evidence of what only
    descriptions can answer; no count knows it. A model that words answers gets `tokens` and
    `temperature`. What was said is kept for `remembered` at the most, while a thread goes on."""

    sure: float = 0.0
    tokens: int = 300
    temperature: float = 0.0
    remembered: timedelta = timedelta(days=30)
