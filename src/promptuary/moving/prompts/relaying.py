"""What is written here goes back to the older store, in order, at least once, and whole.

A prompt is sent as it is now, so an older state never follows a newer one however often or late it
is sent. What somebody wrote there since it was last seen is kept as a version here before it is
replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from promptuary.domain.errors import Conflict, InvalidInput, NotFound, TooLarge, Unavailable
from promptuary.domain.library import LibraryPrompt
from promptuary.library.older_prompts import (
    content_of,
    older_id_of,
    origin_of,
    read_older,
    said_by,
    write_older,
)
from promptuary.moving.prompts.sides import BATCH, LISTED, Both, relay_of

THEIRS: Final = "smartprompt"
"""The branch on which a version is kept that both sides wrote at once."""
ATTEMPTS: Final = 10


async def begin(both: Both) -> None:
    """From here on the older store is owed every change; what it is owed since a move that was
    rolled back it gets first."""
    if not await lost(both):
        await relay(both)
    async with both.record.read() as tx:
        head = await tx.outbox.last()
    await both.archive.set_position(relay_of(both.tenant), head)


async def lost(both: Both) -> bool:
    """Whether the older store has forgotten how far it was given anything: then it has lost what it
    held, or was emptied."""
    return await both.archive.position(relay_of(both.tenant)) is None


async def relay(both: Both) -> int:
    """Send what was written here before the call; how many prompts were sent. Raises
    Unavailable."""
    sent = 0
    async with both.record.read() as tx:
        head = await tx.outbox.last()
    while True:
        position = await both.archive.position(relay_of(both.tenant))
        if position is None:
            raise Unavailable(
                "the older store has lost what it held, as after a restart without persistence; "
                "`promptuary migrate repair` writes back what is known here"
            )
        async with both.record.read() as tx:
            first = await tx.outbox.first()
            rows = await tx.outbox.after(position, limit=BATCH)
            names = dict.fromkeys(row.entity_id for row in rows if row.kind == "library")
            prompts = await tx.library.some(list(names))
        if position + 1 < first:
            return sent + await send_all(both)
        if not rows or position >= head:
            return sent
        for prompt in await _differing(both, list(filter(both.are_ours, prompts))):
            await send(both, prompt)
            sent += 1
        await both.archive.set_position(relay_of(both.tenant), rows[-1].position)


async def send_all(both: Both) -> int:
    """Send everything there is here, and go on from there."""
    async with both.record.read() as tx:
        head = await tx.outbox.last()
    sent = 0
    async for standing in both.standing():
        for start in range(0, len(standing), BATCH):
            async with both.record.read() as tx:
                names = [each.id for each in standing[start : start + BATCH]]
                prompts = await tx.library.some(names)
            for prompt in await _differing(both, prompts):
                await send(both, prompt)
                sent += 1
    await both.archive.set_position(relay_of(both.tenant), head)
    return sent


async def owed(both: Both) -> set[str]:
    """The ids of what was written here and the older store has not been given yet."""
    position = await both.archive.position(relay_of(both.tenant)) or 0
    found: set[str] = set()
    while True:
        async with both.record.read() as tx:
            rows = await tx.outbox.after(position, limit=LISTED)
        found.update(row.entity_id for row in rows)
        if len(rows) < LISTED:
            return found
        position = rows[-1].position


async def send(both: Both, prompt: LibraryPrompt) -> None:
    """Have the older store hold a prompt as it is here now; an archived one is removed there.
    Raises Unavailable while somebody else writes there again and again."""
    number = older_id_of(prompt.slug)
    for _ in range(ATTEMPTS):
        raw = next((each.raw for each in await both.archive.get([number])), None)
        wanted = await _wanted(both, prompt.id)
        if raw is not None and wanted is not None and _same(raw, wanted):
            return
        if raw is None and wanted is None:
            return
        if raw is not None:
            await _keep_theirs(both, prompt, number, raw)
        if await both.archive.write(number, wanted, expected=raw):
            return
    raise Unavailable(f"somebody else writes to prompt {number} of the older store all the while")


async def _differing(both: Both, prompts: Sequence[LibraryPrompt]) -> list[LibraryPrompt]:
    """Those that the older store does not hold as they are here; most were taken from it."""
    ids = {each.id: older_id_of(each.slug) for each in prompts}
    there = {each.id: each.raw for each in await both.archive.get(list(ids.values()))}
    async with both.record.read() as tx:
        newest = await tx.library.newest(list(ids))
    return [
        each
        for each in prompts
        if (raw := there.get(ids[each.id])) is None
        or each.archived
        or not _same(raw, write_older(said_by(each.about, newest[each.id])))
    ]


async def _wanted(both: Both, prompt_id: str) -> bytes | None:
    """The prompt as the older service would write it; None for one that is not to be there."""
    async with both.record.read() as tx:
        prompt = next(iter(await tx.library.some([prompt_id])), None)
        version = (await tx.library.newest([prompt_id])).get(prompt_id)
    if prompt is None or version is None or prompt.archived:
        return None
    return write_older(said_by(prompt.about, version))


def _same(raw: bytes, wanted: bytes) -> bool:
    with suppress(InvalidInput, TooLarge):
        return read_older(raw).said == read_older(wanted).said
    return False


async def _keep_theirs(both: Both, prompt: LibraryPrompt, number: str, raw: bytes) -> None:
    """What stands there and no version here says becomes a version, on a branch of its own."""
    try:
        said = read_older(raw).said
    except (InvalidInput, TooLarge):
        return
    async with both.record.read() as tx:
        known = (await tx.library.every_version([prompt.id])).get(prompt.id, ())
    content = content_of(said)
    if any(version.content == content for version in known):
        return
    with suppress(Conflict, NotFound):  # an archived prompt takes no versions
        await both.library.save(
            prompt.slug,
            content,
            branch=THEIRS,
            message="written to the older store at the same time",
            origins=[origin_of(number, said)],
            tenant=both.tenant,
        )
