"""The fake record's collections and prompts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import isfinite

from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import (
    Collection,
    ModerationStatus,
    NewPrompt,
    Occurrence,
    Prompt,
    Saved,
    collection_id,
)
from promptuary.testing.fakes.record_state import State, checked, paged


class MemoryCollections:
    """The port `Collections`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def ensure(self, name: str) -> Collection:
        """The collection of that name, made if there was none."""
        if name not in self._state.collections:
            checked(name=name)
            made = Collection(collection_id(name), name, 0, 0, datetime.now(UTC))
            self._state.write().collections[name] = made
        return self._state.collections[name]

    async def get(self, name: str) -> Collection:
        """Raises NotFound."""
        if name not in self._state.collections:
            raise NotFound("collection", name)
        return self._state.collections[name]

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[Collection]:
        """By name."""
        every = self._state.collections.values()
        return paged(every, lambda c: (c.name,), scope="collections", cursor=cursor, limit=limit)

    async def mark_placed(self, collection_id: str, seq: int, *, expected: int) -> None:
        """Raises Conflict when `placed_seq` stands elsewhere."""
        found = self._state.write().collection(collection_id)
        if found is None:
            raise NotFound("collection", collection_id)
        if found.placed_seq != expected:
            raise Conflict(f"placed up to {found.placed_seq}, not {expected}")
        self._state.collections[found.name] = replace(found, placed_seq=seq)


class MemoryPrompts:
    """The port `Prompts`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, collection_id: str, prompts: Sequence[NewPrompt]) -> list[Saved]:
        """All of them or, on a Conflict, none."""
        home = self._state.write().collection(collection_id)
        if home is None:
            raise NotFound("collection", collection_id)
        owners = {key: seen.prompt_id for (_, key), seen in self._of(collection_id)}
        for prompt in prompts:
            _check(prompt)
            if owners.setdefault(prompt.key, prompt.id) != prompt.id:
                raise Conflict(f"the occurrence {prompt.key!r} is known with another text")
        return [self._add(home.name, collection_id, prompt) for prompt in prompts]

    def _add(self, name: str, collection_id: str, prompt: NewPrompt) -> Saved:
        where = (collection_id, prompt.key)
        if where in self._state.occurrences:
            return Saved(prompt.id, new_text=False, new_occurrence=False)
        self._state.occurrences[where] = Occurrence(prompt.key, prompt.id, prompt.created_at)
        old = self._state.prompts.get(prompt.id)
        if old is not None:
            latest = max(old.updated_at, prompt.created_at)
            self._state.prompts[prompt.id] = replace(old, count=old.count + 1, updated_at=latest)
            return Saved(prompt.id, new_text=False, new_occurrence=True)
        home = self._state.collections[name]
        self._state.collections[name] = replace(home, last_seq=home.last_seq + 1)
        self._state.prompts[prompt.id] = Prompt(
            id=prompt.id,
            collection=name,
            seq=home.last_seq + 1,
            text=prompt.text,
            status=prompt.verdict.status,
            verdict=prompt.verdict,
            count=1,
            created_at=prompt.created_at.astimezone(UTC),
            updated_at=prompt.created_at.astimezone(UTC),
            source=prompt.source,
            metadata=dict(prompt.metadata),
        )
        return Saved(prompt.id, new_text=True, new_occurrence=True)

    async def get(self, ids: Sequence[str]) -> list[Prompt]:
        """In the order asked."""
        return [self._state.prompts[each] for each in ids if each in self._state.prompts]

    async def after(
        self, collection_id: str, seq: int, *, limit: int, until: int | None = None
    ) -> list[Prompt]:
        """Ascending."""
        rest = [p for p in self._within(collection_id) if p.seq > seq]
        return [p for p in rest if until is None or p.seq <= until][:limit]

    async def alone(self, collection_id: str, *, until: int, limit: int) -> list[Prompt]:
        """The newest of them, ascending."""
        return [p for p in self._unplaced(collection_id) if p.seq <= until][-limit:]

    async def under(self, lineage_ids: Sequence[str], *, until: int) -> Sequence[Prompt]:
        """By seq."""
        homes = {key: p.lineage_id for key, p in self._state.placements.items()}
        every = [p for p in self._state.prompts.values() if homes.get(p.id) in lineage_ids]
        return sorted((p for p in every if p.seq <= until), key=lambda p: (p.seq, p.id))

    async def tally(self, collection_id: str, *, after: int) -> tuple[int, int]:
        """How many are placed, how many are not."""
        safe = [p for p in self._within(collection_id) if not p.aside and p.seq > after]
        left = sum(p.id not in self._state.placements for p in safe)
        return len(safe) - left, left

    def occurrences(self, collection_id: str) -> AsyncIterator[Occurrence]:
        """In order of arrival."""
        return _streamed([seen for _, seen in self._of(collection_id)])

    def _of(self, collection_id: str) -> list[tuple[tuple[str, str], Occurrence]]:
        every = self._state.occurrences.items()
        return [(where, seen) for where, seen in every if where[0] == collection_id]

    def _within(self, collection_id: str) -> list[Prompt]:
        home = self._state.collection(collection_id)
        every = self._state.prompts.values()
        return [prompt for prompt in every if home and prompt.collection == home.name]

    def _unplaced(self, collection_id: str) -> list[Prompt]:
        within = self._within(collection_id)
        return [p for p in within if not p.aside and p.id not in self._state.placements]

    async def list(
        self,
        collection_id: str | None = None,
        *,
        status: ModerationStatus | None = None,
        lineage_id: str | None = None,
        family_id: str | None = None,
        intent_id: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Prompt]:
        """Newest first."""
        found = [
            prompt
            for prompt in self._state.prompts.values()
            if collection_id in {None, self._state.collections[prompt.collection].id}
            and _has(prompt, status)
            and (lineage_id is None or self._lineage_of(prompt) == lineage_id)
            and family_id in {None, prompt.family_id}
            and intent_id in {None, self._state.intent_of.get(prompt.id)}
        ]
        return paged(
            found,
            lambda p: (p.collection, p.seq),
            scope=f"prompts {collection_id} {status} {lineage_id} {family_id} {intent_id}",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )

    def _lineage_of(self, prompt: Prompt) -> str | None:
        placement = self._state.placements.get(prompt.id)
        return placement.lineage_id if placement else None


def _check(prompt: NewPrompt) -> None:
    checked(ids=[prompt.id], times=[prompt.created_at])
    for value in prompt.metadata.values():
        if isinstance(value, float) and not isfinite(value):
            raise InvalidInput(f"this cannot be stored: {value}")


async def _streamed(occurrences: Sequence[Occurrence]) -> AsyncIterator[Occurrence]:
    for occurrence in occurrences:
        yield occurrence


def _has(prompt: Prompt, status: ModerationStatus | None) -> bool:
    """Masked prompts are among the safe ones."""
    return status in {None, prompt.status} or (status == "safe" and not prompt.aside)
