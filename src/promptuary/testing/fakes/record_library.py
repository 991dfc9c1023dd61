"""The fake record's prompt library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.library import (
    AuditEntry,
    Carried,
    Domain,
    Label,
    LibraryPrompt,
    PromptHistory,
    PromptVersion,
    Rating,
    SearchMiss,
    Standing,
    UsageDay,
)
from promptuary.domain.pages import Page
from promptuary.ports._library import Sort
from promptuary.testing.fakes.record_state import State, checked, paged

T = TypeVar("T")
LONGEST_QUERY = 255


class MemoryLibrary:
    """The port `Library`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def get(self, slug: str, tenant: str = "", *, hold: bool = False) -> LibraryPrompt:  # noqa: ARG002 - one writer at a time
        """Raises NotFound."""
        for each in self._state.library.values():
            if (each.slug, each.tenant) == (slug, tenant):
                return each
        raise NotFound("prompt", slug)

    async def some(self, ids: Sequence[str]) -> Sequence[LibraryPrompt]:
        """In the order asked."""
        return [self._state.library[each] for each in ids if each in self._state.library]

    async def create(self, prompt: LibraryPrompt) -> None:
        """Raises Conflict when there is one of its slug."""
        checked(ids=[prompt.id], times=[prompt.created_at, prompt.updated_at], name=prompt.slug)
        known = self._state.write().library
        if any((e.slug, e.tenant) == (prompt.slug, prompt.tenant) for e in known.values()):
            raise Conflict(f"the library has a prompt {prompt.slug!r} already")
        known[prompt.id] = prompt

    async def keep(self, histories: Sequence[PromptHistory]) -> None:
        """As the other methods do."""
        known = self._state.write().library
        if there := [e.prompt.slug for e in histories if e.prompt.id in known]:
            raise Conflict(f"the library has a prompt {there[0]!r} already")
        for each in histories:
            own = each.prompt.id
            await self.create(each.prompt)
            await self.publish(each.versions)
            for label in each.labels:
                await self.point(own, label)
            for name, head in each.branches.items():
                await self.branch(own, name, head)
            await self.rate(own, each.ratings)
            await self.carry(own, each.carried)

    async def change(self, prompt: LibraryPrompt, *, expected: int) -> None:
        """Raises Conflict when its revision is not the expected one."""
        found = self._state.write().library.get(prompt.id)
        if found is None or found.revision != expected:
            raise Conflict(f"{prompt.slug!r} is not at revision {expected} any more")
        self._state.library[prompt.id] = prompt

    async def remove(self, prompt_id: str) -> None:
        """With all that belongs to it."""
        state = self._state.write()
        state.library.pop(prompt_id, None)
        state.library_versions = _without(prompt_id, state.library_versions)
        state.library_labels = _without(prompt_id, state.library_labels)
        state.library_branches = _without(prompt_id, state.library_branches)
        state.library_carried = _without(prompt_id, state.library_carried)
        usage = state.library_usage
        state.library_usage = {key: uses for key, uses in usage.items() if key[0] != prompt_id}
        ratings = state.library_ratings
        state.library_ratings = {at: e for at, e in ratings.items() if e[0] != prompt_id}

    async def list(
        self,
        tenant: str = "",
        *,
        folder: str | None = None,
        tag: str | None = None,
        domain: Domain | None = None,
        archived: bool | None = False,
        sort: Sort = "slug",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[LibraryPrompt]:
        """By slug, newest change first, or most used first."""
        found = [
            each
            for each in self._state.library.values()
            if each.tenant == tenant
            and (folder is None or f"{each.about.folder}/".startswith(f"{folder}/"))
            and (tag is None or tag in each.about.tags)
            and domain in {None, each.about.domain}
            and archived in {None, each.archived}
        ]
        return paged(
            found,
            lambda each: _sorted_by(each, sort),
            scope=f"library {tenant!r} {folder!r} {tag!r} {domain} {archived} {sort}",
            cursor=cursor,
            limit=limit,
            reverse=sort != "slug",
        )

    async def every(self, *, cursor: str | None = None, limit: int = 50) -> Page[LibraryPrompt]:
        """By id."""
        known = self._state.library.values()
        return paged(known, lambda e: (e.id,), scope="library", cursor=cursor, limit=limit)

    async def standing(self, *, after: str = "", limit: int = 5_000) -> Sequence[Standing]:
        """By id."""
        known = sorted(self._state.library.values(), key=lambda each: each.id)
        found = [each for each in known if each.id > after][:limit]
        return [
            Standing(e.id, e.slug, e.tenant, e.revision, e.archived, e.updated_at) for e in found
        ]

    async def publish(self, versions: Sequence[PromptVersion]) -> None:
        """One that the prompt has is left as it is."""
        for each in versions:
            self._state.write().library_versions.setdefault((each.prompt_id, each.id), each)

    async def version(self, prompt_id: str, version_id: str) -> PromptVersion:
        """By a beginning of 7 characters or more."""
        found = [e for e in self._versions(prompt_id) if e.id.startswith(version_id)]
        if len(found) != 1 or len(version_id) < 7:
            raise NotFound("version", version_id)
        return found[0]

    async def numbered(self, prompt_id: str, number: int) -> PromptVersion:
        """Raises NotFound."""
        for each in self._versions(prompt_id):
            if each.number == number:
                return each
        raise NotFound("version", str(number))

    async def labelled(self, prompt_id: str, label: str) -> PromptVersion:
        """Raises NotFound."""
        found = self._state.library_labels.get((prompt_id, label))
        if found is None:
            raise NotFound("version", label)
        return await self.version(prompt_id, found.version_id)

    async def given(
        self, slug: str, label: str | None = None, tenant: str = ""
    ) -> tuple[LibraryPrompt, PromptVersion, Sequence[Label]]:
        """All of it as the other methods have it."""
        prompt = await self.get(slug, tenant)
        if label is None:
            version = await self.version(prompt.id, prompt.latest)
        else:
            version = await self.labelled(prompt.id, label)
        return prompt, version, await self.labels(prompt.id)

    async def newest(self, prompt_ids: Sequence[str]) -> Mapping[str, PromptVersion]:
        """By the ids of the prompts."""
        known = self._state.library_versions
        latest = [(each.id, each.latest) for each in await self.some(prompt_ids)]
        return {key[0]: known[key] for key in latest if key in known}

    async def versions(
        self, prompt_id: str, *, branch: str | None = None, cursor: str | None = None,
        limit: int = 50,
    ) -> Page[PromptVersion]:  # fmt: skip
        """Newest first."""
        return paged(
            [each for each in self._versions(prompt_id) if branch in {None, each.branch}],
            lambda each: (each.number,),
            scope=f"versions {prompt_id} {branch!r}",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )

    async def every_version(
        self, prompt_ids: Sequence[str]
    ) -> Mapping[str, Sequence[PromptVersion]]:
        """By number."""
        known = {each: self._versions(each) for each in prompt_ids}
        return {own: sorted(v, key=lambda one: one.number) for own, v in known.items() if v}

    async def labels(self, prompt_id: str) -> Sequence[Label]:
        """By name."""
        found = [e for key, e in self._state.library_labels.items() if key[0] == prompt_id]
        return sorted(found, key=lambda each: each.name)

    async def point(self, prompt_id: str, label: Label) -> None:
        """Make or move a label."""
        self._state.write().library_labels[prompt_id, label.name] = label

    async def unlabel(self, prompt_id: str, name: str) -> None:
        """An unknown one is ignored."""
        self._state.write().library_labels.pop((prompt_id, name), None)

    async def branches(self, prompt_id: str) -> Mapping[str, str]:
        """By name."""
        known = sorted(self._state.library_branches.items())
        return {name: head for (owner, name), head in known if owner == prompt_id}

    async def branch(self, prompt_id: str, name: str, version_id: str) -> None:
        """Make or move a branch."""
        self._state.write().library_branches[prompt_id, name] = version_id

    async def rate(self, prompt_id: str, ratings: Sequence[Rating]) -> None:
        """Append."""
        for each in ratings:
            self._state.library_ratings[self._state.next_position()] = (prompt_id, each)

    async def ratings(
        self, prompt_id: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Rating]:
        """In the order given."""
        rows = [(at, e) for at, (pid, e) in self._state.library_ratings.items() if pid == prompt_id]
        page = paged(
            rows, lambda row: (row[0],), scope=f"ratings {prompt_id}", cursor=cursor, limit=limit
        )
        return Page(tuple(each for _, each in page.items), page.next_cursor, page.total)

    async def use(self, days: Sequence[UsageDay]) -> None:
        """Prompts that are gone are ignored."""
        state = self._state.write()
        for each in days:
            if found := state.library.get(each.prompt_id):
                more = replace(found, usage_count=found.usage_count + each.uses)
                state.library[each.prompt_id] = more
                key = (each.prompt_id, each.version_id, each.day, each.user)
                state.library_usage[key] = state.library_usage.get(key, 0) + each.uses

    async def usage(self, prompt_id: str, *, since: str = "") -> Sequence[UsageDay]:
        """By day, then version, then user."""
        found = [
            UsageDay(own, version, day, uses, user)
            for (own, version, day, user), uses in self._state.library_usage.items()
            if own == prompt_id and day >= since
        ]
        return sorted(found, key=lambda each: (each.day, each.version_id, each.user))

    async def carry(self, prompt_id: str, carried: Sequence[Carried]) -> None:
        """The last one of a format stays."""
        for each in carried:
            self._state.write().library_carried[prompt_id, each.format] = each

    async def carried(self, prompt_id: str) -> Sequence[Carried]:
        """By format."""
        known = sorted(self._state.library_carried.items())
        return [each for (owner, _), each in known if owner == prompt_id]

    async def note(self, *entries: AuditEntry, tenant: str = "") -> None:
        """Append."""
        for entry in entries:
            self._state.library_audit[self._state.next_position()] = (tenant, entry)

    async def audit(
        self,
        tenant: str = "",
        *,
        prompt_id: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[AuditEntry]:
        """Newest first."""
        rows = [
            (at, entry)
            for at, (owner, entry) in self._state.library_audit.items()
            if owner == tenant and prompt_id in {None, entry.prompt_id}
        ]
        scope = f"audit {tenant!r} {prompt_id}"
        page = paged(
            rows, lambda row: (row[0],), scope=scope, cursor=cursor, limit=limit, reverse=True
        )
        return Page(tuple(each for _, each in page.items), page.next_cursor, page.total)

    async def missed(self, query: str, at: datetime, tenant: str = "") -> None:
        """The first 255 characters are kept."""
        key = (tenant, query[:LONGEST_QUERY])
        found = self._state.write().library_misses.get(key, SearchMiss(key[1], 0, at, at))
        self._state.library_misses[key] = replace(found, count=found.count + 1, last_at=at)

    async def misses(
        self, tenant: str = "", *, cursor: str | None = None, limit: int = 50
    ) -> Page[SearchMiss]:
        """Most frequent first."""
        return paged(
            [each for (owner, _), each in self._state.library_misses.items() if owner == tenant],
            lambda each: (each.count, each.query),
            scope=f"misses {tenant!r}",
            cursor=cursor,
            limit=limit,
            reverse=True,
        )

    def _versions(self, prompt_id: str) -> Sequence[PromptVersion]:
        return [e for key, e in self._state.library_versions.items() if key[0] == prompt_id]


def _sorted_by(prompt: LibraryPrompt, sort: Sort) -> tuple[object, ...]:
    if sort == "slug":
        return (prompt.slug,)
    value = prompt.usage_count if sort == "used" else prompt.updated_at.timestamp()
    return (value, prompt.id)


def _without(prompt_id: str, kept: Mapping[tuple[str, str], T]) -> dict[tuple[str, str], T]:
    return {key: value for key, value in kept.items() if key[0] != prompt_id}
