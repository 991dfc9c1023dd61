"""Wrappers with the same port in and out, which make a dependency cheaper or safer to use."""
