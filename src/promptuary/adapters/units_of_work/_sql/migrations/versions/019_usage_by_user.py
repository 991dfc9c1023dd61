"""Uses of kept prompts by the users who are known, beside the counts of all uses.

A table of its own: the release before goes on adding to `library_usage` by its key.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "019_usage_by_user"
down_revision = "018_job_turns"
branch_labels = None
depends_on = None

USES = "library_usage_by_user"


def upgrade() -> None:
    """Make the table: uses so far were nobody's who is known."""
    op.create_table(
        USES,
        sa.Column("prompt_id", _uuid(), nullable=False),
        sa.Column("version_id", _words(64), nullable=False),
        sa.Column("day", _words(10), nullable=False),
        sa.Column("used_by", _words(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("prompt_id", "version_id", "day", "used_by", name=f"pk_{USES}"),
        sa.ForeignKeyConstraint(
            ["prompt_id"],
            ["library_prompts.id"],
            name=f"fk_{USES}_prompt_id",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
    )


def downgrade() -> None:
    """Drop it: who used what is lost, how often it was used is not."""
    op.drop_table(USES)


def _native() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _words(limit: int | None = None) -> sa.types.TypeEngine[str]:
    collation = "C" if _native() else None
    return sa.String(limit, collation) if limit else sa.Text(collation=collation)
