"""Prompts of an older service on their way into the library, and back."""
