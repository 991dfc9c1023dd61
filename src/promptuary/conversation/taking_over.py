"""The path: conversations of an older service, checked, written once, and gone on with here."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from promptuary.conversation.wording import LONGEST_MESSAGE
from promptuary.domain.conversations import Conversation, Message, Role
from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.threads import OlderThread, TakenOver
from promptuary.ports.thread_archive import ThreadArchive
from promptuary.ports.unit_of_work import UnitOfWork

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
LONGEST_USER = 255
_ROLES: Mapping[str, Role] = {
    **{"user": "user", "human": "user"},
    **{"assistant": "assistant", "ai": "assistant", "bot": "assistant"},
}


@dataclass(frozen=True, slots=True)
class TakingOver:
    """Takes conversations into a record; whose last activity is older than `since` is over."""

    record: UnitOfWork
    since: datetime
    now: datetime

    async def all_of(self, archive: ThreadArchive) -> TakenOver:
        """Every conversation of an archive; again, only what came since. One that cannot be taken
        is named and stops no other."""
        done = TakenOver()
        async with aclosing(archive.threads()) as threads:
            async for thread in threads:
                done += await self._one(thread)
        return done

    async def _one(self, older: OlderThread) -> TakenOver:
        try:
            conversation, said, lost = read(older, self.now)
        except InvalidInput as error:
            return TakenOver(refused=1, reasons=(f"conversation {older.id[:100]}: {error}",))
        told = TakenOver(lost=len(lost), reasons=lost)
        if conversation.last_activity < self.since:
            return TakenOver(expired=1)
        try:
            return told + await self._written(conversation, said)
        except Conflict as error:
            return told + TakenOver(refused=1, reasons=(str(error),))

    async def _written(self, conversation: Conversation, said: Sequence[Message]) -> TakenOver:
        async with self.record.begin() as tx:
            try:
                known = await tx.conversations.get(conversation.id)
            except NotFound:
                await tx.conversations.keep(conversation, said)
                return TakenOver(new=1, messages=len(said))
            if known.owner != conversation.owner:
                raise Conflict(f"conversation {known.id} belongs to somebody else here")
            count = await tx.conversations.count(known.id)
            there = {each.id for each in await tx.conversations.messages(known.id, limit=count)}
            fresh = [each for each in said if each.id not in there]
            if not fresh:
                return TakenOver(same=1)
            turns = known.turns + max(1, sum(each.role == "user" for each in fresh))
            latest = max(known.last_activity, conversation.last_activity)
            await tx.conversations.keep(replace(known, turns=turns, last_activity=latest), fresh)
            return TakenOver(grew=1, messages=len(fresh))


def read(
    older: OlderThread, now: datetime
) -> tuple[Conversation, tuple[Message, ...], tuple[str, ...]]:
    """The conversation, what was said in it, and what of it could not be read. Raises InvalidInput
    where nobody knows whose it is, or its id cannot be one."""
    row = older.row or {}
    if not _ID.fullmatch(older.id):
        raise InvalidInput("its id cannot be one")
    owner = str(row.get("user_id") or older.user).strip()
    if not owner or len(owner) > LONGEST_USER:
        raise InvalidInput("nobody knows whose it is")
    lost = list(older.unread)
    said: dict[str, Message] = {}
    for each in older.messages:
        try:
            message = _message(each, older.id, now)
        except InvalidInput as error:
            lost.append(f"message {str(each.get('id'))[:100]}: {error}")
            continue
        said.setdefault(message.id, message)
    spoken = sorted(said.values(), key=lambda message: message.at)
    moments = [message.at for message in spoken]
    created = moment(row.get("created_at"), now) or min(moments, default=now)
    active = moment(row.get("last_activity"), now) or max(moments, default=created)
    turns = max(sum(m.role == "user" for m in spoken), math.ceil(len(spoken) / 2), 1)
    latest = max([active, created, *moments])
    thread = Conversation(older.id, owner, min([created, *moments]), latest, turns)
    return thread, tuple(spoken), tuple(lost)


def _message(row: Mapping[str, Any], thread: str, now: datetime) -> Message:
    text = row.get("content")
    if row.get("conversation_id") not in {None, "", thread}:
        raise InvalidInput("it belongs to another conversation")
    role = _ROLES.get(str(row.get("role")).casefold())
    if role is None:
        raise InvalidInput(f"nobody says {str(row.get('role'))[:40]!r} here")
    if not isinstance(text, str) or not text or len(text) > LONGEST_MESSAGE:
        raise InvalidInput(f"it holds 1 to {LONGEST_MESSAGE:,} characters")
    at = moment(row.get("timestamp"), now)
    if at is None:
        raise InvalidInput("it has no time")
    about = _object(row.get("metadata"))
    count = about.get("evidence_count")
    return Message(
        _id_of(row, thread),
        role,
        text,
        at,
        confidence=_share(about.get("confidence")),
        evidence_count=count if isinstance(count, int) and count > 0 else 0,
    )


def _id_of(row: Mapping[str, Any], thread: str) -> str:
    """Its own id, where that is a UUID of this very conversation; else one made of both ids."""
    named = str(row.get("id"))
    if row.get("conversation_id") == thread:
        try:
            return str(UUID(named))
        except ValueError:
            pass
    return str(uuid5(NAMESPACE_URL, f"{thread}/{named}"))


def moment(value: Any, now: datetime) -> datetime | None:  # noqa: ANN401 - what the older one wrote
    """ISO 8601 (without a zone: UTC) or seconds since 1970; None for anything else, and for what is
    still to come."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            at = datetime.fromisoformat(value.strip())
        else:
            at = datetime.fromtimestamp(float(value), UTC)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return at if at <= now else None


def _object(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - what the older one wrote
    """An object, also where a hash kept it as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}


def _share(value: Any) -> float | None:  # noqa: ANN401 - what the older one wrote
    sound = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return float(value) if sound else None
