"""Moves between stores.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "011_moves"
down_revision = "010_camera_pulses"
branch_labels = None
depends_on = None

MOVES = "moves"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        MOVES,
        sa.Column("id", _uuid(), nullable=False),
        sa.Column("step", sa.String(50, "C" if _native() else None), nullable=False),
        sa.Column("underway", sa.Boolean(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("state", sa.JSON(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{MOVES}"),
    )
    op.create_index(f"uq_{MOVES}_underway", MOVES, ["underway"], unique=True)
    op.create_index(f"ix_{MOVES}_created_at", MOVES, ["created_at", "id"])


def downgrade() -> None:
    """Drop it: no other table knows of it."""
    op.drop_table(MOVES)


def _native() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _moment(name: str) -> sa.Column[Any]:
    clock = "clock_timestamp()" if _native() else "(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))"
    kind = sa.DateTime(timezone=True) if _native() else sa.String(32)
    return sa.Column(name, kind, server_default=sa.text(clock), nullable=False)
