"""The fake record's lineages, versions, placements, events and families."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import collection_id
from promptuary.domain.templates import EvolutionEvent, Family, Lineage, Placement, Template
from promptuary.testing.fakes.record_state import State, checked, paged


class MemoryTemplates:
    """The port `Templates`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def lineages(self, collection_id: str) -> list[Lineage]:
        """Oldest first."""
        return sorted(self._living(collection_id), key=lambda each: (each.first_seq, each.id))

    async def lineage(self, lineage_id: str) -> Lineage:
        """Raises NotFound."""
        if lineage_id not in self._state.lineages:
            raise NotFound("lineage", lineage_id)
        return self._state.lineages[lineage_id]

    async def some(self, lineage_ids: Sequence[str]) -> Sequence[Lineage]:
        """In the order asked."""
        known = self._state.lineages
        return [known[each] for each in lineage_ids if each in known]

    async def leading_texts(
        self, family_ids: Sequence[str], *, limit: int
    ) -> Mapping[str, Sequence[str]]:
        """Of the largest."""
        texts: dict[str, Sequence[str]] = {}
        for each in family_ids:
            lines = [line for line in self._living(None) if line.family_id == each]
            lines.sort(key=lambda line: (-line.size, line.id))
            if lines:
                texts[each] = [line.template.text for line in lines[:limit]]
        return texts

    async def save_lineages(self, lineages: Sequence[Lineage]) -> None:
        """Write or overwrite by id, with its current template as a version."""
        for each in lineages:
            checked(
                ids=[each.id, each.family_id, each.merged_into],
                times=[each.created_at, each.updated_at],
                name=each.name,
            )
            self._state.write().lineages[each.id] = each
        await self.publish([each.template for each in lineages])

    async def publish(self, templates: Sequence[Template]) -> None:
        """An id that exists is left as it is."""
        for each in templates:
            checked(ids=[each.id, each.lineage_id], times=[each.created_at])
            _numbers(each)
            self._state.write().templates.setdefault(each.id, each)

    async def get(self, template_id: str) -> Template:
        """Raises NotFound."""
        if template_id not in self._state.templates:
            raise NotFound("template", template_id)
        return self._state.templates[template_id]

    async def history(self, lineage_id: str) -> list[Template]:
        """Ascending by version."""
        versions = [t for t in self._state.templates.values() if t.lineage_id == lineage_id]
        if not versions:
            raise NotFound("lineage", lineage_id)
        return sorted(versions, key=_numbers)

    async def place(self, placements: Sequence[Placement]) -> None:
        """One a prompt."""
        for each in placements:
            checked(ids=[each.prompt_id, each.lineage_id, each.template_id])
            self._state.write().placements[each.prompt_id] = each

    async def displace(self, prompt_ids: Sequence[str]) -> None:
        """Unknown ones are ignored."""
        for each in prompt_ids:
            self._state.write().placements.pop(each, None)

    async def placements(self, prompt_ids: Sequence[str]) -> list[Placement]:
        """In the order asked."""
        known = self._state.placements
        return [known[each] for each in prompt_ids if each in known]

    async def tally(self) -> tuple[int, int, int]:
        """Living lineages, lineages ever founded, versions ever published."""
        known = self._state.lineages
        return len(self._living(None)), len(known), len(self._state.templates)

    async def homes(self, prompt_ids: Sequence[str]) -> Mapping[str, str]:
        """Of the placed ones."""
        return {each.prompt_id: each.lineage_id for each in await self.placements(prompt_ids)}

    async def placed_count(self, template_id: str) -> int:
        """How many distinct prompts stand under that version."""
        every = self._state.placements.values()
        return sum(each.template_id == template_id for each in every)

    async def record_events(self, events: Sequence[EvolutionEvent]) -> None:
        """An event id that exists is left as it is."""
        for each in events:
            checked(ids=[each.id, each.lineage_id, each.template_id], times=[each.created_at])
            self._state.write().events.setdefault(each.id, each)

    async def events(self, lineage_id: str) -> list[EvolutionEvent]:
        """Oldest first."""
        told = [each for each in self._state.events.values() if each.lineage_id == lineage_id]
        return sorted(told, key=lambda each: each.created_at)

    def _living(self, collection_id_: str | None) -> list[Lineage]:
        return [
            each
            for each in self._state.lineages.values()
            if each.merged_into is None and collection_id_ in {None, collection_id(each.collection)}
        ]

    async def list(
        self,
        collection_id: str | None = None,
        *,
        family_id: str | None = None,
        sort: Literal["size", "created"] = "size",
        cursor: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Lineage]:
        """Largest (or newest) first."""
        living = self._living(collection_id)
        keys = {
            "size": lambda each: (-each.size, each.id),
            "created": lambda each: (-each.created_at.timestamp(), each.id),
        }
        return paged(
            [each for each in living if family_id in {None, each.family_id}],
            keys[sort],
            scope=f"templates {collection_id} {family_id} {sort}",
            cursor=cursor,
            limit=limit,
            offset=offset,
        )


class MemoryFamilies:
    """The port `Families`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def save(self, families: Sequence[Family]) -> None:
        """Write or overwrite by id."""
        for each in families:
            times = [each.created_at, each.updated_at]
            checked(ids=[each.id, each.parent_id], times=times, name=each.name)
            self._state.write().families[each.id] = each

    async def remove(self, ids: Sequence[str]) -> None:
        """What still names one of them has none afterwards."""
        state = self._state.write()
        gone = {each for each in ids if state.families.pop(each, None)}
        for lineage in list(state.lineages.values()):
            if lineage.family_id in gone:
                state.lineages[lineage.id] = replace(lineage, family_id=None)
        for family in list(state.families.values()):
            if family.parent_id in gone:
                state.families[family.id] = replace(family, parent_id=None)
        for intent in list(state.intents.values()):
            if intent.family_id in gone:
                state.intents[intent.id] = replace(intent, family_id=None)
        for prompt in list(state.prompts.values()):
            if prompt.family_id in gone:
                state.prompts[prompt.id] = replace(prompt, family_id=None)

    async def homes(self, prompt_ids: Sequence[str]) -> Mapping[str, str]:
        """Prompts that belong to none are left out."""
        known = (self._state.prompts.get(each) for each in prompt_ids)
        return {each.id: each.family_id for each in known if each and each.family_id}

    async def adopt(self, homes: Mapping[str, str | None]) -> None:
        """What each prompt belonged to before is forgotten."""
        prompts = self._state.write().prompts
        checked(ids=[*homes, *homes.values()])
        for prompt, family in homes.items():
            if prompt not in prompts:
                raise Conflict(f"no prompt {prompt}")
            prompts[prompt] = replace(prompts[prompt], family_id=family)

    async def some(self, ids: Sequence[str]) -> Sequence[Family]:
        """In the order asked."""
        return [self._state.families[each] for each in ids if each in self._state.families]

    async def get(self, family_id: str) -> Family:
        """Raises NotFound."""
        if family_id not in self._state.families:
            raise NotFound("family", family_id)
        return self._state.families[family_id]

    async def list(
        self,
        collection_id: str | None = None,
        *,
        sort: Literal["size", "created", "name"] = "size",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Family]:
        """Ties by id."""
        keys = {
            "size": lambda each: (-each.size, each.id),
            "created": lambda each: (-each.created_at.timestamp(), each.id),
            "name": lambda each: (each.name, each.id),
        }
        found = [each for each in self._state.families.values() if _in(each, collection_id)]
        scope = f"families {collection_id} {sort}"
        return paged(found, keys[sort], scope=scope, cursor=cursor, limit=limit)


def _in(family: Family, wanted: str | None) -> bool:
    return wanted in {None, collection_id(family.collection)}


def _numbers(template: Template) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in template.version.split("."))
    except ValueError:
        raise InvalidInput(
            f"a version is numbers with dots between, not {template.version!r}"
        ) from None
