"""What people decided about prompts that moderation refused.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "013_moderation_reviews"
down_revision = "012_evolution"
branch_labels = None
depends_on = None

REVIEWS = "moderation_reviews"


def upgrade() -> None:
    """Make the table."""
    number = sa.BigInteger() if _native() else sa.Integer()
    prompt = sa.ForeignKey(
        "prompts.id",
        name=f"fk_{REVIEWS}_prompt_id",
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )
    op.create_table(
        REVIEWS,
        sa.Column("position", number, autoincrement=True, nullable=False),
        sa.Column("id", _uuid(), nullable=False),
        sa.Column("collection", _words(255), nullable=False),
        sa.Column("prompt_id", _uuid(), prompt, nullable=False),
        sa.Column("decision", _words(50), nullable=False),
        sa.Column("made_by", _words(255), nullable=False),
        sa.Column("reason", _words(), nullable=False, server_default=sa.text("''")),
        sa.Column("verdict", _words(), nullable=False, server_default=sa.text("''")),
        sa.Column("created_at", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=f"pk_{REVIEWS}"),
        sa.UniqueConstraint("id", name=f"uq_{REVIEWS}_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{REVIEWS}_prompt_id", REVIEWS, ["prompt_id"])
    name = f"ix_{REVIEWS}_collection_position"
    op.create_index(name, REVIEWS, ["collection", "position"])


def downgrade() -> None:
    """Drop it: no other table knows of it. What was released stays released."""
    op.drop_table(REVIEWS)


def _native() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _words(limit: int | None = None) -> sa.types.TypeEngine[str]:
    collation = "C" if _native() else None
    return sa.String(limit, collation) if limit else sa.Text(collation=collation)


def _moment() -> sa.types.TypeEngine[Any]:
    return sa.DateTime(timezone=True) if _native() else sa.String(32)
