"""The path of a doubt: two families that may be one -> a model's opinion -> checked -> at most a
correction by `model:NAME`, which people can undo and overrule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from promptuary.canon.correcting import Correcting
from promptuary.canon.ingest import Canon
from promptuary.canon.naming.doubting import (
    BOUNDS,
    MOST,
    ONCE,
    Doubt,
    Opinion,
    doubts,
    opinions,
    question,
)
from promptuary.canon.relating import family_items
from promptuary.canon.ruling import ruling_of
from promptuary.canon.testifying import MODEL
from promptuary.domain.chats import ChatOptions
from promptuary.domain.errors import Conflict, InvalidInput, NotFound, PromptuaryError
from promptuary.domain.namings import DoubtfulPair, DoubtReport, Naming, Wording
from promptuary.domain.pages import Page
from promptuary.domain.reports import Progress, Told
from promptuary.ports.chat_model import ChatModel

_TOKENS, _EACH = 1_000, 150


async def settle_doubts(
    canon: Canon,
    corrections: Correcting,
    chat: ChatModel,
    collection: str,
    most_calls: int,
    progress: Told,
    bounds: tuple[float, float] = BOUNDS,
    *,
    tokens: int = _TOKENS,
) -> DoubtReport:
    """Ask about doubtful pairs that were not asked about; join what may be joined."""
    found = await _doubtful(canon, collection, bounds)
    async with canon.record.read() as tx:
        known = await tx.namings.asked([each.digest for each in found])
    left = [each for each in found if each.digest not in known]
    report = DoubtReport(collection, known=len(found) - len(left), waiting=len(left))
    for _ in range(most_calls):
        asked = left[:ONCE]
        if not asked:
            break
        progress(Progress("name", len(found) - len(left), len(found)))
        report = replace(report, calls=report.calls + 1)
        try:
            options = ChatOptions(max_tokens=tokens + _EACH * len(asked), temperature=0.0)
            reply = await chat.reply(question(asked), options=options)
        except PromptuaryError as error:
            return replace(report, stopped=error.code)
        left = left[len(asked) :]
        report = replace(
            report,
            waiting=len(left),
            prompt_tokens=report.prompt_tokens + reply.usage.prompt_tokens,
            completion_tokens=report.completion_tokens + reply.usage.completion_tokens,
        )
        for doubt, opinion in zip(asked, opinions(reply, asked), strict=True):
            held = await _joined(corrections, doubt, opinion, reply.model)
            await _note(canon, collection, doubt, held, reply.model)
            report = _counted(report, held)
    return report


async def open_doubts(
    canon: Canon,
    collection: str,
    bounds: tuple[float, float],
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[DoubtfulPair]:
    """The pairs that nobody decided about, the likeliest first; no model is asked.

    Raises NotFound, and InvalidInput for a cursor that is not of this list.
    """
    if limit < 1:
        raise InvalidInput("a page holds at least one item", fields={"limit": "at least 1"})
    last = _read(cursor) if cursor is not None else None
    found = await _doubtful(canon, collection, bounds)
    after = [each for each in found if last is None or _place(each) > last]
    page = after[:limit]
    async with canon.record.read() as tx:
        ids = [key for each in page for key in (each.one, each.other)]
        names = {family.id: family.name for family in await tx.families.some(ids)}
        asked = await tx.namings.asked([each.digest for each in page])
    said = {key: naming.wording.name for key, naming in asked.items() if naming.wording}
    items = tuple(
        DoubtfulPair(
            family_ids=(each.one, each.other),
            names=(names.get(each.one, ""), names.get(each.other, "")),
            texts=each.texts,
            likeness=each.likeness,
            said=said.get(each.digest, ""),
        )
        for each in page
    )
    more = len(after) > limit
    return Page(items, ":".join(map(str, _place(page[-1]))) if more else None, len(found))


def _place(doubt: Doubt) -> tuple[float, str, str]:
    """In the list: the likelier first."""
    return (-doubt.likeness, doubt.one, doubt.other)


def _read(cursor: str) -> tuple[float, str, str]:
    try:
        likeness, one, other = cursor.split(":")
        return (float(likeness), one, other)
    except ValueError as error:
        said = "not of this listing"
        raise InvalidInput(f"a cursor {said}", fields={"cursor": said}) from error


async def _doubtful(canon: Canon, collection: str, bounds: tuple[float, float]) -> Sequence[Doubt]:
    async with canon.record.read() as tx:
        home = await tx.collections.get(collection)
        every = await tx.templates.lineages(home.id)
        ruled = await ruling_of(tx, await tx.corrections.standing(collection))
    lines = sorted((each for each in every if each.family_id), key=lambda each: -each.size)[:MOST]
    return await doubts(
        lines, await family_items(canon.embedder, lines) if lines else [], ruled, bounds
    )


async def _joined(corrections: Correcting, doubt: Doubt, opinion: Opinion, model: str) -> Opinion:
    """The opinion as it holds: a yes that people spoke against meanwhile does not."""
    if not opinion.same:
        return opinion
    try:
        await corrections.merge([doubt.one, doubt.other], by=MODEL + model, yields=True)
    except (Conflict, NotFound, InvalidInput) as error:
        return Opinion(False, str(error), "parted")
    return opinion


async def _note(canon: Canon, collection: str, doubt: Doubt, held: Opinion, model: str) -> None:
    wording = Wording("same" if held.same else "different", held.reason)
    made = Naming(
        id=str(uuid4()),
        collection=collection,
        own_id=doubt.id,
        asked=doubt.digest,
        model=model[:255],
        created_at=canon.reception.clock.now(),
        wording=None if held.refused else wording,
        refused=held.refused,
        detail=held.reason if held.refused else "",
    )
    async with canon.record.begin() as tx:
        await tx.namings.add([made])


def _counted(report: DoubtReport, held: Opinion) -> DoubtReport:
    if held.refused:
        return replace(report, refused=report.refused + 1)
    if held.same:
        return replace(report, merged=report.merged + 1)
    return replace(report, different=report.different + 1)
