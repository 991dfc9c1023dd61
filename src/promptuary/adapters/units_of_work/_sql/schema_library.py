"""The tables of the prompt library.

A prompt's id follows from its tenant and slug, a version's from what it says, so both are the same
wherever they are kept. `latest` repeats the newest version of the branch `main`, and `usage_count`
the sum of the days, so that listing reads one table. `library_usage` counts every use, and
`library_usage_by_user` those of users who are known.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from promptuary.adapters.units_of_work._sql.tables import (
    Position,
    count,
    created,
    json,
    metadata,
    own_id,
    refers,
    updated,
)
from promptuary.adapters.units_of_work._sql.types import Moment, Words


def _words(name: str, limit: int | None = None) -> Column[str]:
    return Column(name, Words(limit), nullable=False, server_default=text("''"))


def _list(name: str) -> Column[Any]:
    return Column(name, JSON(), nullable=False, server_default=text("'[]'"))


def _version() -> Column[str]:
    return Column("version_id", Words(64), nullable=False)


def _of_prompt() -> Column[str]:
    return refers("prompt_id", "library_prompts.id")


library_prompts = Table(
    "library_prompts",
    metadata,
    own_id(),
    _words("tenant", 255),
    Column("slug", Words(255), nullable=False),
    Column("title", Words(), nullable=False),
    _words("description"),
    _words("folder", 255),
    _list("tags"),
    Column("domain", Words(50), nullable=False),
    Column("expertise_level", Words(50), nullable=False),
    _list("detected_topics"),
    json("topic_details"),
    count("revision", 1),
    count("versions"),
    Column("latest", Words(64), nullable=False),
    count("usage_count"),
    count("ratings"),
    Column("average_rating", Float()),
    Column("archived", Boolean(), nullable=False, server_default=text("false")),
    _list("unknown"),
    created(),
    updated(),
    UniqueConstraint("tenant", "slug"),
    Index("ix_library_prompts_tenant_updated_at", "tenant", "updated_at"),
)

library_tags = Table(
    "library_tags",
    metadata,
    _of_prompt(),
    Column("tag", Words(255), nullable=False),
    PrimaryKeyConstraint("prompt_id", "tag"),
    Index("ix_library_tags_tag", "tag"),
)

library_versions = Table(
    "library_versions",
    metadata,
    _of_prompt(),
    Column("id", Words(64), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("branch", Words(255), nullable=False),
    Column("content", Words(), nullable=False),
    _list("parents"),
    _words("message"),
    _words("author"),
    _list("origins"),
    created(),
    PrimaryKeyConstraint("prompt_id", "id"),
    UniqueConstraint("prompt_id", "number"),
)

library_labels = Table(
    "library_labels",
    metadata,
    _of_prompt(),
    Column("name", Words(255), nullable=False),
    _version(),
    Column("protected", Boolean(), nullable=False),
    updated(),
    _words("updated_by"),
    PrimaryKeyConstraint("prompt_id", "name"),
)

library_branches = Table(
    "library_branches",
    metadata,
    _of_prompt(),
    Column("name", Words(255), nullable=False),
    _version(),
    PrimaryKeyConstraint("prompt_id", "name"),
)

library_ratings = Table(
    "library_ratings",
    metadata,
    Column("position", Position, primary_key=True),
    _of_prompt(),
    _version(),
    Column("stars", Integer(), nullable=False),
    _words("comment"),
    _words("author"),
    created(),
    Index("ix_library_ratings_prompt_id", "prompt_id", "position"),
    sqlite_autoincrement=True,
)

library_usage = Table(
    "library_usage",
    metadata,
    _of_prompt(),
    _version(),
    Column("day", Words(10), nullable=False),
    count("uses"),
    PrimaryKeyConstraint("prompt_id", "version_id", "day"),
)

library_usage_by_user = Table(
    "library_usage_by_user",
    metadata,
    _of_prompt(),
    _version(),
    Column("day", Words(10), nullable=False),
    Column("used_by", Words(), nullable=False),
    count("uses"),
    PrimaryKeyConstraint("prompt_id", "version_id", "day", "used_by"),
)

library_carried = Table(
    "library_carried",
    metadata,
    _of_prompt(),
    Column("format", Words(255), nullable=False),
    Column("extras", Words(), nullable=False),
    PrimaryKeyConstraint("prompt_id", "format"),
)

library_audit = Table(
    "library_audit",
    metadata,
    Column("position", Position, primary_key=True),
    _words("tenant", 255),
    Column("prompt_id", own_id().type, nullable=False),
    Column("slug", Words(255), nullable=False),
    Column("action", Words(50), nullable=False),
    _words("detail"),
    _words("author"),
    count("revision"),
    Column("at", Moment(), nullable=False),
    Index("ix_library_audit_prompt_id", "prompt_id", "position"),
    Index("ix_library_audit_tenant", "tenant", "position"),
    sqlite_autoincrement=True,
)

library_misses = Table(
    "library_misses",
    metadata,
    _words("tenant", 255),
    Column("query", Words(), nullable=False),
    count("count"),
    Column("first_at", Moment(), nullable=False),
    Column("last_at", Moment(), nullable=False),
    PrimaryKeyConstraint("tenant", "query"),
)
