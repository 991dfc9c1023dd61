"""Prompts that belong to a family by themselves.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "002_families_of_prompts"
down_revision = "001_initial_schema"
branch_labels = None
depends_on = None

TABLE = "family_prompt_mappings"


def upgrade() -> None:
    """Make the table."""
    native = op.get_bind().dialect.name == "postgresql"
    now = "clock_timestamp()" if native else "(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))"
    moment = sa.DateTime(timezone=True) if native else sa.String(32)
    op.create_table(
        TABLE,
        _refers("prompt_id", "prompts", native=native),
        _refers("family_id", "prompt_families", native=native),
        sa.Column("created_at", moment, server_default=sa.text(now), nullable=False),
        sa.PrimaryKeyConstraint("prompt_id", name=f"pk_{TABLE}"),
    )
    op.create_index(f"ix_{TABLE}_family_id", TABLE, ["family_id"])


def downgrade() -> None:
    """Drop it: no other table knows of it."""
    op.drop_table(TABLE)


def _refers(column: str, target: str, *, native: bool) -> sa.Column[str]:
    key = sa.ForeignKey(
        f"{target}.id",
        name=f"fk_{TABLE}_{column}",
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )
    kind = sa.Uuid(as_uuid=False) if native else sa.String(36)
    return sa.Column(column, kind, key, nullable=False)
