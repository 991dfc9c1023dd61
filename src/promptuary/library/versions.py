"""Versions: how one is made from a branch's newest, how one is named, how two differ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import unified_diff

from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.library import (
    LATEST,
    MAIN,
    LibraryPrompt,
    Origin,
    PromptContent,
    PromptVersion,
    VersionDiff,
    version_id,
)
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class Draft:
    """What shall become a version; a merge names the head that it takes in."""

    content: PromptContent
    branch: str = MAIN
    message: str = ""
    author: str = ""
    origins: tuple[Origin, ...] = ()
    merged: str | None = None


async def commit(
    tx: Transaction, clock: Clock, prompt: LibraryPrompt, draft: Draft
) -> tuple[LibraryPrompt, PromptVersion]:
    """Put the draft on its branch: the prompt as it is then, not yet written, and the version.

    The branch's newest version is kept when it says the same. Raises Conflict for an archived one.
    """
    if prompt.archived:
        raise Conflict(f"{prompt.slug!r} is archived; restore it first")
    heads = await tx.library.branches(prompt.id)
    head = heads.get(draft.branch, prompt.latest)
    version = await _version(tx, clock, prompt, head, draft)
    if version.number > prompt.versions:
        await tx.library.publish([version])
        prompt = replace(prompt, versions=version.number)
    if heads.get(draft.branch) != version.id:
        await tx.library.branch(prompt.id, draft.branch, version.id)
    return (replace(prompt, latest=version.id) if draft.branch == MAIN else prompt), version


async def named(tx: Transaction, prompt: LibraryPrompt, name: str | int) -> PromptVersion:
    """The version of that name: a number (`3`, `v3`), `latest`, a label, a branch, or 7 characters
    or more of an id. Raises NotFound."""
    text = str(name).strip()
    if text == LATEST:
        return await tx.library.version(prompt.id, prompt.latest)
    digits = text.removeprefix("v")
    if digits.isascii() and digits.isdigit() and len(digits) < 7:
        return await tx.library.numbered(prompt.id, int(digits))
    with suppress(NotFound):
        return await tx.library.labelled(prompt.id, text)
    head = (await tx.library.branches(prompt.id)).get(text)
    with suppress(NotFound):
        return await tx.library.version(prompt.id, head or text)
    raise NotFound("version", f"{prompt.slug}@{text}"[:300])


def compare(before: PromptVersion, after: PromptVersion) -> VersionDiff:
    """How two versions differ."""
    old, new = before.content, after.content
    lines = unified_diff(
        list(_lines(old)), list(_lines(new)), f"v{before.number}", f"v{after.number}", lineterm=""
    )
    slots = {each.name: each for each in old.slots}
    later = {each.name: each for each in new.slots}
    return VersionDiff(
        before=before,
        after=after,
        lines=tuple(lines),
        slots_added=tuple(name for name in later if name not in slots),
        slots_removed=tuple(name for name in slots if name not in later),
        slots_changed=tuple(n for n in later if n in slots and slots[n] != later[n]),
        config_changed=old.config != new.config,
    )


def number_of(name: str | int | None) -> str | int:
    """What a caller asks for, `latest` when nothing is said. Raises InvalidInput for no name."""
    if name is None:
        return LATEST
    if not str(name).strip():
        raise InvalidInput("a version needs a name", fields={"version": "is empty"})
    return name


async def _version(
    tx: Transaction, clock: Clock, prompt: LibraryPrompt, head: str, draft: Draft
) -> PromptVersion:
    """The version that says this after that head; a known one when it says the same."""
    if head and draft.merged is None:
        known = await tx.library.version(prompt.id, head)
        if known.content == draft.content:
            return known
    parents = tuple(each for each in (head, draft.merged) if each)
    own = version_id(draft.content, parents)
    with suppress(NotFound):  # two branches may say the same after the same
        return await tx.library.version(prompt.id, own)
    return PromptVersion(
        id=own,
        prompt_id=prompt.id,
        number=prompt.versions + 1,
        branch=draft.branch,
        content=draft.content,
        parents=parents,
        message=draft.message,
        author=draft.author,
        created_at=clock.now(),
        origins=draft.origins,
    )


def _lines(content: PromptContent) -> Iterator[str]:
    yield from content.text.splitlines()
    for turn in content.turns:
        yield f"[{turn.role}]"
        yield from (turn.content or f"<{turn.placeholder}>").splitlines()
