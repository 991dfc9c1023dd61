"""A fake: a list of conversations, which can be told to be away."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from promptuary.domain.errors import Unavailable
from promptuary.domain.threads import OlderThread


class FakeThreadArchive:
    """While `away` it raises Unavailable, as a lost server would."""

    def __init__(self, threads: Sequence[OlderThread]) -> None:
        self.kept = list(threads)
        self.away = False

    async def threads(self) -> AsyncGenerator[OlderThread, None]:
        """As the port says."""
        for each in self.kept:
            if self.away:
                raise Unavailable("the fake archive was told to be away")
            yield each

    async def aclose(self) -> None:
        """Nothing is held."""
