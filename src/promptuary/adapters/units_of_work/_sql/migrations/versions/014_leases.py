"""Leases on what only one may do at a time.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "014_leases"
down_revision = "013_moderation_reviews"
branch_labels = None
depends_on = None

LEASES = "leases"


def upgrade() -> None:
    """Make the table."""
    native = op.get_bind().dialect.name == "postgresql"
    collation = "C" if native else None
    moment = sa.DateTime(timezone=True) if native else sa.String(32)
    op.create_table(
        LEASES,
        sa.Column("name", sa.String(255, collation), nullable=False),
        sa.Column("holder", sa.String(255, collation), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("lease_until", moment, nullable=True),
        sa.PrimaryKeyConstraint("name", name=f"pk_{LEASES}"),
    )


def downgrade() -> None:
    """Drop it: no other table knows of it."""
    op.drop_table(LEASES)
