"""Taking prompts in: validate, moderate, save with outbox and job. Saved means acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import uuid4

from promptuary.canon.mirroring import Mirroring
from promptuary.canon.screening import keeps, screened
from promptuary.domain.errors import Conflict, InvalidInput, Rejected, TooLarge
from promptuary.domain.prompts import (
    Collection,
    IncomingPrompt,
    NewPrompt,
    Saved,
    Verdict,
    content_hash,
    prompt_id,
)
from promptuary.domain.reports import Progress, RejectedItem, Told, silent
from promptuary.ports.clock import Clock
from promptuary.ports.moderator import Moderator
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

PLACE_JOB = "place"
CHUNK = 1_000
"""Prompts saved in one transaction: what a kill can lose of a batch, none of it acknowledged."""
KEPT_REFUSALS = 1_000


@dataclass(slots=True)  # changes: it is filled chunk by chunk
class Receipt:
    """What was taken in so far: counts, the first refusals, and the job that will place it."""

    batch_id: str
    accepted: int = 0
    duplicates: int = 0
    masked: int = 0
    first_id: str | None = None
    rejected_count: int = 0
    rejected: list[RejectedItem] = field(default_factory=list)
    job_id: str | None = None
    times: Counter[str] = field(default_factory=Counter, repr=False)

    def refuse(self, item: RejectedItem) -> None:
        """Count a refusal, and keep it while there is room."""
        self.rejected_count += 1
        if len(self.rejected) < KEPT_REFUSALS:
            self.rejected.append(item)


@dataclass(frozen=True, slots=True)
class Numbered:
    """An incoming prompt with its position in its batch and the key of its occurrence, which
    without ids is made of what is kept of it (`key` is None)."""

    position: int
    key: str | None
    prompt: IncomingPrompt


@dataclass(frozen=True, slots=True)
class Reception:
    """The parts that taking in needs.

    `longest` is the highest number of characters of a prompt, `settle_after` how long the placing
    job waits for more prompts. Mirrors hear how far a batch came.
    """

    record: UnitOfWork
    moderator: Moderator
    clock: Clock
    longest: int
    settle_after: timedelta = timedelta(0)
    mirroring: Mirroring | None = None


async def receive(
    parts: Reception,
    prompts: Iterable[IncomingPrompt | str],
    *,
    collection: Collection,
    batch_id: str | None,
    first: int = 1,
    told: Told = silent,
) -> Receipt:
    """Save every prompt that can be saved, chunk by chunk; `told` hears how many are done.

    Positions count from `first`; those with a known key change nothing. Refusals are collected,
    they stop nobody.
    """
    receipt = Receipt(batch_id or str(uuid4()))
    now = parts.clock.now()
    coming = numbered(prompts, batch_id, first)
    while chunk := list(islice(coming, CHUNK)):
        await _receive_chunk(parts, collection, chunk, now, receipt)
        if batch_id is not None and parts.mirroring:
            await parts.mirroring.passed(batch_id, chunk[-1].position, parts.clock.now())
        told(Progress("save", chunk[-1].position, None))
    return receipt


def check(text: str, longest: int) -> None:
    """Raise InvalidInput for a text without content, TooLarge for one over `longest`."""
    if not text.strip():
        raise InvalidInput("the prompt is empty; send a text", fields={"content": "is empty"})
    if len(text) > longest:
        raise TooLarge(f"the prompt has {len(text):,} characters; at most {longest:,} are taken")


def numbered(
    prompts: Iterable[IncomingPrompt | str], batch_id: str | None, first: int = 1
) -> Iterator[Numbered]:
    """Prompts with positions and keys: the sender's id; else batch and position; else none yet."""
    for position, item in enumerate(prompts, first):
        prompt = IncomingPrompt(item) if isinstance(item, str) else item
        if prompt.id is not None:
            key: str | None = f"id:{prompt.id}"
        elif batch_id is not None:
            key = f"batch:{batch_id}:{position}"
        else:
            key = None
        yield Numbered(position, key, prompt)


async def _receive_chunk(
    parts: Reception,
    collection: Collection,
    chunk: Sequence[Numbered],
    now: datetime,
    receipt: Receipt,
) -> None:
    sound = [item for item in chunk if _is_sound(item, parts.longest, receipt)]
    positions = [item.position for item in sound]
    prompts = [item.prompt for item in sound]
    judged = await screened(parts.moderator, parts.record, collection, prompts)
    fresh = [
        arriving(collection.id, replace(item, prompt=prompt), verdict, now, receipt.times)
        for item, (prompt, verdict) in zip(sound, judged, strict=True)
    ]
    await take_in(parts, collection, list(zip(positions, fresh, strict=True)), receipt)


async def take_in(
    parts: Reception,
    collection: Collection,
    chunk: Sequence[tuple[int, NewPrompt]],
    receipt: Receipt,
) -> None:
    """Save prompts with their positions durably, and count them in; a known key with another text
    is refused and stops nobody."""
    try:
        saved = await _save(parts, collection, [prompt for _, prompt in chunk], receipt)
    except Conflict:
        await _save_one_by_one(parts, collection, chunk, receipt)
    else:
        for (position, prompt), outcome in zip(chunk, saved, strict=True):
            _count(position, prompt, outcome, receipt)


def _is_sound(item: Numbered, longest: int, receipt: Receipt) -> bool:
    try:
        check(item.prompt.text, longest)
    except Rejected as error:
        receipt.refuse(RejectedItem(item.position, error.code, str(error)))
        return False
    return True


def arriving(
    collection_id: str, item: Numbered, verdict: Verdict, now: datetime, times: Counter[str]
) -> NewPrompt:
    """The prompt as the record takes it.

    Its key is made of its content and which time that came, where it has no other: the same content
    sent again without any id is an occurrence that is known.
    """
    prompt = item.prompt
    text = keeps(prompt.text, verdict)
    return NewPrompt(
        id=prompt_id(collection_id, text),
        text=text,
        key=item.key or _content_key(text, times),
        verdict=replace(verdict, text=None),
        created_at=prompt.created_at or now,
        source=prompt.source,
        metadata=prompt.metadata,
    )


def _content_key(text: str, times: Counter[str]) -> str:
    digest = content_hash(text)
    times[digest] += 1
    return f"text:{digest}:{times[digest]}"


async def _save(
    parts: Reception, collection: Collection, fresh: Sequence[NewPrompt], receipt: Receipt
) -> list[Saved]:
    """One transaction; when it returns, the prompts are durable."""
    if not fresh:
        return []
    async with parts.record.begin() as tx:
        saved = await save(parts, tx, collection, fresh, receipt)
        again = dict.fromkeys(s.prompt_id for s in saved if s.new_occurrence and not s.new_text)
        await tx.outbox.add("prompt", list(again))
    return saved


async def save(
    parts: Reception,
    tx: Transaction,
    collection: Collection,
    fresh: Sequence[NewPrompt],
    receipt: Receipt,
) -> list[Saved]:
    """Prompts and the job that places them, in the caller's transaction.

    Indexes hear of a new text when it is placed, so nothing is put twice. A text that came again
    has another count, of which the caller tells them.
    """
    saved = await tx.prompts.add(collection.id, fresh)
    if any(each.new_text for each in saved):
        receipt.job_id = await tx.jobs.defer(
            PLACE_JOB,
            {"collection": collection.name},
            after=parts.settle_after,
            dedupe=collection.id,
            lane=collection.id,
        )
    return saved


async def _save_one_by_one(
    parts: Reception,
    collection: Collection,
    chunk: Sequence[tuple[int, NewPrompt]],
    receipt: Receipt,
) -> None:
    """Some key of the chunk is known with another text: save the rest and name the culprits."""
    for position, prompt in chunk:
        try:
            (outcome,) = await _save(parts, collection, [prompt], receipt)
        except Conflict as error:
            receipt.refuse(RejectedItem(position, error.code, str(error)))
        else:
            _count(position, prompt, outcome, receipt)


def _count(position: int, prompt: NewPrompt, outcome: Saved, receipt: Receipt) -> None:
    receipt.masked += outcome.new_text and prompt.verdict.status == "masked"
    receipt.first_id = receipt.first_id or prompt.id
    if not prompt.verdict.allowed:
        receipt.refuse(
            RejectedItem(
                position,
                "MODERATION_REFUSED",
                prompt.verdict.reason or "moderation refused the prompt",
                categories=tuple(prompt.verdict.scores),
                prompt_id=prompt.id,
            )
        )
    elif outcome.new_text:
        receipt.accepted += 1
    else:
        receipt.duplicates += 1
