"""Caches: shared, forgetful maps of bytes."""
