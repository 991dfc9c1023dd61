"""What people corrected.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "009_corrections"
down_revision = "008_originals"
branch_labels = None
depends_on = None

CORRECTIONS = "corrections"


def upgrade() -> None:
    """Make the table."""
    number = sa.BigInteger() if _native() else sa.Integer()
    op.create_table(
        CORRECTIONS,
        sa.Column("position", number, autoincrement=True, nullable=False),
        sa.Column("id", _uuid(), nullable=False),
        sa.Column("collection", _words(255), nullable=False),
        sa.Column("kind", _words(50), nullable=False),
        sa.Column("ids", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("apart", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("name", _words(255), nullable=False, server_default=sa.text("''")),
        sa.Column("made_by", _words(255), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("undone_at", _moment(), nullable=True),
        sa.Column("undone_by", _words(255), nullable=True),
        sa.PrimaryKeyConstraint("position", name=f"pk_{CORRECTIONS}"),
        sa.UniqueConstraint("id", name=f"uq_{CORRECTIONS}_id"),
        sqlite_autoincrement=True,
    )
    name = f"ix_{CORRECTIONS}_collection_position"
    op.create_index(name, CORRECTIONS, ["collection", "position"])


def downgrade() -> None:
    """Drop it: no other table knows of it."""
    op.drop_table(CORRECTIONS)


def _native() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _words(limit: int) -> sa.types.TypeEngine[str]:
    return sa.String(limit, "C" if _native() else None)


def _moment() -> sa.types.TypeEngine[Any]:
    return sa.DateTime(timezone=True) if _native() else sa.String(32)
