"""Sources, documents and passages.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "003_documents"
down_revision = "002_families_of_prompts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, parents first."""
    _sources()
    _documents()
    _passages()


def downgrade() -> None:
    """Drop them, children first; what an index still hears of them is heard of nothing else."""
    op.execute("DELETE FROM outbox WHERE kind = 'passage'")
    for table in ("passages", "documents", "sources"):
        op.drop_table(table)


def _sources() -> None:
    table = "sources"
    op.create_table(
        table,
        _id(),
        _refers(table, "collection_id", "collections"),
        _words("root"),
        _words("path"),
        _words("name"),
        _words("stamp"),
        _words("digest", 64),
        _words("recipe"),
        _words("status", 50),
        _words("code", 50),
        _words("reason"),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text("0"))
            for name in ("documents", "passages", "characters")
        ),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
    )
    op.create_index("ix_sources_collection_id", table, ["collection_id"])


def _documents() -> None:
    table = "documents"
    op.create_table(
        table,
        _id(),
        _refers(table, "collection_id", "collections"),
        _refers(table, "source_id", "sources"),
        _words("name"),
        _words("title"),
        _words("digest", 64),
        _words("content"),
        sa.Column("metadata", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
    )
    op.create_index("ix_documents_source_id", table, ["source_id"])
    op.create_index("ix_documents_collection_id", table, ["collection_id"])


def _passages() -> None:
    table = "passages"
    op.create_table(
        table,
        _id(),
        _refers(table, "document_id", "documents"),
        sa.Column("seq", sa.Integer(), nullable=False),
        _words("content"),
        sa.Column("start_offset", sa.BigInteger(), nullable=False),
        sa.Column("end_offset", sa.BigInteger(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("line", sa.BigInteger()),
        sa.Column("page", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_passages"),
        sa.UniqueConstraint("document_id", "seq", name="uq_passages_document_id_seq"),
    )


def _native() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _id() -> sa.Column[str]:
    return sa.Column("id", _uuid(), nullable=False)


def _words(name: str, limit: int | None = None) -> sa.Column[str]:
    collation = "C" if _native() else None
    kind = sa.String(limit, collation) if limit else sa.Text(collation=collation)
    return sa.Column(name, kind, nullable=False)


def _moment(name: str) -> sa.Column[Any]:
    now = "clock_timestamp()" if _native() else "(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))"
    kind = sa.DateTime(timezone=True) if _native() else sa.String(32)
    return sa.Column(name, kind, server_default=sa.text(now), nullable=False)


def _refers(table: str, column: str, target: str) -> sa.Column[str]:
    key = sa.ForeignKey(
        f"{target}.id",
        name=f"fk_{table}_{column}",
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )
    return sa.Column(column, _uuid(), key, nullable=False)
