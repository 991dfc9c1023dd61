"""The fake record's prompts that people keep together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptuary.domain.errors import Conflict
from promptuary.domain.prompts import collection_id as id_of
from promptuary.domain.templates import Intent
from promptuary.testing.fakes.record_state import State, checked


class MemoryIntents:
    """The port `Intents`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def of(self, collection_id: str) -> list[Intent]:
        """By `created_at`, then id."""
        every = self._state.intents.values()
        here = [i for i in every if id_of(i.collection) == collection_id and not i.merged_into]
        return sorted(here, key=lambda each: (each.created_at, each.id))

    async def some(self, ids: Sequence[str]) -> Sequence[Intent]:
        """In the order asked."""
        return [self._state.intents[each] for each in ids if each in self._state.intents]

    async def save(self, intents: Sequence[Intent]) -> None:
        """Write or overwrite by id."""
        for each in intents:
            times = [each.created_at, each.updated_at]
            checked(ids=[each.id, each.family_id, each.merged_into], times=times, name=each.name)
            self._state.write().intents[each.id] = each

    async def forget(self, ids: Sequence[str]) -> None:
        """Their prompts are of none afterwards."""
        state = self._state.write()
        gone = {each for each in ids if state.intents.pop(each, None)}
        kept = {key: home for key, home in state.intent_of.items() if home not in gone}
        state.intent_of = kept

    async def hold(self, homes: Mapping[str, str | None]) -> None:
        """What each prompt was of before is forgotten."""
        state = self._state.write()
        checked(ids=[*homes, *homes.values()])
        for prompt, intent in homes.items():
            if prompt not in state.prompts:
                raise Conflict(f"no prompt {prompt}")
            state.intent_of.pop(prompt, None)
            if intent is not None:
                state.intent_of[prompt] = intent

    async def homes(self, prompt_ids: Sequence[str]) -> Mapping[str, str]:
        """Prompts that are of none are left out."""
        known = self._state.intent_of
        return {each: known[each] for each in prompt_ids if each in known}
