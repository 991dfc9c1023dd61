"""Measuring answers and passages where the truth is known."""
