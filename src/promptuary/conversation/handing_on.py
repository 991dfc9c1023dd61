"""Answered turns out: each is a job of the transaction that keeps it, one for each who wants it.

The job holds ids alone. What is told is what the record says when it is told: of a conversation
that was deleted meanwhile nothing, and an answer in the words that it has by then.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

from promptuary.conversation.recordings import Recordings
from promptuary.domain.conversations import Conversation, Message, Told
from promptuary.domain.errors import NotFound
from promptuary.domain.filters import Scalar
from promptuary.domain.jobs import Job
from promptuary.ports.unit_of_work import Transaction, UnitOfWork

PAGE = 50
TURN = "turn "
"""How the names of the jobs begin that tell of a turn; whom they tell follows."""
LEFT_ALONE = timedelta(hours=1)
"""A job that waits so long for somebody of whom this server's settings do not know is nobody's: no
other server with other settings is about to do it."""
_NOBODY = (
    "unknown_sink: the settings no longer name whom this tells of turns (`turn_sinks`); "
    "name them again and let the job wait again, or leave it"
)


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


async def let_go(face: Handed, known: Collection[str], now: datetime) -> int:
    """Give up the jobs that wait to tell somebody of turns who is not among the names `known` any
    more; how many. Each keeps its reason, and can be made to wait again."""
    names = await _forgotten(face._record, known, now - LEFT_ALONE)
    given_up = 0
    while names:
        async with face._record.begin() as tx:
            claimed = await tx.jobs.claim(names, lease=LEFT_ALONE, limit=PAGE)
            old = [job for job in claimed if _since(job, now - LEFT_ALONE)]
            for job in claimed:
                await (tx.jobs.fail(job, reason=_NOBODY) if job in old else tx.jobs.requeue(job))
        given_up += len(old)
        if not old:
            break
    return given_up


async def _forgotten(record: UnitOfWork, known: Collection[str], before: datetime) -> Sequence[str]:
    """The names of such jobs that have waited since before then."""
    found: set[str] = set()
    cursor: str | None = None
    async with record.read() as tx:
        while True:
            page = await tx.jobs.list(state="waiting", cursor=cursor, limit=PAGE)
            found |= {each.name for each in page.items if _since(each, before)}
            cursor = page.next_cursor
            if cursor is None:
                return sorted(n for n in found if n.startswith(TURN) and n not in known)


def _since(job: Job, before: datetime) -> bool:
    return job.created_at is not None and job.created_at <= before


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
