"""The path of a save, and what else is written about a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.library import (
    MAIN,
    About,
    KeptPrompt,
    LibraryPrompt,
    Origin,
    PromptContent,
    library_prompt_id,
)
from promptuary.domain.slugs import checked_name, checked_slug
from promptuary.library.changing import Done, Opened, changed, changing, check_revision
from promptuary.library.contents import checked_about, checked_content
from promptuary.library.including import gathered
from promptuary.library.labels import Pointing, every_label, move
from promptuary.library.versions import Draft, commit
from promptuary.ports.unit_of_work import Transaction


async def save(
    self: Opened,
    slug: str,
    content: PromptContent | str,
    *,
    about: About | None = None,
    message: str = "",
    author: str = "",
    branch: str = MAIN,
    labels: Sequence[str] = (),
    override: bool = False,
    expected_revision: int | None = None,
    origins: Sequence[Origin] = (),
    tenant: str = "",
) -> KeptPrompt:
    """Keep what a prompt says: as a new prompt, or as the next version on a branch of a known one.

    A bare text goes on from the branch's newest version: what that declares of slots, its syntax
    and configuration stay, without the slots that the text names no more.
    The same content as the branch has is no new version; what is said `about` it, and its labels,
    change all the same. An unknown branch begins at the latest version. Raises InvalidInput,
    TooLarge; Conflict when the prompt is not at `expected_revision` (0: it does not exist) or is
    archived; Forbidden for a protected label without `override`.
    """
    checked_slug(slug)
    checked_name("branch", branch)
    said = None if isinstance(content, str) else _fit(self, content)
    async with self._record.begin() as tx:
        before = await _held_or_founded(self, tx, slug, tenant)
        check_revision(before, expected_revision)
        whole = said or await _going_on(self, tx, before, branch, str(content))
        draft = Draft(whole, branch, message, author, tuple(origins))
        prompt, version = await commit(tx, self._clock, before, draft)
        await gathered(tx, slug, version, tenant)
        if about is not None or not before.versions:
            prompt = replace(prompt, about=checked_about(about, slug))
        for name in dict.fromkeys(labels):
            await move(tx, self._clock, before, Pointing(name, version.id, author, override))
        if prompt != before or labels:
            done = Done("saved" if before.versions else "created", author, message)
            prompt = await changed(tx, self._clock, before, prompt, done)
        found = KeptPrompt(prompt, version, await every_label(tx, prompt))
    self._changed()
    return found


async def describe(
    self: Opened,
    slug: str,
    about: About,
    *,
    author: str = "",
    expected_revision: int | None = None,
    tenant: str = "",
) -> LibraryPrompt:
    """Change what is said about a prompt. Raises NotFound, InvalidInput, Conflict."""
    about = checked_about(about, slug)
    async with changing(self, slug, tenant, expected_revision) as (tx, before):
        if before.about == about:
            return before
        after = replace(before, about=about)
        return await changed(tx, self._clock, before, after, Done("described", author))


async def archive(
    self: Opened,
    slug: str,
    *,
    author: str = "",
    expected_revision: int | None = None,
    tenant: str = "",
) -> LibraryPrompt:
    """Take a prompt out of lists and searches. Who asks for it by its slug still gets it."""
    return await _archived(self, slug, True, author, expected_revision, tenant)


async def restore(
    self: Opened,
    slug: str,
    *,
    author: str = "",
    expected_revision: int | None = None,
    tenant: str = "",
) -> LibraryPrompt:
    """Bring an archived prompt back."""
    return await _archived(self, slug, False, author, expected_revision, tenant)


async def _archived(
    self: Opened, slug: str, archived: bool, author: str, expected: int | None, tenant: str
) -> LibraryPrompt:
    async with changing(self, slug, tenant, expected) as (tx, before):
        if before.archived == archived:
            return before
        after = replace(before, archived=archived)
        done = Done("archived" if archived else "restored", author)
        return await changed(tx, self._clock, before, after, done)


def _fit(self: Opened, content: PromptContent) -> PromptContent:
    """The content, if it can be kept and rendered. Raises InvalidInput, TooLarge."""
    self._renderer.compiled(checked_content(content))
    return content


async def _going_on(
    self: Opened, tx: Transaction, before: LibraryPrompt, branch: str, text: str
) -> PromptContent:
    """That text with all else as the branch's newest version has it. A slot that the newest text
    does not name is of what it includes, and stays."""
    head = (await tx.library.branches(before.id)).get(branch, before.latest)
    if not head:
        return _fit(self, PromptContent(text))
    was = (await tx.library.version(before.id, head)).content
    content = _fit(self, replace(was, text=text, turns=()))
    old, new = (self._renderer.compiled(each).names for each in (was, content))
    gone = set(old) - set(new)
    return replace(content, slots=tuple(slot for slot in was.slots if slot.name not in gone))


async def _held_or_founded(self: Opened, tx: Transaction, slug: str, tenant: str) -> LibraryPrompt:
    """The prompt of that slug; one that is empty yet, and belongs to this transaction, if none."""
    with suppress(NotFound):
        return await tx.library.get(slug, tenant, hold=True)
    now = self._clock.now()
    founded = LibraryPrompt(
        id=library_prompt_id(slug, tenant),
        slug=slug,
        about=About(title=""),
        revision=0,
        versions=0,
        latest="",
        usage_count=0,
        ratings=0,
        average_rating=None,
        archived=False,
        created_at=now,
        updated_at=now,
        tenant=tenant,
    )
    with suppress(Conflict):  # somebody else was quicker, and has committed by now
        await tx.library.create(founded)
    return await tx.library.get(slug, tenant, hold=True)
