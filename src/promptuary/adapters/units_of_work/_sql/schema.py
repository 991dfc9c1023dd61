"""The tables. The names of the prompt, cluster, template and family tables are read by others too.

A *cluster* is what the domain calls a lineage. Foreign keys are checked at commit, so the order of
writes inside a transaction does not matter. `prompts.cluster_id` repeats the placement's cluster so
that a lineage's prompts, and the prompts that stand alone, are each one range of an index.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
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
    where,
)
from promptuary.adapters.units_of_work._sql.types import Id, Moment, Queryable, Words

collections = Table(
    "collections",
    metadata,
    own_id(),
    Column("name", Words(255), nullable=False, unique=True),
    count("last_seq"),
    count("placed_seq"),
    count("rejected"),
    count("arrivals"),
    created(),
)

prompt_families = Table(
    "prompt_families",
    metadata,
    own_id(),
    refers("collection_id", "collections.id"),
    refers("parent_family_id", "prompt_families.id", nullable=True, gone="SET NULL"),
    Column("name", Words(255), nullable=False),
    Column("description", Words()),
    count("size"),
    count("templates"),
    created(),
    updated(),
    Index("ix_prompt_families_created_at", "created_at"),
    Index("ix_prompt_families_name", "name"),
)
Index("ix_prompt_families_size", prompt_families.c.size.desc(), prompt_families.c.id)
Index(
    "ix_prompt_families_collection_id_size",
    prompt_families.c.collection_id,
    prompt_families.c.size.desc(),
    prompt_families.c.id,
)

clusters = Table(
    "clusters",
    metadata,
    own_id(),
    refers("collection_id", "collections.id"),
    Column("name", Words(255)),
    Column("centroid_embedding_id", Id()),
    Column("similarity_threshold", Float()),
    Column("confidence_score", Float()),
    Column("current_template_id", Id(), nullable=False),
    count("size"),
    count("first_seq"),
    count("last_seq"),
    Column("examples", JSON(), nullable=False, server_default=text("'[]'")),
    json("tallies"),
    Column("merged_into", Id()),
    created(),
    updated(),
    Index("ix_clusters_created_at", "created_at"),
)
Index("ix_clusters_size", clusters.c.size.desc(), clusters.c.id, **where("merged_into IS NULL"))
Index(
    "ix_clusters_collection_id_size",
    clusters.c.collection_id,
    clusters.c.size.desc(),
    clusters.c.id,
    **where("merged_into IS NULL"),
)

canonical_templates = Table(
    "canonical_templates",
    metadata,
    own_id(),
    refers("cluster_id", "clusters.id"),
    Column("template_content", Words(), nullable=False),
    Column("version", Words(50), nullable=False),
    Column("slots", Queryable, nullable=False),
    Column("confidence_score", Float(), nullable=False),
    Column("reason", Words(), nullable=False),
    created(),
    updated(),
    Index("ix_canonical_templates_cluster_id", "cluster_id"),
    Index("ix_canonical_templates_version", "version"),
    Index("ix_canonical_templates_slots", "slots", postgresql_using="gin").ddl_if(
        dialect="postgresql"
    ),
)

template_slots = Table(
    "template_slots",
    metadata,
    own_id(),
    refers("template_id", "canonical_templates.id"),
    Column("position", Integer(), nullable=False),
    Column("slot_name", Words(255), nullable=False),
    Column("slot_type", Words(100), nullable=False),
    Column("required", Boolean(), nullable=False),
    Column("example_values", Queryable, nullable=False),
    Column("confidence_score", Float(), nullable=False),
    created(),
    Index("ix_template_slots_template_id", "template_id"),
    Index("ix_template_slots_example_values", "example_values", postgresql_using="gin").ddl_if(
        dialect="postgresql"
    ),
)

evolution_events = Table(
    "evolution_events",
    metadata,
    own_id(),
    refers("cluster_id", "clusters.id"),
    refers("template_id", "canonical_templates.id"),
    Column("ordinal", Integer(), nullable=False),
    Column("event_type", Words(50), nullable=False),
    Column("previous_version", Words(50)),
    Column("new_version", Words(50)),
    Column("change_reason", Words(), nullable=False),
    Column("detected_by", Words(100), nullable=False),
    Column("confidence_score", Float(), nullable=False, server_default=text("1")),
    json("evidence"),
    created(),
    Index("ix_evolution_events_cluster_id", "cluster_id"),
    Index("ix_evolution_events_template_id", "template_id"),
    Index("ix_evolution_events_created_at", "created_at"),
)

family_cluster_mappings = Table(
    "family_cluster_mappings",
    metadata,
    own_id(),
    refers("family_id", "prompt_families.id"),
    refers("cluster_id", "clusters.id"),
    created(),
    UniqueConstraint("cluster_id"),
    Index("ix_family_cluster_mappings_family_id", "family_id"),
)

prompts = Table(
    "prompts",
    metadata,
    own_id(),
    refers("collection_id", "collections.id"),
    Column("seq", BigInteger(), nullable=False),
    Column("content", Words(), nullable=False),
    Column("content_hash", Words(64), nullable=False),
    Column("embedding_id", Id()),
    Column("moderation_status", Words(50), nullable=False),
    json("verdict"),
    count("count", 1),
    Column("source", Words()),
    json("metadata"),
    refers("cluster_id", "clusters.id", nullable=True, gone="SET NULL"),
    created(),
    updated(),
    UniqueConstraint("collection_id", "seq"),
    Index("ix_prompts_created_at", "created_at"),
)
Index(
    "ix_prompts_collection_id_alone",
    prompts.c.collection_id,
    prompts.c.seq,
    **where("cluster_id IS NULL AND moderation_status = 'safe'"),
)
Index(
    "ix_prompts_collection_id_rejected",
    prompts.c.collection_id,
    prompts.c.seq,
    **where("moderation_status = 'rejected'"),
)
Index(
    "ix_prompts_cluster_id_seq",
    prompts.c.cluster_id,
    prompts.c.seq,
    **where("cluster_id IS NOT NULL"),
)

family_prompt_mappings = Table(
    "family_prompt_mappings",
    metadata,
    refers("prompt_id", "prompts.id"),
    refers("family_id", "prompt_families.id"),
    created(),
    PrimaryKeyConstraint("prompt_id"),
    Index("ix_family_prompt_mappings_family_id", "family_id"),
)

occurrences = Table(
    "occurrences",
    metadata,
    refers("collection_id", "collections.id"),
    Column("key", Words(), nullable=False),
    Column("position", BigInteger(), nullable=False),
    refers("prompt_id", "prompts.id"),
    created(),
    PrimaryKeyConstraint("collection_id", "key"),
    UniqueConstraint("collection_id", "position"),
)

cluster_assignments = Table(
    "cluster_assignments",
    metadata,
    own_id(),
    refers("prompt_id", "prompts.id"),
    refers("cluster_id", "clusters.id"),
    refers("template_id", "canonical_templates.id"),
    Column("similarity_score", Float(), nullable=False),
    Column("confidence_score", Float(), nullable=False),
    Column("reasoning", Words(), nullable=False),
    json("slots"),
    Column("residual", Words(), nullable=False),
    created(),
    Index("ix_cluster_assignments_prompt_id", "prompt_id", unique=True),
    Index("ix_cluster_assignments_cluster_id", "cluster_id"),
    Index("ix_cluster_assignments_template_id", "template_id"),
)

sources = Table(
    "sources",
    metadata,
    own_id(),
    refers("collection_id", "collections.id"),
    *(Column(name, Words(), nullable=False) for name in ("root", "path", "name", "stamp")),
    Column("digest", Words(64), nullable=False),
    Column("recipe", Words(), nullable=False),
    Column("status", Words(50), nullable=False),
    Column("code", Words(50), nullable=False),
    Column("reason", Words(), nullable=False),
    *map(count, ("documents", "passages", "characters")),
    updated(),
    Index("ix_sources_collection_id", "collection_id"),
)

documents = Table(
    "documents",
    metadata,
    own_id(),
    refers("collection_id", "collections.id"),
    refers("source_id", "sources.id"),
    Column("name", Words(), nullable=False),
    Column("title", Words(), nullable=False),
    Column("digest", Words(64), nullable=False),
    Column("content", Words(), nullable=False),
    json("metadata"),
    created(),
    updated(),
    Index("ix_documents_source_id", "source_id"),
    Index("ix_documents_collection_id", "collection_id"),
)

passages = Table(
    "passages",
    metadata,
    own_id(),
    refers("document_id", "documents.id"),
    Column("seq", Integer(), nullable=False),
    Column("content", Words(), nullable=False),
    Column("start_offset", BigInteger(), nullable=False),
    Column("end_offset", BigInteger(), nullable=False),
    Column("headings", JSON(), nullable=False, server_default=text("'[]'")),
    Column("line", BigInteger()),
    Column("page", BigInteger()),
    UniqueConstraint("document_id", "seq"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("position", Position, primary_key=True),
    Column("kind", Words(50), nullable=False),
    Column("entity_id", Id(), nullable=False),
    created(),
    sqlite_autoincrement=True,
)

ACTIVE = "state IN ('waiting', 'running')"
"""Of jobs: the condition of their indexes, in the words that make a database use them."""

jobs = Table(
    "jobs",
    metadata,
    Column("position", Position, primary_key=True),
    Column("id", Id(), nullable=False, unique=True),
    Column("name", Words(255), nullable=False),
    Column("dedupe", Words()),
    Column("lane", Words(255), nullable=False, server_default=text("''")),
    count("turn"),
    Column("state", Words(50), nullable=False),
    json("payload"),
    json("checkpoint"),
    Column("attempt", Integer(), nullable=False, server_default=text("0")),
    Column("fence", Integer(), nullable=False, server_default=text("0")),
    Column("error", Words()),
    Column("due_at", Moment(), nullable=False),
    Column("lease_until", Moment()),
    created(),
    updated(),
    Index("ix_jobs_state_position", "state", "position"),
    sqlite_autoincrement=True,
)
Index(
    "uq_jobs_running",
    jobs.c.name,
    jobs.c.dedupe,
    unique=True,
    **where("state = 'running' AND dedupe IS NOT NULL"),
)
Index("ix_jobs_turn", jobs.c.turn, jobs.c.position, **where(ACTIVE))
Index("ix_jobs_lane", jobs.c.lane, jobs.c.turn, **where(ACTIVE))
Index("ix_jobs_waiting", jobs.c.name, jobs.c.dedupe, **where("state = 'waiting'"))

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Words(255), primary_key=True),
    Column("name", Words(255), nullable=False),
    Column("scopes", JSON(), nullable=False),
    Column("digest", Words(), nullable=False),
    Column("expires_at", Moment()),
    Column("revoked_at", Moment()),
    Column("rate_limit_per_minute", Integer()),
    Column("tenant", Words(255), nullable=False, server_default=text("''")),
    created(),
)

replies = Table(
    "replies",
    metadata,
    Column("key", Words(), primary_key=True),
    Column("digest", Words(), nullable=False),
    Column("status", Integer()),
    Column("body", LargeBinary()),
    created(),
)
