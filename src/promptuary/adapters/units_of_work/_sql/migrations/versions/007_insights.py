"""Insights with what people made of them, and predictions.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "007_insights"
down_revision = "006_calibrations"
branch_labels = None
depends_on = None

WATCH, INSIGHTS = "insight_watch", "insights"
MUTES, FEEDBACK, PREDICTIONS = "insight_mutes", "insight_feedback", "insight_predictions"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        WATCH,
        _words("name", 50),
        *_numbers("began", "upto"),
        sa.Column("events", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("name", name=f"pk_{WATCH}"),
    )
    op.create_table(
        INSIGHTS,
        sa.Column("id", _uuid(), nullable=False),
        _words("type", 50),
        _words("camera_id", 255),
        _words("label", 255),
        _words("zone", 255),
        *_numbers("start", "end", "detected_at", "expected", "observed"),
        _words("measured", 255),
        *_numbers("p_value"),
        _words("severity", 50),
        sa.Column("evidence_ids", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("ongoing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{INSIGHTS}"),
    )
    op.create_index(f"ix_{INSIGHTS}_end", INSIGHTS, ["end", "start"])
    _make_mutes()
    _make_feedback()
    _make_predictions()


def _make_mutes() -> None:
    op.create_table(
        MUTES,
        sa.Column("id", _uuid(), nullable=False),
        _words("camera_id", 255),
        _words("label", 255),
        _words("type", 50),
        _moment("since"),
        _moment("until"),
        _words("reason"),
        _words("made_by", 255),
        _moment("ended_at", nullable=True),
        _words("ended_by", 255),
        sa.PrimaryKeyConstraint("id", name=f"pk_{MUTES}"),
    )
    op.create_index(f"ix_{MUTES}_since", MUTES, ["since", "id"])


def _make_feedback() -> None:
    op.create_table(
        FEEDBACK,
        sa.Column("id", _uuid(), nullable=False),
        _words("insight_id", 50),
        _words("type", 50),
        _words("camera_id", 255),
        _words("verdict", 50),
        _words("comment"),
        _words("made_by", 255),
        _moment("at"),
        *_numbers("before", "after"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{FEEDBACK}"),
    )
    op.create_index(f"ix_{FEEDBACK}_at", FEEDBACK, ["at", "id"])


def _make_predictions() -> None:
    op.create_table(
        PREDICTIONS,
        sa.Column("id", _uuid(), nullable=False),
        _words("camera_id", 255),
        _words("label", 255),
        _moment("start"),
        _moment("end"),
        _moment("made_at"),
        *_numbers("expected"),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        *_numbers("level"),
        sa.Column("observed", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{PREDICTIONS}"),
    )
    op.create_index(f"ix_{PREDICTIONS}_start", PREDICTIONS, ["start", "camera_id"])
    unscored = sa.text("observed IS NULL")
    op.create_index(
        f"ix_{PREDICTIONS}_end",
        PREDICTIONS,
        ["end", "id"],
        sqlite_where=unscored,
        postgresql_where=unscored,
    )


def downgrade() -> None:
    """Drop them: no other table knows of them."""
    for table in (PREDICTIONS, FEEDBACK, MUTES, INSIGHTS, WATCH):
        op.drop_table(table)


def _native() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _words(name: str, limit: int | None = None) -> sa.Column[str]:
    collation = "C" if _native() else None
    kind = sa.String(limit, collation) if limit else sa.Text(collation=collation)
    return sa.Column(name, kind, nullable=False)


def _numbers(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=False) for name in names]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    kind = sa.DateTime(timezone=True) if _native() else sa.String(32)
    return sa.Column(name, kind, nullable=nullable)
