"""Calibrations of collections, and ratings of answers.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "006_calibrations"
down_revision = "005_conversations"
branch_labels = None
depends_on = None

CALIBRATIONS, RATINGS = "calibrations", "answer_ratings"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        CALIBRATIONS,
        _words("collection", 255),
        sa.Column("slope", sa.Float(), nullable=False),
        sa.Column("shift", sa.Float(), nullable=False),
        _moment("updated_at", now=True),
        sa.PrimaryKeyConstraint("collection", name=f"pk_{CALIBRATIONS}"),
    )
    op.create_table(
        RATINGS,
        sa.Column("id", _uuid(), nullable=False),
        _words("collection", 255, empty=True),
        _words("rating", 50),
        _words("comment", empty=True),
        _moment("rated_at"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{RATINGS}"),
    )
    op.create_index(f"ix_{RATINGS}_collection_rating", RATINGS, ["collection", "rating"])


def downgrade() -> None:
    """Drop them: no other table knows of them."""
    op.drop_table(RATINGS)
    op.drop_table(CALIBRATIONS)


def _native() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _words(name: str, limit: int | None = None, *, empty: bool = False) -> sa.Column[str]:
    collation = "C" if _native() else None
    kind = sa.String(limit, collation) if limit else sa.Text(collation=collation)
    default = sa.text("''") if empty else None
    return sa.Column(name, kind, nullable=False, server_default=default)


def _moment(name: str, *, now: bool = False) -> sa.Column[Any]:
    clock = "clock_timestamp()" if _native() else "(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))"
    kind = sa.DateTime(timezone=True) if _native() else sa.String(32)
    return sa.Column(name, kind, server_default=sa.text(clock) if now else None, nullable=False)
