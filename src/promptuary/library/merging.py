"""Bringing what was changed on one branch into another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.library import MAIN, KeptPrompt, LibraryPrompt, PromptContent, PromptVersion
from promptuary.domain.slugs import checked_name
from promptuary.library.changing import Done, Opened, changed, changing
from promptuary.library.contents import checked_content
from promptuary.library.histories import every_version
from promptuary.library.including import gathered
from promptuary.library.labels import every_label
from promptuary.library.three_way import Side, merge
from promptuary.library.versions import Draft, commit
from promptuary.ports.unit_of_work import Transaction


async def merge_branch(
    self: Opened,
    slug: str,
    branch: str,
    into: str = MAIN,
    *,
    prefer: Side | None = None,
    message: str = "",
    author: str = "",
    expected_revision: int | None = None,
    tenant: str = "",
) -> KeptPrompt:
    """Bring the branch into another: a version with two parents, or the branch's own newest where
    nothing else had changed.

    Where both changed the same, and differently, that is a Conflict that names it, unless `prefer`
    says whose change counts there. Raises NotFound for a branch.
    """
    checked_name("branch", branch)
    async with changing(self, slug, tenant, expected_revision) as (tx, before):
        heads = await tx.library.branches(before.id)
        for name in (branch, into):
            if name not in heads:
                raise NotFound("branch", f"{slug}@{name}")
        draft = Draft(PromptContent(), into, message or f"merge {branch}", author)
        both = (heads[into], heads[branch])
        prompt, version = await _merged(self, tx, before, both, draft, prefer)
        await gathered(tx, slug, version, tenant)
        if heads[into] != version.id:
            done = Done("merged", author, f"{branch} -> {into}: v{version.number}")
            prompt = await changed(tx, self._clock, before, prompt, done)
        return KeptPrompt(prompt, version, await every_label(tx, prompt))


async def _merged(
    self: Opened,
    tx: Transaction,
    prompt: LibraryPrompt,
    heads: tuple[str, str],
    draft: Draft,
    prefer: Side | None,
) -> tuple[LibraryPrompt, PromptVersion]:
    """The prompt as it is then, and the version that the first head's branch ends in."""
    known = {each.id: each for each in await every_version(tx, prompt.id)}
    ours, theirs = heads
    base = _common(known, ours, theirs)
    if base == theirs:
        return prompt, known[ours]
    if base == ours:
        await tx.library.branch(prompt.id, draft.branch, theirs)
        after = replace(prompt, latest=theirs) if draft.branch == MAIN else prompt
        return after, known[theirs]
    old, mine, other = (known[each].content for each in (base, ours, theirs))
    made = merge(old, mine, other, prefer=prefer or "ours")
    if made.conflicts and prefer is None:
        told = "; ".join(made.conflicts[:5])
        raise Conflict(f"both branches changed the same: {told}; say whose change counts")
    content = checked_content(made.content)
    self._renderer.compiled(content)
    draft = replace(draft, content=content, merged=theirs)
    return await commit(tx, self._clock, prompt, draft)


def _common(known: Mapping[str, PromptVersion], ours: str, theirs: str) -> str:
    """The newest version that both come from; versions come after their parents by number."""
    above = _ancestors(known, ours) & _ancestors(known, theirs)
    if not above:
        raise Conflict("the branches have no version in common")
    return max(above, key=lambda each: known[each].number)


def _ancestors(known: Mapping[str, PromptVersion], head: str) -> set[str]:
    found: set[str] = set()
    waiting = [head]
    while waiting:
        if (each := waiting.pop()) not in found:
            found.add(each)
            waiting += known[each].parents
    return found
