"""What a record can do besides: say that somebody wrote, so that nobody has to keep looking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias, runtime_checkable

News: TypeAlias = Literal["outbox", "jobs"]
"""Rows of the outbox, written by another process; jobs, deferred by any."""


@runtime_checkable
class Announcing(Protocol):
    """A record that tells what was committed. Some may be missed and some come twice, so whoever
    listens looks now and then all the same."""

    def listen(self, news: News, heard: Callable[[], None]) -> Callable[[], None]:
        """Have `heard` called, in this event loop, soon after such a commit; what is given back
        ends that."""
        ...
