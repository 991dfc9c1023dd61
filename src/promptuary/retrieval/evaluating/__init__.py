"""Labelled collections and the measures of `promptuary eval retrieval` and `eval prompts`."""
