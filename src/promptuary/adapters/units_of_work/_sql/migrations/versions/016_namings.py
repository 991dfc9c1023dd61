"""What chat models called templates, families and slots, and what was refused of it.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "016_namings"
down_revision = "015_event_words"
branch_labels = None
depends_on = None

NAMINGS = "namings"


def upgrade() -> None:
    """Make the table."""
    number = sa.BigInteger() if _native() else sa.Integer()
    op.create_table(
        NAMINGS,
        sa.Column("position", number, autoincrement=True, nullable=False),
        sa.Column("id", _uuid(), nullable=False),
        sa.Column("collection", _words(255), nullable=False),
        sa.Column("own_id", _uuid(), nullable=False),
        sa.Column("asked", _words(64), nullable=False),
        sa.Column("model", _words(255), nullable=False),
        sa.Column("refused", _words(50), nullable=False, server_default=sa.text("''")),
        sa.Column("detail", _words(), nullable=False, server_default=sa.text("''")),
        sa.Column("wording", sa.JSON(none_as_null=True)),
        sa.Column("created_at", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=f"pk_{NAMINGS}"),
        sa.UniqueConstraint("id", name=f"uq_{NAMINGS}_id"),
        sqlite_autoincrement=True,
    )
    for columns in (["own_id"], ["asked"], ["collection", "position"]):
        op.create_index(f"ix_{NAMINGS}_{'_'.join(columns)}", NAMINGS, columns)


def downgrade() -> None:
    """Drop it: no other table knows of it. What was named keeps its name."""
    op.drop_table(NAMINGS)


def _native() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _words(limit: int | None = None) -> sa.types.TypeEngine[str]:
    collation = "C" if _native() else None
    return sa.String(limit, collation) if limit else sa.Text(collation=collation)


def _moment() -> sa.types.TypeEngine[Any]:
    return sa.DateTime(timezone=True) if _native() else sa.String(32)
