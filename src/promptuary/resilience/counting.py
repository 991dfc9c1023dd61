"""What was embedded, added up; safe to use from several threads."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from promptuary.resilience.caching import CacheUse


@dataclass(frozen=True, slots=True)
class Report:
    """What was done since it was opened. `cut` counts texts of which only the beginning became a
    vector, `damaged` cached rows that were thrown away."""

    texts: int = 0
    computed: int = 0
    cut: int = 0
    damaged: int = 0


class Counter:
    """Hears of every call."""

    def __init__(self) -> None:
        self._texts = self._computed = self._cut = self._damaged = 0
        self._lock = Lock()

    @property
    def report(self) -> Report:
        """All of them so far."""
        with self._lock:
            return Report(self._texts, self._computed, self._cut, self._damaged)

    def hear(self, use: CacheUse) -> None:
        """One call more."""
        with self._lock:
            self._texts += use.hits + use.misses
            self._computed += use.misses
            self._damaged += use.damaged

    def cut(self, texts: int) -> None:
        """So many texts were too long."""
        if texts:
            with self._lock:
                self._cut += texts
