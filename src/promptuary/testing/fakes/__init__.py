"""Fakes for tests: quick, deterministic, and never the evidence that an engine works."""
