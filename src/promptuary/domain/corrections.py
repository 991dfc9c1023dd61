"""What people corrected: it stands against whatever the engine finds, until it is undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

CorrectionKind: TypeAlias = Literal[
    "merge", "move", "split", "apart", "rename", "lock", "place", "join"
]


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction, and who made it when.

    The clusters `ids` are of one family and none of `apart` is in it (`merge`, `move`, `split`,
    `apart`); for prompts that belong to a family by themselves there stands the id of their Intent,
    or the prompt's own where it was taken out of a family (`split`). Or the one cluster or family
    `ids` is called `name` (`rename`); or the text of the one cluster `ids` stays as it is (`lock`);
    or `ids` are a prompt and the cluster that it stands under (`place`); or the first of the
    clusters `ids` has the prompts of all of them (`join`).
    `undone_at` is set once somebody took it back.
    """

    id: str
    collection: str
    kind: CorrectionKind
    ids: tuple[str, ...]
    by: str
    created_at: datetime
    apart: tuple[str, ...] = ()
    name: str = ""
    undone_at: datetime | None = None
    undone_by: str | None = None
