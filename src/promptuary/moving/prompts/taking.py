"""What the older store holds comes into the library; what differs is put right on either side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from promptuary.domain.errors import Conflict, InvalidInput, TooLarge
from promptuary.domain.library import (
    MAIN,
    AuditEntry,
    LibraryPrompt,
    PromptHistory,
    PromptVersion,
    version_id,
)
from promptuary.domain.older_prompts import OlderPrompt, OlderSaid
from promptuary.library.older_prompts import (
    ORIGIN,
    UNKNOWN,
    about_of,
    content_of,
    origin_of,
    read_older,
    slug_of_older,
)
from promptuary.moving.prompts.relaying import owed, send
from promptuary.moving.prompts.sides import BATCH, Both, Ours

TAKEN = "taken from the older store"


async def take_new(
    both: Both, said: Mapping[str, OlderSaid], twins: Mapping[str, Sequence[str]], now: datetime
) -> int:
    """Keep prompts that nobody knows here yet, all in one transaction; `twins` are other ids of the
    older store that say the same. One that is known by now is left as it is. How many were kept."""
    names = {number: both.named(number) for number in said}
    async with both.record.begin() as tx:
        known = {each.id for each in await tx.library.some(list(names.values()))}
        fresh = {number: each for number, each in said.items() if names[number] not in known}
        made = [_new(both, n, each, twins.get(n, ()), now) for n, each in fresh.items()]
        await tx.library.keep(made)
        noted = [
            AuditEntry(own.id, own.slug, "imported", TAKEN, "", 1, now)
            for own in (each.prompt for each in made)
        ]
        await tx.library.note(*noted, tenant=both.tenant)
        await tx.outbox.add("library", [names[number] for number in fresh])
    return len(fresh)


async def put_right(
    both: Both, ids: Iterable[str], now: datetime, *, switched: bool, emptied: bool
) -> int:
    """Put both sides right where they differ; how many were. Until the move has `switched` what the
    older store says counts, unless it was `emptied`; from then on what the library says."""
    done, wrong = 0, list(ids)
    await both.first_here()
    for start in range(0, len(wrong), BATCH):
        some = wrong[start : start + BATCH]
        done += await _put_some_right(both, some, now, ours_count=switched or emptied)
    return done


async def _put_some_right(both: Both, ids: list[str], now: datetime, *, ours_count: bool) -> int:
    async with both.record.read() as tx:
        kept = await both.ours(tx, ids)
    # Read after the library was: what the relay will see to, and what is newer there than here,
    # which was written there.
    left = set() if ours_count else await owed(both)
    there = {each.id: each for each in await both.archive.get(ids)}
    done, new = 0, dict[str, OlderSaid]()
    for number in ids:
        said, mine = _said(there.get(number)), kept.get(number)
        if mine is None:
            new |= {} if said is None else {number: said}
        elif mine.prompt.id not in left:
            with suppress(Conflict):  # somebody changes it this moment; the next look sees to it
                await _put_right(both, number, mine, there.get(number), ours_count=ours_count)
                done += 1
    with suppress(Conflict):  # as above
        done += await take_new(both, new, {}, now)
    return done


async def _put_right(
    both: Both, number: str, kept: Ours, entry: OlderPrompt | None, *, ours_count: bool
) -> None:
    said = _said(entry)
    if ours_count or (entry is not None and said is None):
        await send(both, kept.prompt)
    elif said is not None:
        await _take(both, number, said, kept)
    elif _came_from_there(kept):
        prompt = kept.prompt
        await both.library.archive(
            prompt.slug, expected_revision=prompt.revision, tenant=both.tenant
        )
    else:
        await send(both, kept.prompt)


async def _take(both: Both, number: str, said: OlderSaid, kept: Ours) -> None:
    library, tenant = both.library, both.tenant
    slug, revision = kept.prompt.slug, kept.prompt.revision
    if kept.prompt.archived:
        restored = await library.restore(slug, expected_revision=revision, tenant=tenant)
        revision = restored.revision
    await library.save(
        slug,
        content_of(said),
        about=about_of(said, kept.prompt.about),
        message=TAKEN,
        origins=[origin_of(number, said)],
        expected_revision=revision,
        tenant=tenant,
    )


def _said(entry: OlderPrompt | None) -> OlderSaid | None:
    if entry is None:
        return None
    try:
        return read_older(entry.raw).said
    except (InvalidInput, TooLarge):
        return None


def _came_from_there(kept: Ours) -> bool:
    return any(origin.kind == ORIGIN for origin in kept.version.origins)


def _new(
    both: Both, number: str, said: OlderSaid, twins: Sequence[str], now: datetime
) -> PromptHistory:
    slug, content, own = slug_of_older(number), content_of(said), both.named(number)
    version = PromptVersion(
        id=version_id(content),
        prompt_id=own,
        number=1,
        branch=MAIN,
        content=content,
        parents=(),
        message=TAKEN,
        author="",
        created_at=now,
        origins=tuple(origin_of(each, said) for each in (number, *twins)),
    )
    prompt = LibraryPrompt(
        id=own,
        slug=slug,
        about=about_of(said),
        revision=1,
        versions=1,
        latest=version.id,
        usage_count=0,
        ratings=0,
        average_rating=None,
        archived=False,
        created_at=now,
        updated_at=now,
        tenant=both.tenant,
        unknown=UNKNOWN,
    )
    return PromptHistory(prompt, (version,), branches={MAIN: version.id})
