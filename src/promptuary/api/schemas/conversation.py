"""Conversations: the question, the answer with its evidence, what was said before; and events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from promptuary.api.schemas.basics import Name, Text, Wire
from promptuary.domain.clips import ClipLink
from promptuary.domain.conversations import Conversation, Exported, Message, Reply, Turn
from promptuary.domain.events import Event, Received
from promptuary.domain.insights import InsightType, Pattern
from promptuary.domain.pages import Page

ConversationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
Question = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]


class UserContext(Wire):
    """Who asks, in words of older clients; only `timezone` changes an answer."""

    user_role: Name | None = None
    timezone: Name | None = None
    dashboard_context: dict[str, Any] | None = None


class ConversationIn(Wire):
    """A turn: a question, and the conversation that it belongs to, if one goes on.

    With `stream` the answer comes as events. `limit` is how much evidence is wanted; the server
    says how much it shows without it, and at the most.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"query": "How many people at the gate yesterday?"}]}
    )

    query: Question
    conversation_id: ConversationId | None = None
    user_context: UserContext | None = None
    limit: int | None = Field(default=None, ge=1, le=50)
    stream: bool = False


class EvidenceOut(Wire):
    """An event that an answer rests on."""

    event_id: Text
    timestamp: datetime
    camera_id: Text
    event_type: Text
    confidence: float | None
    details: Text
    description: Text

    @classmethod
    def of(cls, event: Event) -> EvidenceOut:
        """As older clients read it: what was seen stands in `details` and `description`."""
        said = event.description or event.label
        return cls(
            event_id=event.id,
            timestamp=event.start,
            camera_id=event.camera,
            event_type=event.label,
            confidence=event.confidence,
            details=said,
            description=said,
        )


class PatternOut(EvidenceOut):
    """An event that is part of something that was noticed, at those cameras (none: everywhere);
    `time_pattern` is from when to when, as an ISO 8601 interval."""

    pattern_type: InsightType
    affected_cameras: list[Text]
    time_pattern: str

    @classmethod
    def part(cls, event: Event, pattern: Pattern) -> PatternOut:
        """The event with what it is part of."""
        return cls(
            **EvidenceOut.of(event).model_dump(),
            pattern_type=pattern.type,
            affected_cameras=list(pattern.cameras),
            time_pattern=f"{pattern.start.isoformat()}/{pattern.end.isoformat()}",
        )


def shown(event: Event, pattern: Pattern | None) -> EvidenceOut:
    """An event as evidence, with what it is part of if it is."""
    return PatternOut.part(event, pattern) if pattern else EvidenceOut.of(event)


class ClipOut(Wire):
    """Where a recording can be watched; without one it is not `available` and has no URL."""

    url: str
    event_id: Text
    timestamp: datetime
    camera_id: Text
    confidence: float | None
    description: Text
    expires_at: datetime | None
    available: bool
    thumbnail_url: str
    duration_seconds: float | None
    size_bytes: int | None
    media_type: str
    source: str

    @classmethod
    def of(cls, clip: ClipLink) -> ClipOut:
        """The same."""
        return cls(
            url=clip.url,
            event_id=clip.event_id,
            timestamp=clip.at,
            camera_id=clip.camera,
            confidence=clip.confidence,
            description=clip.description,
            expires_at=clip.expires_at,
            available=clip.available,
            thumbnail_url=clip.thumbnail_url,
            duration_seconds=clip.seconds,
            size_bytes=clip.bytes,
            media_type=clip.kind,
            source=clip.source,
        )


class ConversationOut(Wire):
    """An answer, or (`response_type` "clarification", `metadata.refused` true) why there is none.

    `value` is the answer as data, `understood` the question in full as it was read.
    """

    conversation_id: str
    response: Text
    response_type: Literal["answer", "clarification", "proactive_insight"]
    confidence_score: float
    follow_up_questions: list[Text]
    evidence: list[PatternOut | EvidenceOut]
    clip_links: list[str]
    clips: list[ClipOut]
    value: bool | int | float | Text | None
    understood: Text
    definition: Text
    breakdown: list[dict[str, Any]]
    alternatives: list[dict[str, Any]]
    metadata: dict[str, Any]

    @classmethod
    def of(cls, turn: Turn, milliseconds: float, searched: float) -> ConversationOut:
        """The answer to that turn; what it took in all, and until it was found."""
        reply = turn.reply
        clips = [ClipOut.of(each) for each in reply.clips]
        return cls(
            conversation_id=turn.conversation.id,
            response=reply.text,
            response_type="clarification" if reply.refused else "answer",
            confidence_score=reply.confidence,
            follow_up_questions=list(reply.follow_ups),
            evidence=[shown(each, reply.patterns.get(each.id)) for each in reply.evidence],
            clip_links=[each.url for each in clips if each.available],
            clips=clips,
            value=reply.value,
            understood=reply.understood,
            definition=reply.definition,
            breakdown=[
                {"name": p.name, "title": p.title, "count": p.count} for p in reply.breakdown
            ],
            alternatives=[{"text": a.text, "value": a.value} for a in reply.alternatives],
            metadata=_metadata(turn, reply, milliseconds, searched),
        )


def _metadata(turn: Turn, reply: Reply, took: float, searched: float) -> dict[str, Any]:
    return {
        "refused": reply.refused is not None,
        "reason": reply.refused,
        "suggestions": list(reply.suggestions),
        "coverage": reply.coverage,
        "conversation_turns": turn.conversation.turns,
        "conversation_length": 2 * turn.conversation.turns,
        "evidence_sources": sorted({each.camera for each in reply.evidence}),
        "total_events_found": reply.total,
        "processing_time_ms": round(took, 3),
        "search_time_ms": round(searched, 3),
        "llm_time_ms": round(took - searched, 3),
        "model": reply.model,
        "unworded": reply.unworded,
    }


class MessageOut(Wire):
    """One thing that was said."""

    id: str
    role: Literal["user", "assistant"]
    content: Text
    timestamp: datetime
    metadata: dict[str, Any]

    @classmethod
    def of(cls, message: Message) -> MessageOut:
        """With what is known of an answer in its metadata."""
        metadata: dict[str, Any] = {}
        if message.role == "assistant":
            metadata = {
                "confidence": message.confidence,
                "evidence_count": message.evidence_count,
                "response_type": "clarification" if message.refused else "answer",
            }
        return cls(
            id=message.id,
            role=message.role,
            content=message.text,
            timestamp=message.at,
            metadata=metadata,
        )


class HistoryOut(Wire):
    """The latest of what was said, oldest first; of a long conversation a summary, else ""."""

    conversation_id: str
    messages: list[MessageOut]
    summary: str
    total_messages: int
    created_at: datetime
    last_activity: datetime

    @classmethod
    def of(cls, found: Exported) -> HistoryOut:
        """The same."""
        return cls(
            conversation_id=found.conversation.id,
            messages=[MessageOut.of(each) for each in found.messages],
            total_messages=found.total,
            summary=found.summary,
            created_at=found.conversation.created_at,
            last_activity=found.conversation.last_activity,
        )


class ConversationsOut(Wire):
    """Conversations of the caller, page by page."""

    conversations: list[dict[str, Any]]
    total: int
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Conversation]) -> ConversationsOut:
        """When each began and last went on, and how many turns it had."""
        shown = [
            {
                "conversation_id": each.id,
                "created_at": each.created_at,
                "last_activity": each.last_activity,
                "turns": each.turns,
            }
            for each in page.items
        ]
        return cls(conversations=shown, total=page.total, next_cursor=page.next_cursor)


class Gone(Wire):
    """A conversation that was deleted."""

    message: str
    conversation_id: str


class EventIn(Wire):
    """An event: these members, what older clients call them, or what Frigate does."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "event_id": "1747200000.5-x",
                    "camera_id": "gate",
                    "label": "person",
                    "timestamp": "2025-05-14T05:20:00Z",
                }
            ]
        },
    )


class EventsIn(Wire):
    """One event, or many in `events`."""

    model_config = ConfigDict(
        extra="allow", json_schema_extra={"examples": [{"events": [{"event_id": "1"}]}]}
    )

    events: list[dict[str, Any]] | None = Field(default=None, max_length=10_000)

    def rows(self) -> list[Mapping[str, Any]]:
        """The events, however they came."""
        return [self.model_extra or {}] if self.events is None else list(self.events)


class RejectedEvent(Wire):
    """An event that was not taken: its place among those sent, from 1, and why."""

    position: int
    event_id: Text
    reason: Text


class EventsOut(Wire):
    """What became of events; the answer means that those accepted are durable and can be asked
    about."""

    accepted: int
    new: int
    changed: int
    unchanged: int
    deleted_before: int
    rejected: list[RejectedEvent]

    @classmethod
    def of(cls, done: Received) -> EventsOut:
        """In numbers, and each that was not taken."""
        intake = done.intake
        rejected = [
            RejectedEvent(position=each.position, event_id=each.id, reason=each.reason)
            for each in sorted(done.refused, key=lambda refused: refused.position)
        ]
        return cls(
            accepted=intake.new + intake.changed + intake.same,
            new=intake.new,
            changed=intake.changed,
            unchanged=intake.same,
            deleted_before=intake.gone,
            rejected=rejected,
        )
