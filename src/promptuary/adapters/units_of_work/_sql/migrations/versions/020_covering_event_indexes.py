"""Indexes of events that answer a count by themselves, without a look at the table.

Each has every column that a question about times, cameras and labels asks for. `gone` is among them
although it never holds: SQLite would look into the table for it.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alembic import op

from promptuary.adapters.units_of_work._sql.online import add_index

revision = "020_covering_event_indexes"
down_revision = "019_usage_by_user"
branch_labels = None
depends_on = None

EVENTS = "camera_events"
BEFORE = {
    "ix_camera_events_camera_id": ("camera_id", "label", "started"),
    "ix_camera_events_label": ("label", "started", "camera_id"),
    "ix_camera_events_started": ("started", "id"),
    "ix_camera_events_sub_label": ("sub_label", "started"),
}
AFTER = {
    "ix_camera_events_camera_id": ("camera_id", "label", "started", "gone"),
    "ix_camera_events_label": ("label", "started", "camera_id", "gone"),
    "ix_camera_events_started": ("started", "id", "camera_id", "gone"),
    "ix_camera_events_sub_label": ("sub_label", "started", "camera_id", "gone"),
}


def upgrade() -> None:
    """Make the indexes anew, and let SQLite count the table, by which it chooses among them."""
    _made(AFTER)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"ANALYZE {EVENTS}")


def downgrade() -> None:
    """Make them as they were."""
    _made(BEFORE)


def _made(indexes: Mapping[str, Sequence[str]]) -> None:
    for name, columns in indexes.items():
        known = "sub_label IS NOT NULL AND NOT gone" if "sub_label" in columns else "NOT gone"
        add_index(name, EVENTS, columns, where=known)
