"""Judges of what may be kept."""
