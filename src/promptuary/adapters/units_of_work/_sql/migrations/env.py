"""Alembic's entry: runs the revisions on the connection that `migrate.py` hands over."""

from __future__ import annotations

from alembic import context

from promptuary.adapters.units_of_work._sql.database import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
