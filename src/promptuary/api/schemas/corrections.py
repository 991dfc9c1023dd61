"""Corrections as they go over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from promptuary.api.schemas.basics import Text, Wire
from promptuary.domain.corrections import Correction


class CorrectionIn(Wire):
    """What is to be corrected. `ids` are families for `merge`, the cluster or family for `rename`,
    else clusters; `split` also takes prompts that belong to a family by themselves, `move` one
    cluster and `family_id`, `apart` two clusters, `place` a prompt and a cluster."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "lock", "ids": ["00000000-0000-4000-8000-000000000000"]}]
        }
    )

    kind: Literal["merge", "move", "split", "apart", "rename", "lock", "place", "join"]
    ids: list[str] = Field(min_length=1, max_length=100)
    family_id: str | None = None
    name: str = Field(default="", max_length=1_000)


class CorrectionOut(Wire):
    """A correction: the clusters `ids` are of one family and none of `apart` is in it, or the one
    of `ids` is called `name`, or its text stays, or the first of `ids` has the prompts of all.
    Prompts that belong to a family by themselves stand there under the id that their family had
    when it was corrected first; those that were taken out of one by their own ids."""

    id: str
    collection: str
    kind: str = Field(examples=["merge"])
    ids: list[str]
    apart: list[str]
    name: Text
    by: Text
    created_at: datetime
    undone_at: datetime | None
    undone_by: Text | None

    @classmethod
    def of(cls, correction: Correction) -> CorrectionOut:
        """From the record."""
        return cls(
            id=correction.id,
            collection=correction.collection,
            kind=correction.kind,
            ids=list(correction.ids),
            apart=list(correction.apart),
            name=correction.name,
            by=correction.by,
            created_at=correction.created_at,
            undone_at=correction.undone_at,
            undone_by=correction.undone_by,
        )


class CorrectionList(Wire):
    """A page of corrections, the last made first."""

    corrections: list[CorrectionOut]
    total: int
    next_cursor: str | None
