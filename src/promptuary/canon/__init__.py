"""Canonicalisation: from raw prompts to families, templates, slots and their history."""
