"""Loaders of documents: from the bytes of a file to text with its structure."""
