"""Answering: from passages to an answer whose every quote stands in them, or an honest no."""
