"""Cameras, events, conversations and messages.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "005_conversations"
down_revision = "004_library"
branch_labels = None
depends_on = None

TABLES = ("messages", "conversations", "camera_events", "camera_facets", "cameras")


def upgrade() -> None:
    """Make the tables, parents first."""
    _cameras()
    _facets()
    _events()
    _conversations()
    _messages()


def downgrade() -> None:
    """Drop them, children first."""
    for table in TABLES:
        op.drop_table(table)


def _cameras() -> None:
    op.create_table(
        "cameras",
        _words("id", 255),
        _words("name", 255),
        _json("labels", "[]"),
        _json("zones", "[]"),
        _json("people", "[]"),
        sa.PrimaryKeyConstraint("id", name="pk_cameras"),
    )


def _facets() -> None:
    op.create_table(
        "camera_facets",
        _words("camera_id", 255),
        _words("kind", 16),
        _words("value", 255),
        sa.PrimaryKeyConstraint("camera_id", "kind", "value", name="pk_camera_facets"),
    )


def _events() -> None:
    table = "camera_events"
    op.create_table(
        table,
        _words("id", 255),
        _words("camera_id", 255),
        _words("label", 255),
        _words("sub_label", 255, nullable=True),
        _words("zones"),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger()),
        sa.Column("confidence", sa.Float()),
        _words("description", nullable=True),
        _words("searched", nullable=True),
        sa.Column("box", sa.JSON()),
        _words("track_id", 255, nullable=True),
        _words("clip", nullable=True),
        _json("metadata", "{}"),
        sa.Column("gone", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    here = "NOT gone"
    for name, columns, condition in (
        ("camera_id", ["camera_id", "label", "started"], here),
        ("label", ["label", "started", "camera_id"], here),
        ("started", ["started", "id"], here),
        ("sub_label", ["sub_label", "started"], "sub_label IS NOT NULL AND NOT gone"),
    ):
        where = sa.text(condition)
        op.create_index(
            f"ix_{table}_{name}", table, columns, sqlite_where=where, postgresql_where=where
        )


def _conversations() -> None:
    table = "conversations"
    op.create_table(
        table,
        _words("id", 255),
        _words("owner", 255),
        sa.Column("turns", sa.Integer(), nullable=False),
        _json("carried", "{}"),
        sa.Column("created_at", _time(), nullable=False),
        sa.Column("last_activity", _time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_owner", table, ["owner", "last_activity", "id"])
    op.create_index(f"ix_{table}_last_activity", table, ["last_activity", "id"])


def _messages() -> None:
    table = "messages"
    key = sa.ForeignKey(
        "conversations.id",
        name=f"fk_{table}_conversation_id",
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )
    collation = "C" if _native() else None
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(as_uuid=False) if _native() else sa.String(36), nullable=False),
        sa.Column("conversation_id", sa.String(255, collation), key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _words("role", 50),
        _words("content"),
        _json("metadata", "{}"),
        sa.Column("created_at", _time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    op.create_index(
        f"ix_{table}_conversation_id", table, ["conversation_id", "position"], unique=True
    )


def _native() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _time() -> sa.types.TypeEngine[Any]:
    return sa.DateTime(timezone=True) if _native() else sa.String(32)


def _json(name: str, empty: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text(f"'{empty}'"))


def _words(name: str, limit: int | None = None, *, nullable: bool = False) -> sa.Column[str]:
    collation = "C" if _native() else None
    kind = sa.String(limit, collation) if limit else sa.Text(collation=collation)
    return sa.Column(name, kind, nullable=nullable)
