"""The fake record's originals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from promptuary.domain.documents import Original
from promptuary.domain.errors import NotFound
from promptuary.testing.fakes.record_state import Noted, State, checked


class MemoryOriginals:
    """The port `Originals`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def expect(self, expected: Sequence[Original], until: datetime) -> None:
        """Of nobody yet."""
        checked(times=[until])
        noted = self._state.write().originals
        noted.update({each.blob: Noted(each, until) for each in expected})

    async def attach(self, blobs: Mapping[str, str | None], now: datetime) -> None:
        """In place of what the sources had."""
        noted = self._state.write().originals
        for blob, each in noted.items():
            if each.source_id in blobs:
                noted[blob] = replace(each, source_id=None, until=now)
        for id_, its in blobs.items():
            if its in noted:
                noted[its] = replace(noted[its], source_id=id_, until=now)

    async def of(self, id: str) -> Original:
        """Raises NotFound."""
        _, owner = self._state.documents.get(id, (None, id))
        source = self._state.sources.get(owner)
        for each in self._state.originals.values():
            if source and each.source_id == owner and each.original.digest == source.digest:
                return replace(each.original, source=source.name)
        raise NotFound("original", id)

    async def stray(self, now: datetime, *, limit: int = 1_000) -> Sequence[str]:
        """By name."""
        found = [blob for blob, each in self._state.originals.items() if _is_stray(each, now)]
        return sorted(found)[:limit]

    async def drop(self, blobs: Sequence[str]) -> None:
        """Those of no source."""
        noted = self._state.write().originals
        for blob in blobs:
            if blob in noted and noted[blob].source_id is None:
                del noted[blob]


def _is_stray(noted: Noted, now: datetime) -> bool:
    return noted.source_id is None and noted.until <= now
