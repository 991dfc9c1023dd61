"""Answered turns out: each is a job of the transaction that keeps it, one for each who wants it.

The job holds ids alone. What is told is what the record says when it is told: of a conversation
that was deleted meanwhile nothing, and an answer in the words that it has by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Protocol

from promptuary.conversation.recordings import Recordings
from promptuary.domain.conversations import Conversation, Message, Told
from promptuary.domain.errors import NotFound
from promptuary.domain.filters import Scalar
from promptuary.domain.jobs import Job
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

PAGE = 50


@dataclass(frozen=True, slots=True)
class Handing:
    """The names of the jobs that tell of a turn, and how long a model may take to word it."""

    jobs: tuple[str, ...] = ()
    patience: timedelta = timedelta(0)

    async def defer(
        self, tx: Transaction, thread: Conversation, answer: Message, took: float, *, waits: bool
    ) -> None:
        """Have a turn told that was answered in so many seconds; one that `waits` for a model when
        that must be done."""
        payload: dict[str, Scalar] = {
            "conversation": thread.id,
            "message": answer.id,
            "turn": thread.turns,
            "took_ms": round(1_000 * took, 3),
        }
        after = self.patience if waits else timedelta(0)
        for name in self.jobs:
            await tx.jobs.defer(name, payload, after=after)


class Handed(Protocol):
    """What this needs of the face of conversations."""

    recordings: Recordings

    @property
    def _record(self) -> UnitOfWork: ...


async def told(face: Handed, job: Job) -> Told | None:
    """The turn that a job is about, with links to recordings that are signed now; None where its
    conversation is gone."""
    async with face._record.read() as tx:
        try:
            thread = await tx.conversations.get(str(job.payload["conversation"]))
        except NotFound:
            return None
        pair = await _pair(tx, thread.id, str(job.payload["message"]))
        if pair is None:
            return None
        evidence = tuple(await tx.seen.get(pair[1].evidence))
    clips = await face.recordings.of_answer(evidence)
    return Told(thread, *pair, evidence, clips)


async def _pair(tx: Transaction, thread: str, answer: str) -> tuple[Message, Message] | None:
    """A question and the answer of that id; the latest turns are looked at first."""
    later: tuple[Message, ...] = ()
    skip = 0
    while page := await tx.conversations.messages(thread, limit=PAGE, skip=skip):
        said = (*page, *later)
        for question, after in pairwise(said):
            if after.id == answer:
                return question, after
        later, skip = tuple(page[:1]), skip + PAGE
    return None
