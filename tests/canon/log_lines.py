"""Machine lines of a made-up service, for tests."""

from __future__ import annotations

from collections.abc import Iterator

TOWNS = ("berlin", "paris", "rome", "oslo", "tallinn", "porto", "lima")
PEOPLE = ("amara", "bela", "chidi", "dora", "emre", "fatou", "goran")


def stored(count: int) -> Iterator[str]:
    """Lines whose values are known by their shape."""
    for n in range(count):
        yield f"stored block blk_{n * 7919} of {n * 37} bytes at 10.0.{n % 7}.{n % 200}:8020"


def moved(count: int) -> Iterator[str]:
    """Lines of another form."""
    for n in range(count):
        yield f"worker {n} moved /data/part-{n:05d} in {n * 3}ms"


STATES = ("gateway started", "gateway stopped", "gateway reloaded", "cache is warm")
