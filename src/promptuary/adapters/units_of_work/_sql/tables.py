"""What all tables share: their `metadata`, and the columns that mean the same everywhere."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, MetaData, text

from promptuary.adapters.units_of_work._sql.types import Id, Moment, database_now

HEAD = "021_event_counts"
"""The revision that these tables are at."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)
Position = BigInteger().with_variant(Integer(), "sqlite")
"""A number that grows with every row."""


def own_id() -> Column[str]:
    """The primary key `id`, a UUID."""
    return Column("id", Id(), primary_key=True)


def refers(name: str, target: str, *, nullable: bool = False, gone: str = "CASCADE") -> Column[str]:
    """A UUID that points at a row of another table; checked at commit."""
    key = ForeignKey(target, ondelete=gone, deferrable=True, initially="DEFERRED")
    return Column(name, Id(), key, nullable=nullable)


def created() -> Column[Any]:
    """When the row was written first."""
    return Column("created_at", Moment(), nullable=False, server_default=database_now())


def updated() -> Column[Any]:
    """When the row was written last."""
    return Column("updated_at", Moment(), nullable=False, server_default=database_now())


def json(name: str) -> Column[Any]:
    """JSON that only we read; an empty object unless given."""
    return Column(name, JSON(), nullable=False, server_default=text("'{}'"))


def count(name: str, start: int = 0) -> Column[int]:
    """A whole number that begins at `start`."""
    return Column(name, BigInteger(), nullable=False, server_default=text(str(start)))


def where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
