"""What people corrected: it stands against whatever the engine finds, until it is undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

CorrectionKind: TypeAlias = Literal["merge", "move", "split", "apart", "rename", "lock"]


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction, and who made it when.

    The clusters `ids` are of one family and none of `apart` is in it (`merge`, `move`, `split`,
    `apart`); or the one cluster or family `ids` is called `name` (`rename`); or the text of the one
    cluster `ids` stays as it is (`lock`). `undone_at` is set once somebody took it back.
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
