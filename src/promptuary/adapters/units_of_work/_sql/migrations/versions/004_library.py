"""The prompt library, and whose library an API key opens.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "004_library"
down_revision = "003_documents"
branch_labels = None
depends_on = None

PROMPTS = "library_prompts"
PARTS = ("tags", "versions", "labels", "branches", "ratings", "usage", "carried")
APART = ("library_audit", "library_misses")


def upgrade() -> None:
    """Make the tables, parents first."""
    _prompts()
    _tags()
    _versions()
    _labels_and_branches()
    _ratings()
    _usage()
    _carried()
    _audit()
    _misses()
    with op.batch_alter_table("api_keys") as keys:
        keys.add_column(_words("tenant", 255, empty=True))


def downgrade() -> None:
    """Drop them, children first; what an index still hears of them is heard of nothing else."""
    op.execute("DELETE FROM outbox WHERE kind = 'library'")
    with op.batch_alter_table("api_keys") as keys:
        keys.drop_column("tenant")
    for table in (*APART, *(f"library_{each}" for each in reversed(PARTS)), PROMPTS):
        op.drop_table(table)


def _prompts() -> None:
    op.create_table(
        PROMPTS,
        sa.Column("id", _uuid(), nullable=False),
        _words("tenant", 255, empty=True),
        _words("slug", 255),
        _words("title"),
        _words("description", empty=True),
        _words("folder", 255, empty=True),
        _json("tags", "[]"),
        _words("domain", 50),
        _words("expertise_level", 50),
        _json("detected_topics", "[]"),
        _json("topic_details", "{}"),
        _count("revision", 1),
        _count("versions"),
        _words("latest", 64),
        _count("usage_count"),
        _count("ratings"),
        sa.Column("average_rating", sa.Float()),
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        _json("unknown", "[]"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{PROMPTS}"),
        sa.UniqueConstraint("tenant", "slug", name=f"uq_{PROMPTS}_tenant_slug"),
    )
    op.create_index(f"ix_{PROMPTS}_tenant_updated_at", PROMPTS, ["tenant", "updated_at"])


def _tags() -> None:
    table = "library_tags"
    op.create_table(
        table,
        _of_prompt(table),
        _words("tag", 255),
        sa.PrimaryKeyConstraint("prompt_id", "tag", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_tag", table, ["tag"])


def _versions() -> None:
    table = "library_versions"
    op.create_table(
        table,
        _of_prompt(table),
        _words("id", 64),
        sa.Column("number", sa.Integer(), nullable=False),
        _words("branch", 255),
        _words("content"),
        _json("parents", "[]"),
        _words("message", empty=True),
        _words("author", empty=True),
        _json("origins", "[]"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("prompt_id", "id", name=f"pk_{table}"),
        sa.UniqueConstraint("prompt_id", "number", name=f"uq_{table}_prompt_id_number"),
    )


def _labels_and_branches() -> None:
    table = "library_labels"
    op.create_table(
        table,
        _of_prompt(table),
        _words("name", 255),
        _words("version_id", 64),
        sa.Column("protected", sa.Boolean(), nullable=False),
        _moment("updated_at"),
        _words("updated_by", empty=True),
        sa.PrimaryKeyConstraint("prompt_id", "name", name=f"pk_{table}"),
    )
    table = "library_branches"
    op.create_table(
        table,
        _of_prompt(table),
        _words("name", 255),
        _words("version_id", 64),
        sa.PrimaryKeyConstraint("prompt_id", "name", name=f"pk_{table}"),
    )


def _ratings() -> None:
    table = "library_ratings"
    op.create_table(
        table,
        _position(),
        _of_prompt(table),
        _words("version_id", 64),
        sa.Column("stars", sa.Integer(), nullable=False),
        _words("comment", empty=True),
        _words("author", empty=True),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("position", name=f"pk_{table}"),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{table}_prompt_id", table, ["prompt_id", "position"])


def _usage() -> None:
    table = "library_usage"
    op.create_table(
        table,
        _of_prompt(table),
        _words("version_id", 64),
        _words("day", 10),
        _count("uses"),
        sa.PrimaryKeyConstraint("prompt_id", "version_id", "day", name=f"pk_{table}"),
    )


def _carried() -> None:
    table = "library_carried"
    op.create_table(
        table,
        _of_prompt(table),
        _words("format", 255),
        _words("extras"),
        sa.PrimaryKeyConstraint("prompt_id", "format", name=f"pk_{table}"),
    )


def _audit() -> None:
    table = "library_audit"
    op.create_table(
        table,
        _position(),
        _words("tenant", 255, empty=True),
        sa.Column("prompt_id", _uuid(), nullable=False),
        _words("slug", 255),
        _words("action", 50),
        _words("detail", empty=True),
        _words("author", empty=True),
        _count("revision"),
        sa.Column("at", _time(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=f"pk_{table}"),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{table}_prompt_id", table, ["prompt_id", "position"])
    op.create_index(f"ix_{table}_tenant", table, ["tenant", "position"])


def _misses() -> None:
    table = "library_misses"
    op.create_table(
        table,
        _words("tenant", 255, empty=True),
        _words("query"),
        _count("count"),
        sa.Column("first_at", _time(), nullable=False),
        sa.Column("last_at", _time(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "query", name=f"pk_{table}"),
    )


def _native() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _time() -> sa.types.TypeEngine[Any]:
    return sa.DateTime(timezone=True) if _native() else sa.String(32)


def _position() -> sa.Column[int]:
    return sa.Column("position", sa.BigInteger() if _native() else sa.Integer(), nullable=False)


def _count(name: str, start: int = 0) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text(str(start)))


def _json(name: str, empty: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text(f"'{empty}'"))


def _words(name: str, limit: int | None = None, *, empty: bool = False) -> sa.Column[str]:
    collation = "C" if _native() else None
    kind = sa.String(limit, collation) if limit else sa.Text(collation=collation)
    default = sa.text("''") if empty else None
    return sa.Column(name, kind, nullable=False, server_default=default)


def _moment(name: str) -> sa.Column[Any]:
    now = "clock_timestamp()" if _native() else "(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))"
    return sa.Column(name, _time(), server_default=sa.text(now), nullable=False)


def _of_prompt(table: str) -> sa.Column[str]:
    key = sa.ForeignKey(
        f"{PROMPTS}.id",
        name=f"fk_{table}_prompt_id",
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )
    return sa.Column("prompt_id", _uuid(), key, nullable=False)
