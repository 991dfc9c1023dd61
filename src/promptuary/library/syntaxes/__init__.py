"""The ways a text marks its slots; each gives `compiled(text) -> Compiled`."""
