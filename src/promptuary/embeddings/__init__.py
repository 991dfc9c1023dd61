"""Which model turns text into vectors, where it comes from, and what may be done to get it."""
