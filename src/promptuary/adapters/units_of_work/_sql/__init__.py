"""What SQLite and PostgreSQL share: one schema, one set of repositories, one way to migrate."""
