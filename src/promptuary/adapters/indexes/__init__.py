"""Indexes: where entries are found by meaning, by words, by filters."""
