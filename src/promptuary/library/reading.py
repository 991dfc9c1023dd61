"""What can be asked of kept prompts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from promptuary.domain.library import (
    LATEST,
    AuditEntry,
    Domain,
    KeptPrompt,
    LibraryPrompt,
    PromptVersion,
    Rating,
    SearchMiss,
    VersionDiff,
)
from promptuary.domain.pages import Page
from promptuary.library.changing import Opened
from promptuary.library.labels import every_label, latest
from promptuary.library.versions import compare, named, number_of
from promptuary.ports._library import Sort
from promptuary.ports.unit_of_work import Transaction

Name: TypeAlias = str | int
"""A number (`3`, `v3`), `latest`, a label, a branch, or 7 characters or more of an id."""


async def get(
    self: Opened,
    slug: str,
    version: Name | None = None,
    *,
    label: str | None = None,
    count: bool = True,
    user: str = "",
    tenant: str = "",
) -> KeptPrompt:
    """A prompt with the version of that name, the latest unless said; a `label` is one of them.

    It is counted as used by the `user`, unless `count` is off. Raises NotFound.
    """
    async with self._record.read() as tx:
        kept = await get_in(tx, slug, version, label, tenant)
    if count:
        self._uses.count(kept.prompt.id, kept.version.id, user)
    return kept


async def get_in(
    tx: Transaction, slug: str, version: Name | None, label: str | None, tenant: str
) -> KeptPrompt:
    """`get`, within a transaction."""
    if label == LATEST:
        label = version = None
    if label is not None or number_of(version) == LATEST:
        prompt, found, labels = await tx.library.given(slug, label, tenant)
        return KeptPrompt(prompt, found, (latest(prompt), *labels))
    prompt = await tx.library.get(slug, tenant)
    return KeptPrompt(
        prompt, await named(tx, prompt, number_of(version)), await every_label(tx, prompt)
    )


async def versions(
    self: Opened,
    slug: str,
    *,
    branch: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
    tenant: str = "",
) -> Page[PromptVersion]:
    """Newest first. Raises NotFound for the prompt."""
    async with self._record.read() as tx:
        own = (await tx.library.get(slug, tenant)).id
        return await tx.library.versions(own, branch=branch, cursor=cursor, limit=limit)


async def branches(self: Opened, slug: str, *, tenant: str = "") -> Mapping[str, PromptVersion]:
    """The newest version of each branch, by its name. Raises NotFound."""
    async with self._record.read() as tx:
        own = (await tx.library.get(slug, tenant)).id
        heads = await tx.library.branches(own)
        return {name: await tx.library.version(own, head) for name, head in heads.items()}


async def diff(
    self: Opened, slug: str, before: Name, after: Name = LATEST, *, tenant: str = ""
) -> VersionDiff:
    """How two versions of a prompt differ. Raises NotFound."""
    async with self._record.read() as tx:
        prompt = await tx.library.get(slug, tenant)
        return compare(await named(tx, prompt, before), await named(tx, prompt, after))


async def listed(
    self: Opened,
    *,
    folder: str | None = None,
    tag: str | None = None,
    domain: Domain | None = None,
    archived: bool | None = False,
    sort: Sort = "slug",
    cursor: str | None = None,
    limit: int = 50,
    tenant: str = "",
) -> Page[LibraryPrompt]:
    """By slug, newest change first, or most used first. A folder holds those inside it too; with
    `archived=None` archived ones are among the others."""
    where = {"folder": folder, "tag": tag}
    async with self._record.read() as tx:
        return await tx.library.list(
            tenant, **where, domain=domain, archived=archived, sort=sort, cursor=cursor, limit=limit
        )


async def audit(
    self: Opened,
    slug: str | None = None,
    *,
    cursor: str | None = None,
    limit: int = 50,
    tenant: str = "",
) -> Page[AuditEntry]:
    """Who did what, newest first: to one prompt, or to all. Raises NotFound."""
    async with self._record.read() as tx:
        own = None if slug is None else (await tx.library.get(slug, tenant)).id
        return await tx.library.audit(tenant, prompt_id=own, cursor=cursor, limit=limit)


async def ratings(
    self: Opened, slug: str, *, cursor: str | None = None, limit: int = 50, tenant: str = ""
) -> Page[Rating]:
    """In the order given. Raises NotFound."""
    async with self._record.read() as tx:
        own = (await tx.library.get(slug, tenant)).id
        return await tx.library.ratings(own, cursor=cursor, limit=limit)


async def misses(
    self: Opened, *, cursor: str | None = None, limit: int = 50, tenant: str = ""
) -> Page[SearchMiss]:
    """What was looked for and not found, most frequent first."""
    async with self._record.read() as tx:
        return await tx.library.misses(tenant, cursor=cursor, limit=limit)
