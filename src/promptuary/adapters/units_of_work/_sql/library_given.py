"""The statement behind every prompt that is served: the prompt, one version, all its labels.

Building a statement costs more than running it, so both forms are built once. A row for each label,
or one where there is none; the version's columns are empty where the label does not exist.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, select

from promptuary.adapters.units_of_work._sql.schema_library import (
    library_labels,
    library_prompts,
    library_versions,
)

VERSION: Final = "version_"
LABEL: Final = "label_"
_prompt, _version = library_prompts.c, library_versions.c
_wanted = library_labels.alias("wanted")
_every = library_labels.alias("every")


def _given(*, labelled: bool) -> Select[Any]:
    wanted = and_(_wanted.c.prompt_id == _prompt.id, _wanted.c.name == bindparam("label"))
    pointed = _wanted.c.version_id if labelled else _prompt.latest
    tables = library_prompts.outerjoin(_wanted, wanted) if labelled else library_prompts
    tables = tables.outerjoin(
        library_versions, and_(_version.prompt_id == _prompt.id, _version.id == pointed)
    ).outerjoin(_every, _every.c.prompt_id == _prompt.id)
    columns = (
        *library_prompts.c,
        *(each.label(f"{VERSION}{each.name}") for each in _version),
        *(each.label(f"{LABEL}{each.name}") for each in _every.c),
    )
    asked = and_(_prompt.tenant == bindparam("tenant"), _prompt.slug == bindparam("slug"))
    return select(*columns).select_from(tables).where(asked).order_by(_every.c.name)


LABELLED: Final = _given(labelled=True)
LATEST: Final = _given(labelled=False)
