"""Wrappers of chat models: the same port in and out."""
