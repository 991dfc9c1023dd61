"""Whole prompts into the library, a statement a table however many they are; and how all stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select

from promptuary.adapters.units_of_work._sql import library_rows as rows
from promptuary.adapters.units_of_work._sql.schema_library import (
    library_branches,
    library_carried,
    library_labels,
    library_prompts,
    library_ratings,
    library_tags,
    library_versions,
)
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among
from promptuary.domain.errors import Conflict
from promptuary.domain.library import PromptHistory, Standing

_prompt = library_prompts.c
_STANDING = select(
    _prompt.id, _prompt.slug, _prompt.tenant, _prompt.revision, _prompt.archived, _prompt.updated_at
).order_by(_prompt.id)


async def keep(db: Statements, histories: Sequence[PromptHistory]) -> None:
    """As the port says."""
    for some in chunks([each.prompt.id for each in histories]):
        there = select(library_prompts.c.slug).where(among(library_prompts.c.id, some))
        if (known := await db.row(there)) is not None:
            raise Conflict(f"the library has a prompt {known['slug']!r} already")
    for table, made in _tables(histories).items():
        await db.many(table.insert(), made)


async def standing(db: Statements, after: str, limit: int) -> Sequence[Standing]:
    """As the port says."""
    found = await db.rows(
        _STANDING.where(_prompt.id > after).limit(limit) if after else _STANDING.limit(limit)
    )
    return [Standing(**row) for row in found]


def _tables(histories: Sequence[PromptHistory]) -> Mapping[Table, list[dict[str, Any]]]:
    """The rows of each table, in the order in which the tables refer to each other."""
    made: dict[Table, list[dict[str, Any]]] = {
        library_prompts: [rows.prompt_row(each.prompt) for each in histories],
        library_tags: [],
        library_versions: [rows.version_row(v) for each in histories for v in each.versions],
        library_labels: [],
        library_branches: [],
        library_ratings: [],
        library_carried: [],
    }
    for each in histories:
        own = each.prompt.id
        tags = dict.fromkeys(each.prompt.about.tags)
        made[library_tags] += [{"prompt_id": own, "tag": tag} for tag in tags]
        made[library_labels] += [rows.label_row(own, label) for label in each.labels]
        made[library_branches] += [rows.branch_row(own, *one) for one in each.branches.items()]
        made[library_ratings] += [rows.rating_row(own, rating) for rating in each.ratings]
        made[library_carried] += rows.carried_rows(own, each.carried)
    return made
