"""Entries that were read back lately: what is found often is taken out of its JSON once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from promptuary.domain.found import Entry

ROOM = 16 << 20
"""Bytes, roughly, that are remembered of one index."""

_OVERHEAD = 2_000
"""Bytes that an entry takes beside its texts and its vector, roughly."""


class Remembered:
    """Entries as the engine gave them back, the longest unused gone first when room is needed.

    Nobody else writes to a claimed folder, so what was read stays true until the store itself
    writes or removes that entry; it says so before it does. One caller at a time.
    """

    def __init__(self) -> None:
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._used = 0

    def find(self, ids: Iterable[str]) -> dict[str, Entry]:
        """Those of them that are remembered; being asked for counts as being used."""
        found = {key: self._entries[key] for key in ids if key in self._entries}
        for key in found:
            self._entries.move_to_end(key)
        return found

    def keep(self, entries: Sequence[Entry]) -> None:
        """Remember these, which were read just now."""
        for entry in entries:
            self.forget([entry.id])
            self._entries[entry.id] = entry
            self._used += _size(entry)
        while self._used > ROOM:
            self.forget([next(iter(self._entries))])

    def forget(self, ids: Iterable[str]) -> None:
        """These are about to change."""
        for key in ids:
            if (entry := self._entries.pop(key, None)) is not None:
                self._used -= _size(entry)

    def clear(self) -> None:
        """Everything is about to change."""
        self._entries.clear()
        self._used = 0


def _size(entry: Entry) -> int:
    vector = 0 if entry.vector is None else entry.vector.nbytes
    return _OVERHEAD + vector + sum(map(len, entry.texts.values()))
