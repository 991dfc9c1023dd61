"""Matching: prompts placed among known templates. `place.py` is the path."""
