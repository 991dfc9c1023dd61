"""Prompts in the formats of others, both ways, so that nothing is locked in and nothing lost.

`reading.py` and `writing.py` are the paths; each format is one module with a `FORM`.
"""
