"""Whether what is sent lately still fits a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Recommendation: TypeAlias = Literal["none", "update_template", "create_new_template"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise lately: `what` is `wording`, or `slot` and its name.

    `before` and `lately` are shares of prompts: of those with words that the template does not
    have, or with a value that the slot did not have. `score` is by how much more than chance
    explains they differ, 0..1.
    """

    what: str
    before: float
    lately: float
    score: float


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The newest `recent` prompts of a cluster against the `earlier` ones before them."""

    lineage_id: str
    template_id: str
    recent: int
    earlier: int
    score: float
    changes: tuple[Change, ...]
    recommendation: Recommendation

    @property
    def has_drift(self) -> bool:
        """Something is otherwise, beyond chance."""
        return bool(self.changes)
