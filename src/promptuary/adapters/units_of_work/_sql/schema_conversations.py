"""The tables of events and conversations.

Times of events are microseconds since 1970 in UTC, so that ranges, quarters of an hour and
durations are plain arithmetic on both databases. `zones` is `|a|b|`, `searched` the words of the
description as `domain.events.searchable` gives them. A deleted event keeps its id alone.
`camera_facets` repeats which labels, zones and names each camera has ever shown.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    false,
    text,
)

from promptuary.adapters.units_of_work._sql.tables import json, metadata, own_id, where
from promptuary.adapters.units_of_work._sql.types import Moment, Words

_HERE = "NOT gone"

cameras = Table(
    "cameras",
    metadata,
    Column("id", Words(255), primary_key=True),
    Column("name", Words(255), nullable=False),
    Column("labels", JSON(), nullable=False, server_default=text("'[]'")),
    Column("zones", JSON(), nullable=False, server_default=text("'[]'")),
    Column("people", JSON(), nullable=False, server_default=text("'[]'")),
)

camera_facets = Table(
    "camera_facets",
    metadata,
    Column("camera_id", Words(255), nullable=False),
    Column("kind", Words(16), nullable=False),
    Column("value", Words(255), nullable=False),
    PrimaryKeyConstraint("camera_id", "kind", "value"),
)

camera_events = Table(
    "camera_events",
    metadata,
    Column("id", Words(255), primary_key=True),
    Column("camera_id", Words(255), nullable=False),
    Column("label", Words(255), nullable=False),
    Column("sub_label", Words(255)),
    Column("zones", Words(), nullable=False),
    Column("started", BigInteger(), nullable=False),
    Column("ended", BigInteger()),
    Column("confidence", Float()),
    Column("description", Words()),
    Column("searched", Words()),
    Column("box", JSON(none_as_null=True)),
    Column("track_id", Words(255)),
    Column("clip", Words()),
    json("metadata"),
    Column("gone", Boolean(), nullable=False, server_default=false()),
    # `gone` never holds in them, and SQLite would look into the table for it.
    Index("ix_camera_events_camera_id", "camera_id", "label", "started", "gone", **where(_HERE)),
    Index("ix_camera_events_label", "label", "started", "camera_id", "gone", **where(_HERE)),
    Index("ix_camera_events_started", "started", "id", "camera_id", "gone", **where(_HERE)),
    Index(
        "ix_camera_events_sub_label",
        "sub_label",
        "started",
        "camera_id",
        "gone",
        **where("sub_label IS NOT NULL AND NOT gone"),
    ),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Words(255), primary_key=True),
    Column("owner", Words(255), nullable=False),
    Column("turns", Integer(), nullable=False),
    json("carried"),
    Column("created_at", Moment(), nullable=False),
    Column("last_activity", Moment(), nullable=False),
    Index("ix_conversations_owner", "owner", "last_activity", "id"),
    Index("ix_conversations_last_activity", "last_activity", "id"),
)

messages = Table(
    "messages",
    metadata,
    own_id(),
    Column(
        "conversation_id",
        Words(255),
        ForeignKey("conversations.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    Column("position", Integer(), nullable=False),
    Column("role", Words(50), nullable=False),
    Column("content", Words(), nullable=False),
    json("metadata"),
    Column("created_at", Moment(), nullable=False),
    Index("ix_messages_conversation_id", "conversation_id", "position", unique=True),
)
