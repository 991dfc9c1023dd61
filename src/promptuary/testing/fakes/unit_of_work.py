"""A fake record database: dictionaries that are copied when a transaction begins."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from promptuary.domain.errors import Conflict
from promptuary.testing.fakes.job_queue import MemoryJobQueue
from promptuary.testing.fakes.record_conversations import MemoryConversations, MemoryEvents
from promptuary.testing.fakes.record_corrections import MemoryCorrections
from promptuary.testing.fakes.record_documents import MemoryDocuments
from promptuary.testing.fakes.record_evolution import MemoryEvolution
from promptuary.testing.fakes.record_intents import MemoryIntents
from promptuary.testing.fakes.record_judgements import MemoryJudgements
from promptuary.testing.fakes.record_leases import MemoryLeases
from promptuary.testing.fakes.record_ledgers import (
    MemoryApiKeys,
    MemoryOutbox,
    MemoryReplies,
)
from promptuary.testing.fakes.record_library import MemoryLibrary
from promptuary.testing.fakes.record_moves import MemoryMoves
from promptuary.testing.fakes.record_namings import MemoryNamings
from promptuary.testing.fakes.record_noticing import MemoryNoticed
from promptuary.testing.fakes.record_originals import MemoryOriginals
from promptuary.testing.fakes.record_prompts import MemoryCollections, MemoryPrompts
from promptuary.testing.fakes.record_reviews import MemoryReviews
from promptuary.testing.fakes.record_state import State
from promptuary.testing.fakes.record_templates import MemoryFamilies, MemoryTemplates


@dataclass(frozen=True, slots=True)
class MemoryTransaction:
    """A Transaction over one copy of the state."""

    collections: MemoryCollections
    prompts: MemoryPrompts
    templates: MemoryTemplates
    families: MemoryFamilies
    intents: MemoryIntents
    corrections: MemoryCorrections
    reviews: MemoryReviews
    namings: MemoryNamings
    evolution: MemoryEvolution
    documents: MemoryDocuments
    originals: MemoryOriginals
    judgements: MemoryJudgements
    library: MemoryLibrary
    seen: MemoryEvents
    conversations: MemoryConversations
    noticed: MemoryNoticed
    moves: MemoryMoves
    outbox: MemoryOutbox
    jobs: MemoryJobQueue
    leases: MemoryLeases
    replies: MemoryReplies
    keys: MemoryApiKeys


class MemoryUnitOfWork:
    """Keeps every promise of the contract within one process, and forgets everything at its end."""

    def __init__(self) -> None:
        self._state = State()
        self._turn = Lock()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[MemoryTransaction]:
        """A transaction that writes."""
        async with self._turn:
            state = self._state.copied()
            try:
                yield _transaction(state)
            finally:
                # Positions are spent even when nothing is kept.
                self._state.position = max(self._state.position, state.position)
            _check(state)
            self._state = state

    @asynccontextmanager
    async def read(self) -> AsyncIterator[MemoryTransaction]:
        """A transaction for reading only."""
        yield _transaction(self._state.copied(writable=False))

    async def ping(self) -> None:
        """It always answers."""

    async def aclose(self) -> None:
        """Nothing is held."""


def _transaction(state: State) -> MemoryTransaction:
    return MemoryTransaction(
        collections=MemoryCollections(state),
        prompts=MemoryPrompts(state),
        templates=MemoryTemplates(state),
        families=MemoryFamilies(state),
        intents=MemoryIntents(state),
        corrections=MemoryCorrections(state),
        reviews=MemoryReviews(state),
        namings=MemoryNamings(state),
        evolution=MemoryEvolution(state),
        documents=MemoryDocuments(state),
        originals=MemoryOriginals(state),
        judgements=MemoryJudgements(state),
        library=MemoryLibrary(state),
        seen=MemoryEvents(state),
        conversations=MemoryConversations(state),
        noticed=MemoryNoticed(state),
        moves=MemoryMoves(state),
        outbox=MemoryOutbox(state),
        jobs=MemoryJobQueue(state),
        leases=MemoryLeases(state),
        replies=MemoryReplies(state),
        keys=MemoryApiKeys(state),
    )


def _check(state: State) -> None:
    """What points at nothing may not be committed."""
    dangling = [
        *({each.prompt_id for each in state.placements.values()} - set(state.prompts)),
        *({each.lineage_id for each in state.placements.values()} - set(state.lineages)),
        *({each.template_id for each in state.placements.values()} - set(state.templates)),
        *({each.lineage_id for each in state.templates.values()} - set(state.lineages)),
        *({each.lineage_id for each in state.events.values()} - set(state.lineages)),
        *({each.family_id for each in state.lineages.values()} - {*state.families, None}),
        *({each.family_id for each in state.prompts.values()} - {*state.families, None}),
        *({each.family_id for each in state.intents.values()} - {*state.families, None}),
        *(set(state.intent_of.values()) - set(state.intents)),
        *({each.collection for each in state.lineages.values()} - set(state.collections)),
        *({each.collection for each in state.families.values()} - set(state.collections)),
        *({each.collection for each in state.sources.values()} - set(state.collections)),
        *({key[0] for key in state.library_versions} - set(state.library)),
        *({key[0] for key in state.library_labels} - set(state.library)),
        *({key[0] for key in state.library_branches} - set(state.library)),
        *({key[0] for key in state.library_carried} - set(state.library)),
        *({each[0] for each in state.library_ratings.values()} - set(state.library)),
    ]
    if dangling:
        raise Conflict(f"something points at what is not there: {dangling[0]}")
