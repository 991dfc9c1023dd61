"""Where the files are kept that sources were read from.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "008_originals"
down_revision = "007_insights"
branch_labels = None
depends_on = None

ORIGINALS = "originals"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        ORIGINALS,
        sa.Column("blob", _words(255), nullable=False),
        sa.Column("source_id", _uuid(), nullable=True),
        sa.Column("digest", _words(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("until", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("blob", name=f"pk_{ORIGINALS}"),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
            name=f"fk_{ORIGINALS}_source_id",
            ondelete="SET NULL",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index(f"ix_{ORIGINALS}_source_id", ORIGINALS, ["source_id"])
    stray: Any = sa.text("source_id IS NULL")
    op.create_index(
        f"ix_{ORIGINALS}_until", ORIGINALS, ["until"], sqlite_where=stray, postgresql_where=stray
    )


def downgrade() -> None:
    """Drop it: no other table knows of it."""
    op.drop_table(ORIGINALS)


def _native() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _words(limit: int) -> sa.types.TypeEngine[str]:
    return sa.String(limit, "C" if _native() else None)


def _moment() -> sa.types.TypeEngine[Any]:
    return sa.DateTime(timezone=True) if _native() else sa.String(32)
