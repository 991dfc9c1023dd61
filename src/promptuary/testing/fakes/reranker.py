"""A fake: the share of the query's words that a text has. Knows nothing of meaning."""

from __future__ import annotations

from collections.abc import Sequence

import anyio

from promptuary.domain.errors import PromptuaryError


class WordReranker:
    """Counts words. Raises `error` if there is one, and takes `seconds` to answer.

    `asked` holds every query and the texts it was given with, in order.
    """

    name = "fake"

    def __init__(self, *, error: PromptuaryError | None = None, seconds: float = 0) -> None:
        self.error = error
        self.seconds = seconds
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.closed = 0

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """As the port says."""
        self.asked.append((query, tuple(texts)))
        await anyio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        wanted = set(query.lower().split())
        return [len(wanted & set(text.lower().split())) / max(1, len(wanted)) for text in texts]

    async def aclose(self) -> None:
        """Counts how often."""
        self.closed += 1
