"""Both sides of a move of prompts: the older service's store, and the library here.

Until the cut-over the older store is the truth, and its service goes on writing to it; what is
written here meanwhile is relayed to it, so that it never lacks anything. From the cut-over on the
library is the truth, and the relay goes on until the move is over: going back is a matter of asking
the older store again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from promptuary.domain.library import LibraryPrompt, PromptVersion, Standing, library_prompt_id
from promptuary.library.face import Library
from promptuary.library.older_prompts import FOLDER, older_id_of, slug_of_older
from promptuary.moving.prompts.knowing import Known
from promptuary.ports.prompt_archive import PromptArchive
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

BATCH: Final = 200
LISTED: Final = 5_000
RELAY: Final = "prompts"


def relay_of(tenant: str) -> str:
    """The name under which the archive keeps how far it was given what that tenant wrote here."""
    return f"{RELAY}:{quote(tenant, safe='', errors='replace')}" if tenant else RELAY


@dataclass(frozen=True, slots=True)
class Ours:
    """A kept prompt with its newest version, as one side of a comparison."""

    prompt: LibraryPrompt
    version: PromptVersion


class Both:
    """The parts that a move of prompts works with. The older service knows no tenants: all its
    prompts belong to the library of `tenant`, and no other tenant's prompts go to its store."""

    def __init__(
        self, record: UnitOfWork, archive: PromptArchive, library: Library, tenant: str = ""
    ) -> None:
        self.record = record
        self.archive = archive
        self.library = library
        self.tenant = tenant
        self.known = Known()
        """What of both sides was read before."""
        self._first_here: dict[str, str] | None = None
        self._head = 0

    def belong_to(self, tenant: str) -> None:
        """From now on all is about the library of that tenant."""
        if tenant != self.tenant:
            self.tenant, self.known, self._first_here = tenant, Known(), None

    def are_ours(self, prompt: LibraryPrompt | Standing) -> bool:
        """Whether a kept prompt belongs to the older service's."""
        return prompt.slug.startswith(f"{FOLDER}/") and prompt.tenant == self.tenant

    async def standing(self) -> AsyncIterator[Sequence[Standing]]:
        """How all kept prompts stand that belong to the older service's, archived ones too."""
        after = ""
        while True:
            async with self.record.read() as tx:
                found = await tx.library.standing(after=after, limit=LISTED)
            yield list(filter(self.are_ours, found))
            if len(found) < LISTED:
                return
            after = found[-1].id

    async def first_here(self) -> Mapping[str, str]:
        """Slugs of prompts that were first written here, all that were before the call, by the ids
        that they have in the older store: there they look like its own."""
        if self._first_here is None:
            async with self.record.read() as tx:
                self._head = await tx.outbox.last()
            known: dict[str, str] = {}
            async for some in self.standing():
                known |= _first_here(some)
            self._first_here = known
            return known
        while True:
            async with self.record.read() as tx:
                rows = await tx.outbox.after(self._head, limit=BATCH)
                named = dict.fromkeys(row.entity_id for row in rows if row.kind == "library")
                prompts = await tx.library.some(list(named))
            self._first_here |= _first_here(list(filter(self.are_ours, prompts)))
            if not rows:
                return self._first_here
            self._head = rows[-1].position

    def named(self, number: str) -> str:
        """The id here of a prompt that came from there under that id."""
        return library_prompt_id(slug_of_older(number), self.tenant)

    async def ours(self, tx: Transaction, ids: Sequence[str]) -> dict[str, Ours]:
        """What is kept here under those ids of the older store; of prompts first written here those
        that `first_here` knew when it was asked last."""
        first = self._first_here or {}
        names = {
            number: library_prompt_id(first[number], self.tenant)
            if number in first
            else self.named(number)
            for number in ids
        }
        found = {each.id: each for each in await tx.library.some(list(names.values()))}
        newest = await tx.library.newest(list(found))
        return {
            number: Ours(found[name], newest[name])
            for number, name in names.items()
            if name in found and name in newest
        }


def _first_here(prompts: Sequence[LibraryPrompt | Standing]) -> dict[str, str]:
    slugs = {older_id_of(each.slug): each.slug for each in prompts}
    return {number: slug for number, slug in slugs.items() if slug_of_older(number) != slug}
