"""Record databases: the truth, on SQLite or PostgreSQL."""
