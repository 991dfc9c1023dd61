"""Talking to somebody else's server: in bounded time, with keys that nobody sees."""
