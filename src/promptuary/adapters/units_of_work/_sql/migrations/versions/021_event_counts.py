"""Counts of events by quarter of an hour and by day, kept beside the events on SQLite.

Triggers keep them, so what an older release writes is counted too. PostgreSQL counts the events.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "021_event_counts"
down_revision = "020_intents"
branch_labels = None
depends_on = None

COUNTS = "camera_event_counts"
KEY = "span, camera_id, began, label, person, zones"
SPANS = (900_000_000, 86_400_000_000)
NEW, OLD = ("NEW.", "NOT NEW.gone"), ("OLD.", "-(NOT OLD.gone)")
PLACE = ("gone", "camera_id", "started", "label", "sub_label", "zones")


def upgrade() -> None:
    """Make the counts and what keeps them, and count the events that are there."""
    if op.get_bind().dialect.name != "sqlite":
        return
    _run(
        f"CREATE TABLE {COUNTS} (span INTEGER NOT NULL, camera_id TEXT NOT NULL, "
        "began INTEGER NOT NULL, label TEXT NOT NULL, person TEXT NOT NULL, zones TEXT NOT NULL, "
        f"n INTEGER NOT NULL, PRIMARY KEY ({KEY})) WITHOUT ROWID"
    )
    events = "ON camera_events WHEN"
    changed = f"{_place('OLD.')} IS NOT {_place('NEW.')}"
    _trigger("new", f"INSERT {events} NOT NEW.gone", NEW)
    _trigger("changed", f"UPDATE {events} {changed}", OLD, NEW)
    _trigger("deleted", f"DELETE {events} NOT OLD.gone", OLD)
    for span in SPANS:
        _run(
            f"INSERT INTO {COUNTS} ({KEY}, n) SELECT {_cell('', span)}, count(*) "  # noqa: S608 - all words are ours
            "FROM camera_events WHERE NOT gone GROUP BY 1, 2, 3, 4, 5, 6"
        )


def downgrade() -> None:
    """Drop them: they hold nothing that the table of events does not say."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("new", "changed", "deleted"):
            _run(f"DROP TRIGGER {COUNTS}_{name}")
        op.drop_table(COUNTS)


def _run(statement: str) -> None:
    op.get_bind().execute(sa.text(statement))


def _cell(row: str, span: int) -> str:
    began = f"{row}started - (({row}started % {span} + {span}) % {span})"
    person = f"coalesce('|' || {row}sub_label, '')"
    return f"{span}, {row}camera_id, {began}, {row}label, {person}, {row}zones"


def _place(row: str) -> str:
    return f"({', '.join(row + name for name in PLACE)})"


def _trigger(name: str, when: str, *changes: tuple[str, str]) -> None:
    cells = [(_cell(row, span), by) for row, by in changes for span in SPANS]
    added = ", ".join(f"({cell}, {by})" for cell, by in cells)
    emptied = (f"DELETE FROM {COUNTS} WHERE n = 0 AND ({KEY}) = ({cell})" for cell, _ in cells)  # noqa: S608 - all words are ours
    statements = (
        f"INSERT INTO {COUNTS} ({KEY}, n) VALUES {added} "  # noqa: S608 - all words are ours
        f"ON CONFLICT ({KEY}) DO UPDATE SET n = n + excluded.n",
        *emptied,
    )
    _run(f"CREATE TRIGGER {COUNTS}_{name} AFTER {when} BEGIN {'; '.join(statements)}; END")
