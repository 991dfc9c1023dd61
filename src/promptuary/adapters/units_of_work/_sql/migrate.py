"""Alembic, on a connection of SQLite's whose transaction is open, or one of PostgreSQL's whose
revisions have a transaction each."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, Index, Table
from sqlalchemy.schema import SchemaItem

from promptuary.adapters.units_of_work._sql.database import metadata
from promptuary.adapters.units_of_work._sql.event_counts import COUNTS
from promptuary.adapters.units_of_work._sql.event_words import INDEX, WORDS
from promptuary.domain.errors import Misconfigured


def upgrade(connection: Connection, revision: str) -> None:
    """Go up to that revision."""
    try:
        command.upgrade(_config(connection), revision)
    except CommandError as error:
        raise Misconfigured(f"the record cannot be brought to {revision!r}: {error}") from error


def downgrade(connection: Connection, revision: str) -> None:
    """Go down to that revision; `base` removes every table."""
    try:
        command.downgrade(_config(connection), revision)
    except CommandError as error:
        raise Misconfigured(f"the record cannot be brought to {revision!r}: {error}") from error


def differences(connection: Connection) -> list[str]:
    """What a database has or lacks against the tables that the code expects."""
    options = {"compare_type": True, "include_object": partial(_belongs, connection.dialect.name)}
    context = MigrationContext.configure(connection, opts=options)
    return [str(found) for found in compare_metadata(context, metadata)]


def _belongs(dialect: str, thing: SchemaItem, *_: object) -> bool:
    """Indexes that only PostgreSQL has are not missed elsewhere; what finds words, and what counts
    events, is left out."""
    if isinstance(thing, Table | Index) and (thing.name or "").startswith((WORDS, INDEX, COUNTS)):
        return False
    special = isinstance(thing, Index) and thing.dialect_options["postgresql"]["using"]
    return dialect == "postgresql" or not special


def _config(connection: Connection) -> Config:
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        connection.commit()  # in a transaction from outside all revisions would share that one
    return config
