"""The part of the record that holds which prompts go together by what people said; what
`ports/unit_of_work.py` says holds here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from promptuary.domain.templates import Intent


class Intents(Protocol):
    """Prompts that people had a say in, in the groups that they move in. `prompts.list` pages
    through those of one."""

    async def of(self, collection_id: str) -> Sequence[Intent]:
        """Those of a collection that were not merged into another, by `created_at`, then id."""
        ...

    async def some(self, ids: Sequence[str]) -> Sequence[Intent]:
        """Those that exist, merged ones too, in the order asked."""
        ...

    async def save(self, intents: Sequence[Intent]) -> None:
        """Write or overwrite by id. One whose family is removed later names none."""
        ...

    async def forget(self, ids: Sequence[str]) -> None:
        """Remove them; their prompts are of none afterwards. Unknown ones are ignored."""
        ...

    async def hold(self, homes: Mapping[str, str | None]) -> None:
        """Say of which intent each of these prompts, by id, is; None for none."""
        ...

    async def homes(self, prompt_ids: Sequence[str]) -> Mapping[str, str]:
        """The intent of each of these prompts that is of one."""
        ...
