"""A client of the older pipeline that reads the record with SQL of its own, on both databases."""

import json
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from promptuary.app import Promptuary
from promptuary.settings import Settings

pytestmark = pytest.mark.anyio
TABLES = {
    "prompts": "content embedding_id moderation_status created_at updated_at",
    "clusters": "name centroid_embedding_id similarity_threshold confidence_score created_at "
    "updated_at",
    "cluster_assignments": "prompt_id cluster_id similarity_score confidence_score reasoning "
    "created_at",
    "canonical_templates": "cluster_id template_content version slots confidence_score created_at "
    "updated_at",
    "template_slots": "template_id slot_name slot_type example_values confidence_score created_at",
    "evolution_events": "template_id event_type previous_version new_version change_reason "
    "detected_by created_at",
    "prompt_families": "parent_family_id name description created_at",
    "family_cluster_mappings": "family_id cluster_id created_at",
}
INDEXED = {
    ("prompts", "created_at"), ("cluster_assignments", "prompt_id"),
    ("cluster_assignments", "cluster_id"), ("canonical_templates", "cluster_id"),
    ("canonical_templates", "version"), ("evolution_events", "template_id"),
    ("evolution_events", "created_at"),
}  # fmt: skip
JOURNEY = """
SELECT p.content, a.similarity_score, c.name, t.template_content, t.version, s.slot_name,
       s.slot_type, e.event_type, e.detected_by, f.name AS family
FROM prompts p
JOIN cluster_assignments a ON a.prompt_id = p.id
JOIN clusters c ON c.id = a.cluster_id
JOIN canonical_templates t ON t.cluster_id = c.id
JOIN template_slots s ON s.template_id = t.id
JOIN evolution_events e ON e.template_id = t.id
JOIN family_cluster_mappings m ON m.cluster_id = c.id
JOIN prompt_families f ON f.id = m.family_id
WHERE p.moderation_status = 'safe'
ORDER BY p.content
"""
TOWNS = ("Oslo", "Lima", "Cairo", "Perth", "Quito", "Turin")


async def read(url: str):
    """Columns, indexed columns and foreign keys of each table, and the rows of the journey."""
    engine = create_async_engine(url.replace("://", f"+{DRIVERS[url.partition(':')[0]]}://", 1))
    async with engine.connect() as connection:
        seen = await connection.run_sync(_shape)
        rows = (await connection.execute(text(JOURNEY))).mappings().all()
    await engine.dispose()
    return *seen, rows


DRIVERS = {"sqlite": "aiosqlite", "postgresql": "asyncpg"}


def _shape(connection):
    found = inspect(connection)
    columns = {name: {each["name"] for each in found.get_columns(name)} for name in TABLES}
    indexed = {
        (name, each["column_names"][0]) for name in TABLES for each in found.get_indexes(name)
    }
    gone = {
        (name, *key["constrained_columns"]): key["options"].get("ondelete")
        for name in TABLES
        for key in found.get_foreign_keys(name)
    }
    return columns, indexed, gone


class OlderReader:
    async def test_the_older_names_give_a_prompt_its_cluster_template_slots_and_family(self, url):
        home = Settings(home=self.home, database_url=url, index_url="memory:")
        async with await Promptuary.open(settings=home) as promptuary:
            prompts = [f"Name a quiet street in {town} for an evening walk." for town in TOWNS]
            await promptuary.ingest(prompts, complete=True)
        columns, indexed, gone, rows = await read(url)
        assert {n: set(c.split()) | {"id"} for n, c in TABLES.items()}.items() <= {
            name: (set(TABLES[name].split()) | {"id"}) & found for name, found in columns.items()
        }.items()
        assert indexed >= INDEXED
        assert gone["prompt_families", "parent_family_id"] == "SET NULL"
        assert gone["canonical_templates", "cluster_id"] == "CASCADE"
        assert gone["template_slots", "template_id"] == "CASCADE"
        assert [row["content"] for row in rows] == sorted(prompts)
        assert {row["version"] for row in rows} == {"1.0.0"}
        assert {(row["event_type"], row["detected_by"]) for row in rows} == {("CREATED", "rules")}
        assert "{{" in rows[0]["template_content"]


@pytest.mark.slow
class TestOnSqlite(OlderReader):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        self.home = tmp_path
        return f"sqlite:///{tmp_path}/record.db"


@pytest.mark.server
class TestOnPostgresql(OlderReader):
    @pytest.fixture
    def url(self, tmp_path: Path, postgresql_url: str) -> str:
        self.home = tmp_path
        return postgresql_url

    async def test_templates_are_found_by_a_slot_and_slots_by_a_value_with_their_indexes(self, url):
        home = Settings(home=self.home, database_url=url, index_url="memory:")
        async with await Promptuary.open(settings=home) as promptuary:
            prompts = [f"Name a quiet street in {town} for an evening walk." for town in TOWNS]
            await promptuary.ingest(prompts, complete=True)
            (slot,) = (await promptuary.templates()).items[0].template.slots
        engine = create_async_engine(url.replace("://", "+asyncpg://", 1))
        async with engine.connect() as connection:
            await connection.execute(text("SET enable_seqscan = off"))  # there are few rows
            for query, value in (
                ("SELECT id FROM canonical_templates WHERE slots @> $$%s$$", [{"name": slot.name}]),
                ("SELECT id FROM template_slots WHERE example_values @> $$%s$$", ["Cairo"]),
            ):
                asked = query % json.dumps(value)
                assert len((await connection.execute(text(asked))).all()) == 1
                plan = "\n".join((await connection.execute(text(f"EXPLAIN {asked}"))).scalars())
                table, column = query.split()[3], query.split()[5]
                assert f"Bitmap Index Scan on ix_{table}_{column}" in plan
        await engine.dispose()
