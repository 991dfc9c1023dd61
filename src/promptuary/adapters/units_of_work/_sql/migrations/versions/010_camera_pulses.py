"""When cameras sent heartbeats.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "010_camera_pulses"
down_revision = "009_corrections"
branch_labels = None
depends_on = None

PULSES = "camera_pulses"


def upgrade() -> None:
    """Make the table."""
    collation = "C" if op.get_bind().dialect.name == "postgresql" else None
    op.create_table(
        PULSES,
        sa.Column("camera_id", sa.String(255, collation), nullable=False),
        sa.Column("first", sa.Float(), nullable=False),
        sa.Column("last", sa.Float(), nullable=False),
        sa.Column("every", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("camera_id", "first", name=f"pk_{PULSES}"),
    )
    op.create_index(f"ix_{PULSES}_last", PULSES, ["last"])


def downgrade() -> None:
    """Drop it: no other table knows of it."""
    op.drop_table(PULSES)
