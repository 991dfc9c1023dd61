"""The part of the record that holds the prompt library; what `ports/unit_of_work.py` says holds
here too, and of versions: their ids are what `domain.library.version_id` makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

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

Sort: TypeAlias = Literal["slug", "updated", "used"]


class Library(Protocol):
    """Kept prompts with everything that belongs to them. A tenant never sees another's."""

    async def get(self, slug: str, tenant: str = "", *, hold: bool = False) -> LibraryPrompt:
        """Raises NotFound. With `hold` nobody else changes it until this transaction ends."""
        ...

    async def some(self, ids: Sequence[str]) -> Sequence[LibraryPrompt]:
        """The prompts that exist, of any tenant, in the order asked."""
        ...

    async def create(self, prompt: LibraryPrompt) -> None:
        """Raises Conflict when there is one of its slug, and then changes nothing."""
        ...

    async def keep(self, histories: Sequence[PromptHistory]) -> None:
        """Create prompts with all that belongs to each, as many at once as are given, of different
        slugs. Raises Conflict when the slug of one is there, and then changes nothing."""
        ...

    async def change(self, prompt: LibraryPrompt, *, expected: int) -> None:
        """Overwrite it, by id. Raises Conflict when its revision is not the expected one."""
        ...

    async def remove(self, prompt_id: str) -> None:
        """Forget it and all that belongs to it but its audit trail; an unknown one is ignored."""
        ...

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
        """By slug, newest change first, or most used first. A folder holds those inside it; with
        `archived=None` archived ones are listed among the others."""
        ...

    async def every(self, *, cursor: str | None = None, limit: int = 50) -> Page[LibraryPrompt]:
        """Those of all tenants, archived ones too, by id."""
        ...

    async def standing(self, *, after: str = "", limit: int = 5_000) -> Sequence[Standing]:
        """How the prompts of all tenants stand, archived ones too, by id, beginning after `after`:
        far cheaper than the prompts themselves."""
        ...

    async def publish(self, versions: Sequence[PromptVersion]) -> None:
        """Add versions; one that the prompt has is left as it is (versions never change)."""
        ...

    async def version(self, prompt_id: str, version_id: str) -> PromptVersion:
        """By the whole id, or by a beginning of it of 7 characters or more that is no other's.
        Raises NotFound."""
        ...

    async def numbered(self, prompt_id: str, number: int) -> PromptVersion:
        """Raises NotFound."""
        ...

    async def labelled(self, prompt_id: str, label: str) -> PromptVersion:
        """The version that a label points at. Raises NotFound."""
        ...

    async def given(
        self, slug: str, label: str | None = None, tenant: str = ""
    ) -> tuple[LibraryPrompt, PromptVersion, Sequence[Label]]:
        """A prompt with the version that a label points at (None: its latest) and its labels by
        name: what is asked for again and again, in one question. Raises NotFound."""
        ...

    async def newest(self, prompt_ids: Sequence[str]) -> Mapping[str, PromptVersion]:
        """The version that each of these prompts, by id, calls its latest."""
        ...

    async def versions(
        self, prompt_id: str, *, branch: str | None = None, cursor: str | None = None,
        limit: int = 50,
    ) -> Page[PromptVersion]:  # fmt: skip
        """Newest (highest number) first."""
        ...

    async def every_version(
        self, prompt_ids: Sequence[str]
    ) -> Mapping[str, Sequence[PromptVersion]]:
        """All versions of each of these prompts, by its id, in the order of their numbers."""
        ...

    async def labels(self, prompt_id: str) -> Sequence[Label]:
        """By name; `latest` is none of them."""
        ...

    async def point(self, prompt_id: str, label: Label) -> None:
        """Make or move a label."""
        ...

    async def unlabel(self, prompt_id: str, name: str) -> None:
        """An unknown one is ignored."""
        ...

    async def branches(self, prompt_id: str) -> Mapping[str, str]:
        """The newest version of each branch, by its name."""
        ...

    async def branch(self, prompt_id: str, name: str, version_id: str) -> None:
        """Make or move a branch."""
        ...

    async def rate(self, prompt_id: str, ratings: Sequence[Rating]) -> None:
        """Append; what the prompt says of its ratings is the caller's to change."""
        ...

    async def ratings(
        self, prompt_id: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Rating]:
        """In the order given."""
        ...

    async def use(self, days: Sequence[UsageDay]) -> None:
        """Add to the counts of these days and users and to the prompts' own; prompts that are gone
        are ignored, and no revision rises."""
        ...

    async def usage(self, prompt_id: str, *, since: str = "") -> Sequence[UsageDay]:
        """By day, then version, then user, from that day on: nobody known is first."""
        ...

    async def carry(self, prompt_id: str, carried: Sequence[Carried]) -> None:
        """Keep what formats say, one text a format; the last one stays."""
        ...

    async def carried(self, prompt_id: str) -> Sequence[Carried]:
        """By format."""
        ...

    async def note(self, *entries: AuditEntry, tenant: str = "") -> None:
        """Append to the audit trail, which nothing ever changes."""
        ...

    async def audit(
        self,
        tenant: str = "",
        *,
        prompt_id: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[AuditEntry]:
        """Newest first."""
        ...

    async def missed(self, query: str, at: datetime, tenant: str = "") -> None:
        """Somebody looked for these words and found nothing; the first 255 characters are kept."""
        ...

    async def misses(
        self, tenant: str = "", *, cursor: str | None = None, limit: int = 50
    ) -> Page[SearchMiss]:
        """Most frequent first."""
        ...
