"""The tables of insights, whose times are seconds since 1970 in UTC, as the watch has them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    text,
)

from promptuary.adapters.units_of_work._sql.tables import count, metadata, own_id, where
from promptuary.adapters.units_of_work._sql.types import Moment, Words

insight_watch = Table(
    "insight_watch",
    metadata,
    Column("name", Words(50), primary_key=True),
    Column("began", Float(), nullable=False),
    Column("upto", Float(), nullable=False),
    count("events"),
)

insights = Table(
    "insights",
    metadata,
    own_id(),
    Column("type", Words(50), nullable=False),
    Column("camera_id", Words(255), nullable=False),
    Column("label", Words(255), nullable=False),
    Column("zone", Words(255), nullable=False),
    Column("start", Float(), nullable=False),
    Column("end", Float(), nullable=False),
    Column("detected_at", Float(), nullable=False),
    Column("expected", Float(), nullable=False),
    Column("observed", Float(), nullable=False),
    Column("measured", Words(255), nullable=False),
    Column("p_value", Float(), nullable=False),
    Column("severity", Words(50), nullable=False),
    Column("evidence_ids", JSON(), nullable=False, server_default=text("'[]'")),
    Column("ongoing", Boolean(), nullable=False),
    Index("ix_insights_end", "end", "start"),
)

insight_mutes = Table(
    "insight_mutes",
    metadata,
    own_id(),
    Column("camera_id", Words(255), nullable=False),
    Column("label", Words(255), nullable=False),
    Column("type", Words(50), nullable=False),
    Column("since", Moment(), nullable=False),
    Column("until", Moment(), nullable=False),
    Column("reason", Words(), nullable=False),
    Column("made_by", Words(255), nullable=False),
    Column("ended_at", Moment()),
    Column("ended_by", Words(255), nullable=False),
    Index("ix_insight_mutes_since", "since", "id"),
)

insight_feedback = Table(
    "insight_feedback",
    metadata,
    own_id(),
    Column("insight_id", Words(50), nullable=False),
    Column("type", Words(50), nullable=False),
    Column("camera_id", Words(255), nullable=False),
    Column("verdict", Words(50), nullable=False),
    Column("comment", Words(), nullable=False),
    Column("made_by", Words(255), nullable=False),
    Column("at", Moment(), nullable=False),
    Column("before", Float(), nullable=False),
    Column("after", Float(), nullable=False),
    Index("ix_insight_feedback_at", "at", "id"),
)

insight_predictions = Table(
    "insight_predictions",
    metadata,
    own_id(),
    Column("camera_id", Words(255), nullable=False),
    Column("label", Words(255), nullable=False),
    Column("start", Moment(), nullable=False),
    Column("end", Moment(), nullable=False),
    Column("made_at", Moment(), nullable=False),
    Column("expected", Float(), nullable=False),
    Column("low", Integer(), nullable=False),
    Column("high", Integer(), nullable=False),
    Column("level", Float(), nullable=False),
    Column("observed", Integer()),
    Index("ix_insight_predictions_start", "start", "camera_id"),
    Index("ix_insight_predictions_end", "end", "id", **where("observed IS NULL")),
)

camera_pulses = Table(
    "camera_pulses",
    metadata,
    Column("camera_id", Words(255), nullable=False),
    Column("first", Float(), nullable=False),
    Column("last", Float(), nullable=False),
    Column("every", Float(), nullable=False),
    PrimaryKeyConstraint("camera_id", "first"),
    Index("ix_camera_pulses_last", "last"),
)
