"""Descriptions of events found by their words.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from hashlib import blake2b

import sqlalchemy as sa
from alembic import op

from promptuary.adapters.units_of_work._sql.online import add_index

revision = "015_event_words"
down_revision = "014_leases"
branch_labels = None
depends_on = None

WORDS = "camera_event_words"
INDEX = "ix_camera_events_words"
AT_ONCE = 10_000


def upgrade() -> None:
    """Make the index of words, and fill it with those of the events that are there."""
    if _native():
        vector = "to_tsvector('english'::regconfig, searched)"
        add_index(INDEX, "camera_events", [sa.text(vector)], using="gin")
        return
    op.execute(
        f"CREATE VIRTUAL TABLE {WORDS} USING fts5("
        "words, id UNINDEXED, tokenize = \"porter unicode61 remove_diacritics 0 tokenchars '_'\")"
    )
    connection = op.get_bind()
    asked = "SELECT id, trim(searched) FROM camera_events WHERE NOT gone AND searched > ' '"
    found = connection.execute(sa.text(asked))
    insert = sa.text(f"INSERT INTO {WORDS} (rowid, words, id) VALUES (:number, :words, :id)")  # noqa: S608 - the name is ours
    while rows := found.fetchmany(AT_ONCE):
        numbered = sorted((_number(key), key, words) for key, words in rows)
        connection.execute(
            insert, [{"number": n, "words": words, "id": key} for n, key, words in numbered]
        )


def downgrade() -> None:
    """Drop it: it holds nothing that the table of events does not say."""
    if _native():
        op.drop_index(INDEX, "camera_events")
    else:
        op.drop_table(WORDS)


def _native() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _number(id: str) -> int:
    digest = blake2b(id.encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
