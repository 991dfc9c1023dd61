"""A prompt with everything that belongs to it, out of one library and into another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.library import (
    MAIN,
    AuditEntry,
    LibraryPrompt,
    PromptHistory,
    PromptVersion,
    Rating,
    library_prompt_id,
    version_id,
)
from promptuary.domain.pages import each_page
from promptuary.domain.slugs import checked_name, checked_slug
from promptuary.library.changing import Opened
from promptuary.library.contents import checked_content
from promptuary.ports.unit_of_work import Transaction

AT_ONCE = 500


async def export_history(self: Opened, slug: str, *, tenant: str = "") -> PromptHistory:
    """Everything of one prompt at one moment. Raises NotFound."""
    async with self._record.read() as tx:
        prompt = await tx.library.get(slug, tenant)
        return PromptHistory(
            prompt=prompt,
            versions=await every_version(tx, prompt.id),
            labels=tuple(await tx.library.labels(prompt.id)),
            branches=await tx.library.branches(prompt.id),
            ratings=await every_rating(tx, prompt.id),
            carried=tuple(await tx.library.carried(prompt.id)),
        )


async def import_history(
    self: Opened,
    history: PromptHistory,
    *,
    author: str = "",
    replace_it: bool = False,
    tenant: str = "",
) -> LibraryPrompt:
    """Keep a prompt as it was elsewhere: its times, counts, versions, labels and ratings.

    Twice is once. A known prompt whose versions all are among these becomes what is given; any
    other of that slug raises Conflict, unless `replace_it` says to give it up. Raises InvalidInput
    for a history that does not hold together: then nothing is written.
    """
    wanted = checked_history(history, tenant)
    async with self._record.begin() as tx:
        try:
            known = await tx.library.get(wanted.prompt.slug, tenant, hold=True)
        except NotFound:
            known = None
        if known is not None:
            before = await every_version(tx, known.id)
            unheard = {each.id for each in before} - {each.id for each in wanted.versions}
            if unheard and not replace_it:
                raise Conflict(
                    f"the library has another {known.slug!r}, with {len(unheard)} versions that "
                    "the import lacks; import it under another slug, or replace it"
                )
            await tx.library.remove(known.id)
        await _written(self, tx, [wanted], author, tenant)
    self._changed()
    return wanted.prompt


async def keep_histories(
    self: Opened, histories: Sequence[PromptHistory], *, author: str = "", tenant: str = ""
) -> None:
    """Keep prompts of different slugs that the library does not know, all or none of them; each
    must have been through `checked_history`. Raises Conflict when it knows one meanwhile."""
    async with self._record.begin() as tx:
        await _written(self, tx, histories, author, tenant)
    self._changed()


async def _written(
    self: Opened, tx: Transaction, histories: Sequence[PromptHistory], author: str, tenant: str
) -> None:
    now = self._clock.now()
    await tx.library.keep(histories)
    noted = [
        AuditEntry(
            own.id, own.slug, "imported", f"{own.versions} versions", author, own.revision, now
        )
        for own in (each.prompt for each in histories)
    ]
    await tx.library.note(*noted, tenant=tenant)
    await tx.outbox.add("library", [each.prompt.id for each in histories])


def checked_history(history: PromptHistory, tenant: str) -> PromptHistory:
    """The history as this tenant keeps it. Raises InvalidInput for what does not hold together."""
    slug = checked_slug(history.prompt.slug)
    own = library_prompt_id(slug, tenant)
    versions = tuple(replace(each, prompt_id=own) for each in history.versions)
    if not versions or [each.number for each in versions] != list(range(1, len(versions) + 1)):
        raise _wrong("the versions are not numbered 1, 2, 3 and so on")
    known: set[str] = set()
    for each in versions:
        checked_content(each.content)
        if each.id != version_id(each.content, each.parents):
            raise _wrong(f"version {each.number} does not say what its id stands for")
        if not known.issuperset(each.parents):
            raise _wrong(f"version {each.number} comes from one that is not there")
        known.add(each.id)
    branches = dict(history.branches) or {MAIN: versions[-1].id}
    for label in history.labels:
        checked_name("label", label.name)
    pointed = {*branches.values(), *(each.version_id for each in history.labels)}
    pointed |= {each.version_id for each in history.ratings}
    if pointed - known:
        raise _wrong("a label, branch or rating points at a version that is not there")
    latest = branches.get(MAIN, versions[-1].id)
    prompt = replace(
        history.prompt, id=own, tenant=tenant, versions=len(versions), latest=latest,
        revision=max(history.prompt.revision, 1),
    )  # fmt: skip
    return replace(history, prompt=prompt, versions=versions, branches=branches)


async def every_version(tx: Transaction, prompt_id: str) -> tuple[PromptVersion, ...]:
    """By number."""
    pages = each_page(lambda at: tx.library.versions(prompt_id, cursor=at, limit=AT_ONCE))
    newest_first = [each async for page in pages for each in page.items]
    return tuple(reversed(newest_first))


async def every_rating(tx: Transaction, prompt_id: str) -> tuple[Rating, ...]:
    """In the order given."""
    pages = each_page(lambda at: tx.library.ratings(prompt_id, cursor=at, limit=AT_ONCE))
    return tuple([each async for page in pages for each in page.items])


def _wrong(what: str) -> InvalidInput:
    return InvalidInput(f"this history cannot be kept: {what}", fields={"history": what})
