"""The face's methods for programs that keep what was said themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

from promptuary.conversation.telling import EVERYBODY
from promptuary.conversation.wording import LONGEST_MESSAGE
from promptuary.domain.conversations import Conversation, Message, Role
from promptuary.domain.errors import InvalidInput, NotFound
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork


class Noting(Protocol):
    """What these methods need of the face that they belong to."""

    @property
    def _record(self) -> UnitOfWork: ...
    @property
    def _clock(self) -> Clock: ...
    @property
    def _lifetime(self) -> timedelta: ...


async def begin(self: Noting, *, user: str = EVERYBODY) -> Conversation:
    """A new conversation of a user, in which nothing was said yet."""
    now = self._clock.now()
    thread = Conversation(str(uuid4()), user, now, now)
    async with self._record.begin() as tx:
        await tx.conversations.keep(replace(thread, turns=1), [])
    return replace(thread, turns=1)


async def note(
    self: Noting,
    conversation_id: str,
    role: Role,
    text: str,
    *,
    user: str = EVERYBODY,
    confidence: float | None = None,
    evidence_count: int = 0,
) -> Message:
    """Keep what somebody said as it is; nothing is asked. When it is given, it is durable. Raises
    NotFound, and InvalidInput for a text that is empty or too long."""
    if role not in {"user", "assistant"} or not text or len(text) > LONGEST_MESSAGE:
        raise InvalidInput(f"1 to {LONGEST_MESSAGE:,} characters of a user or an assistant")
    now = self._clock.now()
    async with self._record.begin() as tx:
        thread = await tx.conversations.get(conversation_id)
        if thread.owner != user or thread.last_activity < now - self._lifetime:
            raise NotFound("conversation", conversation_id)
        said = Message(str(uuid4()), role, text, now, confidence, evidence_count)
        after = replace(thread, turns=thread.turns + 1, last_activity=now)
        await tx.conversations.keep(after, [said])
    return said


async def owner_of(self: Noting, conversation_id: str) -> str:
    """Whose conversation it is: for a program that is trusted with all of them. Raises NotFound."""
    async with self._record.read() as tx:
        return (await tx.conversations.get(conversation_id)).owner
