"""What a server's chat model calls what was found: `client.naming`."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.domain.namings import DoubtfulPair, DoubtReport, Naming, NamingReport
from promptuary.domain.pages import Page
from promptuary.domain.progress import Told, silent
from promptuary.sdk import sending
from promptuary.sdk.line import PREFIX, Line, Sent
from promptuary.sdk.sending import known

MOST_CALLS = 20


class RemoteNaming:
    """Methods as `promptuary.naming` has them, for a key with the scope `prompts:write`."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def name(
        self,
        own_ids: Sequence[str] = (),
        *,
        collection: str = "default",
        again: bool = False,
        most_calls: int = MOST_CALLS,
        progress: Told = silent,  # noqa: ARG002 - the server tells when all is done
    ) -> NamingReport:
        """Have these clusters and families named, or all of the collection. Raises NotFound,
        Unsupported where the server has no model."""
        ids = [known("cluster or family", each) for each in own_ids]
        told = {"collection": collection, "ids": ids, "again": again, "calls": most_calls}
        sent = sending.posted("namings", told, key=sending.new_key())
        return await self._line.ask(NamingReport, sent)

    async def settle_doubts(
        self,
        *,
        collection: str = "default",
        most_calls: int = MOST_CALLS,
        progress: Told = silent,  # noqa: ARG002 - the server tells when all is done
    ) -> DoubtReport:
        """Have the model say which families that are nearly alike are one."""
        told = {"collection": collection, "calls": most_calls}
        sent = sending.posted("doubts", told, key=sending.new_key())
        return await self._line.ask(DoubtReport, sent)

    async def doubts(
        self, collection: str = "default", *, cursor: str | None = None, limit: int = 50
    ) -> Page[DoubtfulPair]:
        """Pairs of families that may be one and that nobody decided about, the likeliest first."""
        asked = {"collection": collection, "cursor": cursor, "limit": limit}
        return await self._line.ask(Page[DoubtfulPair], Sent("GET", f"{PREFIX}/doubts", asked))

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Naming]:
        """Everything that was asked and said, refused words too, the last first."""
        asked = {"collection": collection, "cursor": cursor, "limit": limit}
        return await self._line.ask(Page[Naming], Sent("GET", f"{PREFIX}/namings", asked))
