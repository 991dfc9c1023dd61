"""Composition: a version together with what it takes in, and with what that takes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from promptuary.domain.errors import InvalidInput, NotFound
from promptuary.domain.library import PromptVersion
from promptuary.library.references import Reference, references
from promptuary.library.versions import named
from promptuary.ports.unit_of_work import Transaction

DEEPEST: Final = 10
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Included:
    """A version with all that it takes in."""

    version: PromptVersion
    parts: Mapping[Reference, Included] = field(default_factory=dict)


async def gathered(
    tx: Transaction, slug: str, version: PromptVersion, tenant: str, above: tuple[str, ...] = ()
) -> Included:
    """The version with everything it takes in. Raises InvalidInput with the path for a cycle, for
    what lies too deep, and for a chat prompt or an unknown one that is taken in."""
    path = (*above, slug)
    if slug in above:
        raise _wrong(f"prompts include each other in a circle: {' -> '.join(path)}")
    wanted = references(version.content)
    if wanted and (len(path) > DEEPEST or len(wanted) > MOST):
        raise _wrong(f"prompts include at most {MOST} others, {DEEPEST} deep: {' -> '.join(path)}")
    parts: dict[Reference, Included] = {}
    for each in wanted:
        try:
            prompt = await tx.library.get(each.slug, tenant)
            found = await named(tx, prompt, each.version)
        except NotFound:
            raise _wrong(f"{' -> '.join(path)} includes {each}, which is not there") from None
        if found.content.turns:
            raise _wrong(f"{' -> '.join(path)} includes {each}, which is a chat prompt")
        parts[each] = await gathered(tx, each.slug, found, tenant, path)
    return Included(version, parts)


def _wrong(what: str) -> InvalidInput:
    return InvalidInput(what, fields={"text": what})
