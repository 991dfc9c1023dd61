"""Families: what asks the same thing, among templates and among prompts that stand alone."""
