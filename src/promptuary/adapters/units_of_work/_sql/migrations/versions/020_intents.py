"""Prompts that people keep together, and the families that they were before.

Tables of their own: the release before goes on writing which family a prompt belongs to.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "020_intents"
down_revision = "020_covering_event_indexes"
branch_labels = None
depends_on = None

INTENTS, PROMPTS = "family_intents", "family_intent_prompts"


def upgrade() -> None:
    """Make the tables: nobody had a say so far."""
    op.create_table(
        INTENTS,
        sa.Column("id", _uuid(), nullable=False),
        _refers(INTENTS, "collection_id", "collections"),
        _refers(INTENTS, "family_id", "prompt_families", gone="SET NULL"),
        sa.Column("name", _words(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("merged_into", _uuid(), nullable=True),
        sa.Column("created_at", _moment(), nullable=False, server_default=_now()),
        sa.Column("updated_at", _moment(), nullable=False, server_default=_now()),
        sa.PrimaryKeyConstraint("id", name=f"pk_{INTENTS}"),
    )
    for column in ("collection_id", "family_id"):
        op.create_index(f"ix_{INTENTS}_{column}", INTENTS, [column])
    op.create_table(
        PROMPTS,
        _refers(PROMPTS, "prompt_id", "prompts"),
        _refers(PROMPTS, "intent_id", INTENTS),
        sa.PrimaryKeyConstraint("prompt_id", name=f"pk_{PROMPTS}"),
    )
    op.create_index(f"ix_{PROMPTS}_intent_id", PROMPTS, ["intent_id"])


def downgrade() -> None:
    """Drop them: prompts stay in the families that they were put into."""
    op.drop_table(PROMPTS)
    op.drop_table(INTENTS)


def _refers(table: str, name: str, target: str, gone: str = "CASCADE") -> sa.Column[str]:
    key = sa.ForeignKey(
        f"{target}.id",
        name=f"fk_{table}_{name}",
        ondelete=gone,
        deferrable=True,
        initially="DEFERRED",
    )
    return sa.Column(name, _uuid(), key, nullable=gone == "SET NULL")


def _native() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _words(limit: int) -> sa.types.TypeEngine[str]:
    return sa.String(limit, "C" if _native() else None)


def _now() -> sa.TextClause:
    if _native():
        return sa.text("clock_timestamp()")
    return sa.text("(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))")


def _moment() -> sa.types.TypeEngine[Any]:
    return sa.DateTime(timezone=True) if _native() else sa.String(32)
