"""What a mirror is shown of prompts and of the lineages they stand under."""

from __future__ import annotations

from dataclasses import dataclass, field

from promptuary.domain.vectors import Vectors


@dataclass(frozen=True, slots=True)
class MirroredPrompt:
    """A prompt as it is kept, with its vector. `similarity` is that of its placement, both None
    for one that stands alone."""

    id: str
    text: str
    vector: Vectors = field(repr=False)
    lineage_id: str | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Centre:
    """Where the prompts of a lineage lie on average, as a vector of length one."""

    lineage_id: str
    vector: Vectors = field(repr=False)
