"""Events with confidence and evidence, and how far each collection was looked through for them.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "012_evolution"
down_revision = "011_moves"
branch_labels = None
depends_on = None

EVENTS, MARKS = "evolution_events", "evolution_marks"


def upgrade() -> None:
    """Add the columns, each with a default, and make the table."""
    empty = sa.text("'{}'")
    op.add_column(
        EVENTS,
        sa.Column("confidence_score", sa.Float(), nullable=False, server_default=sa.text("1")),
    )
    op.add_column(EVENTS, sa.Column("evidence", sa.JSON(), nullable=False, server_default=empty))
    op.create_table(
        MARKS,
        sa.Column("collection_id", _uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("collection_id", name=f"pk_{MARKS}"),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.id"],
            name=f"fk_{MARKS}_collection_id",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
    )


def downgrade() -> None:
    """Drop them; events that an earlier release has no word for go too."""
    op.drop_table(MARKS)
    known = "'CREATED', 'UPDATED', 'SLOT_ADDED', 'SLOT_REMOVED', 'MERGED'"
    op.execute(f"DELETE FROM {EVENTS} WHERE event_type NOT IN ({known})")  # noqa: S608 - constants
    with op.batch_alter_table(EVENTS) as events:
        events.drop_column("evidence")
        events.drop_column("confidence_score")


def _uuid() -> sa.types.TypeEngine[str]:
    native = op.get_bind().dialect.name == "postgresql"
    return sa.Uuid(as_uuid=False) if native else sa.String(36)
