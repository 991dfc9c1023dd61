"""Indexes by which jobs are claimed in turn, however many wait or are done.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from alembic import op

from promptuary.adapters.units_of_work._sql.online import add_index

revision = "018_job_turns"
down_revision = "018_job_lanes"
branch_labels = None
depends_on = None

JOBS = "jobs"
INDEXES = {"ix_jobs_turn": ["turn", "position"], "ix_jobs_lane": ["lane", "turn"]}


def upgrade() -> None:
    """Make them."""
    for name, columns in INDEXES.items():
        add_index(name, JOBS, columns, where="state IN ('waiting', 'running')")


def downgrade() -> None:
    """Drop them."""
    for name in INDEXES:
        op.drop_index(name, JOBS)
