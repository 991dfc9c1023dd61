"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    TEXT,
    VARCHAR,
    ColumnElement,
    DateTime,
    Dialect,
    String,
    Text,
    Uuid,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from promptuary.adapters.units_of_work._sql.encoding import escaped, unescaped
from promptuary.domain.errors import InvalidInput

_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch

Queryable = JSON().with_variant(JSONB(), "postgresql")
"""JSON that others query and PostgreSQL indexes.

What only we read is plain JSON: it keeps numbers and the order of keys exactly, jsonb does not.
"""


class Id(TypeDecorator[str]):
    """A UUID in canonical text form: native on PostgreSQL, text on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        native = dialect.name == "postgresql"
        return dialect.type_descriptor(Uuid(as_uuid=False) if native else String(36))

    # The processors themselves and not `process_bind_param`: two calls less for each value.
    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], object]:
        if dialect.name == "postgresql":
            return lambda value: None if value is None else UUID(_canonical(value))
        return lambda value: None if value is None else _canonical(value)

    def literal_processor(self, dialect: Dialect) -> None:
        """No id is ever written into a statement."""


class Words(TypeDecorator[str]):
    """Any text, escaped where need be; with a `limit`, at most that many characters."""

    impl = Text
    cache_ok = True

    def __init__(self, limit: int | None = None) -> None:
        super().__init__()
        self.limit = limit

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # Ordered by code point, as SQLite does, so that pages agree between the two.
        collation = "C" if dialect.name == "postgresql" else None
        return VARCHAR(self.limit, collation) if self.limit else TEXT(collation=collation)

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:  # noqa: ARG002 - SQLAlchemy's signature
        limit = self.limit
        if limit is None:
            return lambda value: None if value is None else escaped(value)
        return lambda value: None if value is None else _within(limit, escaped(value))

    def result_processor(
        self,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
        coltype: object,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> Callable[[str | None], str | None]:
        return lambda value: None if value is None else unescaped(value)


class Moment(TypeDecorator[datetime]):
    """A time with its zone, always UTC; on SQLite ISO 8601 text that sorts as the times do."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        native = dialect.name == "postgresql"
        return dialect.type_descriptor(DateTime(timezone=True) if native else String(32))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], object]:
        if dialect.name == "postgresql":
            return lambda value: None if value is None else _utc(value)
        return lambda value: (
            None if value is None else _utc(value).isoformat(timespec="microseconds")
        )

    def result_processor(
        self,
        dialect: Dialect,
        coltype: object,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> Callable[[Any], datetime | None]:
        if dialect.name == "postgresql":
            return lambda value: None if value is None else value.astimezone(UTC)
        return lambda value: None if value is None else datetime.fromisoformat(value)


def _canonical(value: str) -> str:
    if not _UUID(value):
        raise InvalidInput(f"an id must be a UUID in lower case with hyphens, not {value!r}")
    return value


def _within(limit: int, text: str) -> str:
    if len(text) > limit:
        raise InvalidInput(f"at most {limit} characters, not {len(text)}: {text[:40]!r}…")
    return text


def _utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise InvalidInput(f"a time needs its zone: {time.isoformat()}")
    return time.astimezone(UTC)


class database_now(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function that it is
    """The database's own clock, so that the clocks of workers do not matter."""

    type = Moment()
    inherit_cache = True


@compiles(database_now, "sqlite")
def _sqlite_now(*_: object, **__: object) -> str:
    return "strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')"


@compiles(database_now, "postgresql")
def _postgresql_now(*_: object, **__: object) -> str:
    return "clock_timestamp()"


def same(column: ColumnElement[Any], id: str) -> ColumnElement[bool]:
    """The column holds that id; an id that is no UUID is nobody's."""
    return column == id if _UUID(id) else false()


def among(column: ColumnElement[Any], ids: Collection[str]) -> ColumnElement[bool]:
    """The column holds one of the ids; what is no UUID is left out."""
    return column.in_([each for each in ids if _UUID(each)])
