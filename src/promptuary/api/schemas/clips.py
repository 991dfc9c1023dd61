"""Recordings of events, in the shapes of the clip service that older clients know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from promptuary.api.schemas.basics import Text, Wire
from promptuary.api.schemas.conversation import ClipOut
from promptuary.domain.clips import LONGEST_LIFETIME, ClipLink

EventId = Annotated[str, StringConstraints(min_length=1, max_length=255)]
LONGEST_MINUTES = LONGEST_LIFETIME.total_seconds() / 60
MOST_IDS = 500


class ClipUrlOut(Wire):
    """A link to one recording; without a recording `available` is false and `clip_url` empty."""

    event_id: Text
    clip_url: str
    expires_in_minutes: float
    available: bool
    source: str
    generated_at: datetime
    clip: ClipOut | None

    @classmethod
    def of(cls, link: ClipLink, now: datetime, *, metadata: bool) -> ClipUrlOut:
        """With everything that is known of it where `metadata` is wished."""
        left = (link.expires_at - now).total_seconds() / 60 if link.expires_at else 0.0
        return cls(
            event_id=link.event_id,
            clip_url=link.url,
            expires_in_minutes=max(0.0, round(left, 1)),
            available=link.available,
            source=link.source,
            generated_at=now.astimezone(UTC),
            clip=ClipOut.of(link) if metadata else None,
        )


class ThumbnailOut(Wire):
    """A link to a picture of a recording; empty where there is none."""

    event_id: Text
    thumbnail_url: str
    available: bool


class ClipsIn(Wire):
    """The events whose recordings are wished, all in one request."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"event_ids": ["1747200000.5-x"]}]})

    event_ids: list[EventId] = Field(min_length=1, max_length=MOST_IDS)
    expiry_minutes: float | None = Field(default=None, gt=0, le=LONGEST_MINUTES)
    thumbnails: bool = False


class ClipsOut(Wire):
    """Recordings in the order asked; ids that nobody knows, and those of cameras that the caller
    may not see, are left out. `total_count` is how many there are altogether."""

    clips: list[ClipOut]
    total_count: int
    next_cursor: str | None = None


class AvailabilityOut(Wire):
    """Which of the events have a recording that can be watched."""

    availability: dict[str, bool]
