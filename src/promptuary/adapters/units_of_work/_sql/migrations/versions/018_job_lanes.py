"""Jobs of lanes that take turns.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "018_job_lanes"
down_revision = "016_namings"
branch_labels = None
depends_on = None

JOBS = "jobs"


def upgrade() -> None:
    """Add the columns: jobs of the release before are of one lane, and first."""
    native = op.get_bind().dialect.name == "postgresql"
    words = sa.String(255, "C" if native else None)
    empty, none = sa.text("''"), sa.text("0")
    op.add_column(JOBS, sa.Column("lane", words, nullable=False, server_default=empty))
    op.add_column(JOBS, sa.Column("turn", sa.BigInteger(), nullable=False, server_default=none))


def downgrade() -> None:
    """Drop them: jobs are then run in the order in which they were added."""
    with op.batch_alter_table(JOBS) as jobs:
        jobs.drop_column("turn")
        jobs.drop_column("lane")
