"""The first tables.

Written out once and never changed afterwards, so it borrows nothing from the code's own tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

revision = "001_initial_schema"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table, parents first."""
    _collections()
    _families()
    _clusters()
    _templates()
    _template_slots()
    _events()
    _mappings()
    _prompts()
    _occurrences()
    _assignments()
    _outbox()
    _jobs()
    _keys_and_replies()


def downgrade() -> None:
    """Drop every table, children first."""
    for table in (
        "replies",
        "api_keys",
        "jobs",
        "outbox",
        "cluster_assignments",
        "occurrences",
        "prompts",
        "family_cluster_mappings",
        "evolution_events",
        "template_slots",
        "canonical_templates",
        "clusters",
        "prompt_families",
        "collections",
    ):
        op.drop_table(table)


def _native() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _uuid() -> sa.types.TypeEngine[str]:
    return sa.Uuid(as_uuid=False) if _native() else sa.String(36)


def _words(limit: int | None = None) -> sa.types.TypeEngine[str]:
    collation = "C" if _native() else None
    return sa.String(limit, collation) if limit else sa.Text(collation=collation)


def _moment() -> sa.types.TypeEngine[Any]:
    return sa.DateTime(timezone=True) if _native() else sa.String(32)


def _queryable() -> sa.types.TypeEngine[Any]:
    return postgresql.JSONB() if _native() else sa.JSON()


def _id() -> sa.Column[str]:
    return sa.Column("id", _uuid(), nullable=False)


def _stamp(name: str) -> sa.Column[Any]:
    now = "clock_timestamp()" if _native() else "(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))"
    return sa.Column(name, _moment(), server_default=sa.text(now), nullable=False)


def _count(name: str, start: int = 0) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text(str(start)), nullable=False)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


def _json(name: str, start: str = "{}") -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), server_default=sa.text(f"'{start}'"), nullable=False)


def _text(name: str, limit: int | None = None, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _words(limit), nullable=nullable)


def _ref(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _uuid(), nullable=nullable)


def _fk(
    table: str, column: str, target: str, gone: str = "CASCADE", *, nullable: bool = False
) -> sa.Column[str]:
    key = sa.ForeignKey(
        f"{target}.id",
        name=f"fk_{table}_{column}",
        ondelete=gone,
        deferrable=True,
        initially="DEFERRED",
    )
    return sa.Column(column, _uuid(), key, nullable=nullable)


def _pk(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*(columns or ("id",)), name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _position(table: str, *parts: SchemaItem) -> None:
    kind = sa.BigInteger() if _native() else sa.Integer()
    column = sa.Column("position", kind, autoincrement=True, nullable=False)
    op.create_table(table, column, *parts, _pk(table, "position"), sqlite_autoincrement=True)


def _index(
    table: str, name: str, *columns: str, unique: bool = False, where: str | None = None
) -> None:
    expressions = [sa.text(column) if " " in column else column for column in columns]
    condition = None if where is None else sa.text(where)
    partial: dict[str, Any] = {f"{kind}_where": condition for kind in ("sqlite", "postgresql")}
    op.create_index(name, table, expressions, unique=unique, **partial)


def _gin(table: str, column: str) -> None:
    if _native():
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_using="gin")


def _collections() -> None:
    op.create_table(
        "collections",
        _id(),
        _text("name", 255),
        _count("last_seq"),
        _count("placed_seq"),
        _count("rejected"),
        _count("arrivals"),
        _stamp("created_at"),
        _pk("collections"),
        _unique("collections", "name"),
    )


def _families() -> None:
    table = "prompt_families"
    op.create_table(
        table,
        _id(),
        _fk(table, "collection_id", "collections"),
        _fk(table, "parent_family_id", table, "SET NULL", nullable=True),
        _text("name", 255),
        _text("description", nullable=True),
        _count("size"),
        _count("templates"),
        _stamp("created_at"),
        _stamp("updated_at"),
        _pk(table),
    )
    _index(table, "ix_prompt_families_size", "size DESC", "id")
    _index(table, "ix_prompt_families_collection_id_size", "collection_id", "size DESC", "id")
    _index(table, "ix_prompt_families_created_at", "created_at")
    _index(table, "ix_prompt_families_name", "name")


def _clusters() -> None:
    table, living = "clusters", "merged_into IS NULL"
    op.create_table(
        table,
        _id(),
        _fk(table, "collection_id", "collections"),
        _text("name", 255, nullable=True),
        _ref("centroid_embedding_id", nullable=True),
        sa.Column("similarity_threshold", sa.Float()),
        sa.Column("confidence_score", sa.Float()),
        _ref("current_template_id"),
        _count("size"),
        _count("first_seq"),
        _count("last_seq"),
        _json("examples", "[]"),
        _json("tallies"),
        _ref("merged_into", nullable=True),
        _stamp("created_at"),
        _stamp("updated_at"),
        _pk(table),
    )
    _index(table, "ix_clusters_size", "size DESC", "id", where=living)
    columns = ("collection_id", "size DESC", "id")
    _index(table, "ix_clusters_collection_id_size", *columns, where=living)
    _index(table, "ix_clusters_created_at", "created_at")


def _templates() -> None:
    table = "canonical_templates"
    op.create_table(
        table,
        _id(),
        _fk(table, "cluster_id", "clusters"),
        _text("template_content"),
        _text("version", 50),
        sa.Column("slots", _queryable(), nullable=False),
        sa.Column("confidence_score", sa.Float(), nullable=False),
        _text("reason"),
        _stamp("created_at"),
        _stamp("updated_at"),
        _pk(table),
    )
    _index(table, "ix_canonical_templates_cluster_id", "cluster_id")
    _index(table, "ix_canonical_templates_version", "version")
    _gin(table, "slots")


def _template_slots() -> None:
    table = "template_slots"
    op.create_table(
        table,
        _id(),
        _fk(table, "template_id", "canonical_templates"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("slot_name", 255),
        _text("slot_type", 100),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("example_values", _queryable(), nullable=False),
        sa.Column("confidence_score", sa.Float(), nullable=False),
        _stamp("created_at"),
        _pk(table),
    )
    _index(table, "ix_template_slots_template_id", "template_id")
    _gin(table, "example_values")


def _events() -> None:
    table = "evolution_events"
    op.create_table(
        table,
        _id(),
        _fk(table, "cluster_id", "clusters"),
        _fk(table, "template_id", "canonical_templates"),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        _text("event_type", 50),
        _text("previous_version", 50, nullable=True),
        _text("new_version", 50, nullable=True),
        _text("change_reason"),
        _text("detected_by", 100),
        _stamp("created_at"),
        _pk(table),
    )
    for column in ("cluster_id", "template_id", "created_at"):
        _index(table, f"ix_evolution_events_{column}", column)


def _mappings() -> None:
    table = "family_cluster_mappings"
    op.create_table(
        table,
        _id(),
        _fk(table, "family_id", "prompt_families"),
        _fk(table, "cluster_id", "clusters"),
        _stamp("created_at"),
        _pk(table),
        _unique(table, "cluster_id"),
    )
    _index(table, "ix_family_cluster_mappings_family_id", "family_id")


def _prompts() -> None:
    table = "prompts"
    op.create_table(
        table,
        _id(),
        _fk(table, "collection_id", "collections"),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        _text("content"),
        _text("content_hash", 64),
        _ref("embedding_id", nullable=True),
        _text("moderation_status", 50),
        _json("verdict"),
        _count("count", 1),
        _text("source", nullable=True),
        _json("metadata"),
        _fk(table, "cluster_id", "clusters", "SET NULL", nullable=True),
        _stamp("created_at"),
        _stamp("updated_at"),
        _pk(table),
        _unique(table, "collection_id", "seq"),
    )
    _index(table, "ix_prompts_created_at", "created_at")
    collected, alone = ("collection_id", "seq"), "cluster_id IS NULL AND moderation_status = 'safe'"
    _index(table, "ix_prompts_collection_id_alone", *collected, where=alone)
    rejected = "moderation_status = 'rejected'"
    _index(table, "ix_prompts_collection_id_rejected", *collected, where=rejected)
    placed = "cluster_id IS NOT NULL"
    _index(table, "ix_prompts_cluster_id_seq", "cluster_id", "seq", where=placed)


def _occurrences() -> None:
    table = "occurrences"
    op.create_table(
        table,
        _fk(table, "collection_id", "collections"),
        _text("key"),
        sa.Column("position", sa.BigInteger(), nullable=False),
        _fk(table, "prompt_id", "prompts"),
        _stamp("created_at"),
        _pk(table, "collection_id", "key"),
        _unique(table, "collection_id", "position"),
    )


def _assignments() -> None:
    table = "cluster_assignments"
    op.create_table(
        table,
        _id(),
        _fk(table, "prompt_id", "prompts"),
        _fk(table, "cluster_id", "clusters"),
        _fk(table, "template_id", "canonical_templates"),
        sa.Column("similarity_score", sa.Float(), nullable=False),
        sa.Column("confidence_score", sa.Float(), nullable=False),
        _text("reasoning"),
        _json("slots"),
        _text("residual"),
        _stamp("created_at"),
        _pk(table),
    )
    _index(table, "ix_cluster_assignments_prompt_id", "prompt_id", unique=True)
    _index(table, "ix_cluster_assignments_cluster_id", "cluster_id")
    _index(table, "ix_cluster_assignments_template_id", "template_id")


def _outbox() -> None:
    _position("outbox", _text("kind", 50), _ref("entity_id"), _stamp("created_at"))


def _jobs() -> None:
    _position(
        "jobs",
        _id(),
        _text("name", 255),
        _text("dedupe", nullable=True),
        _text("state", 50),
        _json("payload"),
        _json("checkpoint"),
        _small("attempt"),
        _small("fence"),
        _text("error", nullable=True),
        sa.Column("due_at", _moment(), nullable=False),
        sa.Column("lease_until", _moment()),
        _stamp("created_at"),
        _stamp("updated_at"),
        _unique("jobs", "id"),
    )
    _index("jobs", "ix_jobs_state_position", "state", "position")
    running = "state = 'running' AND dedupe IS NOT NULL"
    _index("jobs", "uq_jobs_running", "name", "dedupe", unique=True, where=running)
    _index("jobs", "ix_jobs_waiting", "name", "dedupe", where="state = 'waiting'")


def _keys_and_replies() -> None:
    op.create_table(
        "api_keys",
        _text("id", 255),
        _text("name", 255),
        sa.Column("scopes", sa.JSON(), nullable=False),
        _text("digest"),
        sa.Column("expires_at", _moment()),
        sa.Column("revoked_at", _moment()),
        sa.Column("rate_limit_per_minute", sa.Integer()),
        _stamp("created_at"),
        _pk("api_keys", "id"),
    )
    op.create_table(
        "replies",
        _text("key"),
        _text("digest"),
        sa.Column("status", sa.Integer()),
        sa.Column("body", sa.LargeBinary()),
        _stamp("created_at"),
        _pk("replies", "key"),
    )
