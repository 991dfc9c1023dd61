"""What a kept prompt takes, and the branches it has."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer
from promptuary.api.gate import caller_of
from promptuary.api.library.kept import ONE, Slug
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.kept import SlotOut, VersionOut
from promptuary.api.schemas.library import Label, Named
from promptuary.api.serving import Here


class BranchesOut(Wire):
    """The newest version of each branch, by its name."""

    branches: dict[str, VersionOut]


class SlotsOut(Wire):
    """What a rendering takes: slots that are declared, here or in what is included, and every other
    name in the texts."""

    slots: list[SlotOut]


class SlotValuesQuery(Wire):
    """Which slot of which prompt, and how the value begins."""

    slug: Annotated[Text, Field(min_length=1, max_length=255)]
    slot: Named
    begins: Annotated[str, Field(max_length=255)] = ""
    limit: int = Field(default=10, ge=1, le=100)


class SlotValuesOut(Wire):
    """Values that somebody may want next."""

    values: list[Text]


async def list_branches(request: Request, here: Here, slug: Slug) -> Response:
    """The branches of a prompt with their newest versions."""
    found = await here.promptuary.library.branches(slug, tenant=caller_of(request).tenant)
    shown = {name: VersionOut.of(version) for name, version in found.items()}
    return answer(request, BranchesOut(branches=shown), exact=found)


async def list_slots(
    request: Request,
    here: Here,
    slug: Slug,
    label: Annotated[Label | None, Query(description="The version that it points at.")] = None,
    version: Annotated[Label | None, Query(description="As a version is named.")] = None,
) -> Response:
    """What has to be filled in, with types, defaults, choices and examples."""
    found = await here.promptuary.library.slots(
        slug, version, label=label, tenant=caller_of(request).tenant
    )
    shown = SlotsOut(slots=[SlotOut.model_validate(each) for each in found])
    return answer(request, shown, exact=found)


async def list_slot_values(
    request: Request, here: Here, asked: Annotated[SlotValuesQuery, Query()]
) -> Response:
    """Values for a slot: its choices, its default, then what traffic filled in, most frequent
    first; of a sensitive slot none."""
    found = await here.promptuary.library.slot_values(
        asked.slug,
        asked.slot,
        begins=asked.begins,
        limit=asked.limit,
        tenant=caller_of(request).tenant,
    )
    return answer(request, SlotValuesOut(values=found), exact=found)


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/library/slot-values",
        call=list_slot_values,
        needs="library:read",
        answers=SlotValuesOut,
        problems=(404, 422),
        tag="library",
    ),
    Operation(
        path=f"{ONE}/branches",
        call=list_branches,
        needs="library:read",
        answers=BranchesOut,
        problems=(404, 422),
        tag="library",
    ),
    Operation(
        path=f"{ONE}/slots",
        call=list_slots,
        needs="library:read",
        answers=SlotsOut,
        problems=(404, 422),
        tag="library",
    ),
)
