"""Vectors of this process, the least recently used gone first when room is needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from promptuary.domain.vectors import Vectors
from promptuary.ports.embedder import Purpose

_OVERHEAD = 300
"""Bytes that a kept row takes beside its text and its numbers (measured, CPython 3.11)."""


@dataclass(frozen=True, slots=True)
class Known:
    """A remembered row, and whether (1 or 0) it is of the beginning of its text alone."""

    row: Vectors
    cut: int


class Recent:
    """Rows by purpose and text, for one embedder, in at most `room` bytes; none with `room` 0.

    The key is the text itself, so no two texts can be mistaken for each other. Safe to use from
    several threads. Rows that come out must not be written to.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._used = 0
        self._rows: OrderedDict[tuple[Purpose, str], Vectors] = OrderedDict()
        self._known: dict[tuple[Purpose, str], Known] = {}
        self._lock = Lock()

    @property
    def used(self) -> int:
        """Bytes taken."""
        return self._used

    def find(self, texts: Sequence[str], purpose: Purpose) -> dict[str, Vectors]:
        """The rows that are known; being asked for counts as being used."""
        if not self._room:
            return {}
        found = {}
        with self._lock:
            for text in texts:
                row = self._rows.get((purpose, text))
                if row is not None:
                    self._rows.move_to_end((purpose, text))
                    found[text] = row
        return found

    def known(self, text: str, purpose: Purpose) -> Known | None:
        """The row of one text of which `note` said whether it was cut."""
        key = (purpose, text)
        with self._lock:
            if (found := self._known.get(key)) is not None:
                self._rows.move_to_end(key)
            return found

    def note(self, text: str, purpose: Purpose, cut: int) -> None:
        """Say whether a text was cut; forgotten together with its row."""
        key = (purpose, text)
        with self._lock:
            if (row := self._rows.get(key)) is not None:
                self._known[key] = Known(row, cut)

    def keep(self, rows: Mapping[str, Vectors], purpose: Purpose) -> None:
        """Remember them. A row that is larger than the whole room is not kept."""
        if not self._room:
            return
        with self._lock:
            for text, row in rows.items():
                self._drop((purpose, text))
                # A copy: a view would keep the whole batch that it comes from.
                self._rows[purpose, text] = np.array(row, dtype=np.float32)
                self._used += _size(text, row)
            while self._used > self._room:
                self._drop(next(iter(self._rows)))

    def forget(self, texts: Sequence[str]) -> None:
        """Of these texts nothing is left, whatever they were for."""
        wanted = set(texts)
        with self._lock:
            for key in [key for key in self._rows if key[1] in wanted]:
                self._drop(key)

    def _drop(self, key: tuple[Purpose, str]) -> None:
        self._known.pop(key, None)
        row = self._rows.pop(key, None)
        if row is not None:
            self._used -= _size(key[1], row)


def _size(text: str, row: Vectors) -> int:
    return _OVERHEAD + 4 * row.size + len(text)
