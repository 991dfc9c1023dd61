"""Mirrors: copies of prompts for readers of other systems."""
