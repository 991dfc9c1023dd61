"""Who may come in: API keys, made once, shown once, kept as keyed hashes."""
