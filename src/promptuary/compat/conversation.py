"""Names of the older service for conversations over events, for programs that used its parts.

    from promptuary.compat.conversation import ConversationManager, semantic_search

Behind them stands the home that the settings name. Answers are exact, over all events, whatever
`search_results` a program brings; what is kept lies in the record, and no Redis is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeAlias

from anyio import to_thread

from promptuary.blocking import Promptuary
from promptuary.domain.clips import ClipLink
from promptuary.domain.conversations import Exported, Reply, Role
from promptuary.domain.errors import InvalidInput, NotFound
from promptuary.domain.events import Event, EventFilter, Window

Row: TypeAlias = dict[str, Any]
"""A conversation, message or event as those programs have it."""
RELATIONS = ("temporal", "spatial", "semantic")
_NOBODY = "compat"
"""Whose short conversations are in which a question is answered; they go at once."""
_ALL = 1_000


@cache
def opened() -> Promptuary:
    """The home that the settings name, the same for the whole process."""
    return Promptuary.open()


def close() -> None:
    """Release it; the next call opens it again."""
    if opened.cache_info().currsize:
        opened().close()
        opened.cache_clear()


class ConversationManager:
    """Conversations and what was said in them. A Redis client may be given as ever and is not
    used; the settings say how long a conversation lives, and it goes as a whole."""

    conversation_ttl = 604_800
    message_ttl = 2_592_000

    def __init__(self, redis_client: object = None) -> None:
        self.redis_client = redis_client
        self._contexts: dict[str, Row] = {}

    async def create_conversation(self, user_id: str, context: Row | None = None) -> Row:
        """A new one. The `context` is given back by this manager and kept nowhere else."""
        made = await to_thread.run_sync(lambda: opened().conversation.begin(user=user_id))
        self._contexts[made.id] = dict(context or {})
        return _conversation(made.id, user_id, made.created_at, made.last_activity, 0,
                             self._contexts[made.id])  # fmt: skip

    async def get_conversation(
        self, conversation_id: str, user_id: str | None = None
    ) -> Row | None:
        """The conversation, or None where there is none, or none of that user."""
        found = await self._read(conversation_id, user_id, _ALL)
        if found is None:
            return None
        thread = found.conversation
        context = self._contexts.get(thread.id, {})
        return _conversation(thread.id, thread.owner, thread.created_at, thread.last_activity,
                             len(found.messages), context)  # fmt: skip

    async def add_message(
        self, conversation_id: str, role: Role, content: str, metadata: Row | None = None
    ) -> str:
        """Keep a message; its id. Of the `metadata` the `confidence` and `evidence_count` stay.
        Raises NotFound."""
        owner, given = await _owner(conversation_id), metadata or {}
        said = await to_thread.run_sync(
            lambda: opened().conversation.note(
                conversation_id,
                role,
                content,
                user=owner,
                confidence=given.get("confidence"),
                evidence_count=int(given.get("evidence_count") or 0),
            )
        )
        return said.id

    async def get_recent_messages(self, conversation_id: str, limit: int = 50) -> list[Row]:
        """The latest of them, oldest first; empty where there is no such conversation."""
        found = await self._read(conversation_id, None, limit)
        return [
            {
                "id": each.id,
                "conversation_id": conversation_id,
                "role": each.role,
                "content": each.text,
                "timestamp": each.at.isoformat(),
                "metadata": {"confidence": each.confidence, "evidence_count": each.evidence_count}
                if each.role == "assistant"
                else {},
            }
            for each in (found.messages if found else ())
        ]

    async def delete_conversation(self, conversation_id: str) -> bool:
        """Delete it and all that was said; whether there was one."""
        try:
            owner = await _owner(conversation_id)
            await to_thread.run_sync(
                lambda: opened().conversation.delete(conversation_id, user=owner)
            )
        except NotFound:
            return False
        return True

    async def _read(self, key: str, user: str | None, limit: int) -> Exported | None:
        read = opened().conversation.history
        try:
            owner = user or await _owner(key)
            return await to_thread.run_sync(lambda: read(key, user=owner, limit=limit))
        except NotFound:
            return None


async def _owner(key: str) -> str:
    """These programs know conversations by their ids alone, and are trusted with all of them."""
    return await to_thread.run_sync(lambda: opened().conversation.owner_of(key))


def _conversation(
    key: str, user: str, created: datetime, active: datetime, messages: int, context: Row
) -> Row:
    return {
        "id": key,
        "user_id": user,
        "created_at": created.isoformat(),
        "last_activity": active.isoformat(),
        "context": context,
        "message_count": messages,
        "status": "active",
    }


def generate_conversational_response(
    query: str,
    conversation_history: Sequence[Row] = (),
    search_results: Sequence[Row] = (),
    system_context: object = None,
) -> Row:
    """`response`, `type` (`answer` or `clarification`), `confidence`, `evidence_ids`, `metadata`.

    The answer is counted over all events, in the light of the user's turns in the history;
    `search_results` and `system_context` change no number and are not read.
    """
    del search_results, system_context
    reply = _reply(query, conversation_history)
    return {
        "response": reply.text,
        "type": "clarification" if reply.refused else "answer",
        "confidence": reply.confidence,
        "evidence_ids": [each.id for each in reply.evidence],
        "metadata": {
            "refused": reply.refused is not None,
            "understood": reply.understood,
            "total_events_found": reply.total,
        },
    }


def generate_follow_up_questions(
    query: str,
    response: str = "",
    conversation_history: Sequence[Row] = (),
    search_results: Sequence[Row] = (),
) -> list[str]:
    """Questions that can be answered next."""
    del response, search_results
    return list(_reply(query, conversation_history).follow_ups)


def _reply(query: str, history: Sequence[Row]) -> Reply:
    converse = opened().conversation.converse
    said = [str(each["content"]) for each in history if each.get("role") == "user"]
    thread: str | None = None
    if said and said[-1] == query:
        said = said[:-1]
    try:
        for each in [*said[-10:], query]:
            turn = converse(each, conversation_id=thread, user=_NOBODY)
            thread = turn.conversation.id
    finally:
        if thread is not None:
            opened().conversation.delete(thread, user=_NOBODY)
    return turn.reply


def semantic_search(
    query: str,
    limit: int = 5,
    conversation_context: object = None,
    filters: Mapping[str, Any] | None = None,
) -> list[Row]:
    """Events by what was described, best first, as evidence with a `score`. `filters` are
    `camera_id`, `event_type`, `min_confidence` and `time_range` with `start` and `end`."""
    del conversation_context
    found = opened().conversation.search_events(query, where=_where(filters or {}), limit=limit)
    return [{**_evidence(each.event), "score": each.score} for each in found]


def _where(filters: Mapping[str, Any]) -> EventFilter:
    span = filters.get("time_range") or {}
    cameras, labels = filters.get("camera_id"), filters.get("event_type")
    least = filters.get("min_confidence")
    return EventFilter(
        cameras=_many(cameras) if cameras else None,
        labels=tuple(each.removesuffix("_detected") for each in _many(labels)) if labels else (),
        at_least=float(least) if least is not None else None,
        windows=(Window(_moment(span.get("start")), _moment(span.get("end"))),) if span else (),
    )


def _many(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def _moment(value: object) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidInput(f"not a time: {value}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def get_related_events(
    event_id: str, relation_types: Sequence[str] = RELATIONS, limit: int = 10
) -> list[Row]:
    """What belongs to an event, the strongest first; empty for one that is not there."""
    wanted: Any = [each for each in RELATIONS if each in relation_types]
    try:
        found = opened().conversation.related_events(event_id, relations=wanted, limit=limit)
    except NotFound:
        return []
    return [
        {
            **_evidence(each.event),
            "relationship_type": each.relation,
            "relationship_strength": each.strength,
        }
        for each in found
    ]


def _evidence(event: Event) -> Row:
    said = event.description or event.label
    return {
        "event_id": event.id,
        "timestamp": event.start.isoformat(),
        "camera_id": event.camera,
        "event_type": event.label,
        "confidence": event.confidence,
        "details": said,
        "description": said,
    }


def get_clip_url(
    event_id: str, expiry_minutes: int = 60, include_metadata: bool = False
) -> str | Row:
    """A link to the recording; with metadata `url event_id expires_in_minutes source generated_at`.
    Raises NotFound where there is no recording."""
    (link,) = _links([event_id], expiry_minutes) or (None,)
    if link is None or not link.available:
        raise NotFound("clip", event_id)
    if not include_metadata:
        return link.url
    return {
        "url": link.url,
        "event_id": event_id,
        "expires_in_minutes": expiry_minutes,
        "source": link.source,
        "generated_at": datetime.now(UTC).isoformat(),
    }


def get_multiple_clip_urls(event_ids: Sequence[str], expiry_minutes: int = 60) -> dict[str, str]:
    """Links by id; what has no recording is absent."""
    links = _links(event_ids, expiry_minutes)
    return {each.event_id: each.url for each in links if each.available}


def _links(event_ids: Sequence[str], minutes: int) -> list[ClipLink]:
    return opened().conversation.clips(list(event_ids), lifetime=timedelta(minutes=minutes))
