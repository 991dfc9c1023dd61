"""What was read of both sides before, so that only what has changed since is read again."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from typing import Final

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.library import Standing
from promptuary.domain.older_prompts import OlderPrompt
from promptuary.library.older_prompts import digest_of, read_older

MOST: Final = 250_000
"""So many prompts a side are remembered; what is beyond is read each time."""


class Known:
    """Digests of what prompts say, by the ids of the older store. Bytes there that are the same say
    the same; so does a prompt here at the same revision that was changed at the same moment."""

    def __init__(self) -> None:
        self._there: dict[str, tuple[bytes, bytes | None]] = {}
        self._here: dict[str, tuple[int, datetime, bytes]] = {}

    def there(self, entry: OlderPrompt) -> bytes | None:
        """The digest of what the older store holds; None for what cannot be read."""
        mark = blake2b(entry.raw, digest_size=16).digest()
        known = self._there.get(entry.id)
        if known is not None and known[0] == mark:
            return known[1]
        digest = None
        with suppress(InvalidInput, TooLarge):
            digest = digest_of(read_older(entry.raw).said)
        if known is not None or len(self._there) < MOST:
            self._there[entry.id] = mark, digest
        return digest

    def here(self, number: str, stands: Standing) -> bytes | None:
        """The digest of what is kept here, as far as that is known."""
        known = self._here.get(number)
        fresh = known is not None and known[:2] == (stands.revision, stands.updated_at)
        return known[2] if known and fresh else None

    def learn(self, number: str, revision: int, changed: datetime, digest: bytes) -> None:
        """What is kept here says this."""
        if number in self._here or len(self._here) < MOST:
            self._here[number] = revision, changed, digest
