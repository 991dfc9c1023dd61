"""What happened to templates of a server, and what people correct there: `client.evolution` and
`client.corrections`."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from datetime import datetime

from promptuary.domain.corrections import Correction
from promptuary.domain.histories import History
from promptuary.domain.pages import Page
from promptuary.domain.templates import EventType, EvolutionEvent
from promptuary.sdk import sending
from promptuary.sdk.line import PREFIX, Line, Sent
from promptuary.sdk.sending import SOMEBODY, known


class RemoteEvolution:
    """Methods as `promptuary.evolution` has them; a page begins where a cursor says."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def list(
        self,
        *,
        collection: str | None = None,
        family_id: str | None = None,
        lineage_id: str | None = None,
        types: Sequence[EventType] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        detected_by: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[EvolutionEvent]:
        """The latest first, of those that fit everything said. Raises NotFound."""
        query = {
            "collection": collection,
            "family_id": family_id,
            "cluster_id": lineage_id,
            "event_type": builtins.list(types),
            "since": since.isoformat() if since else None,
            "until": until.isoformat() if until else None,
            "detected_by": detected_by,
            "cursor": cursor,
            "limit": limit,
        }
        return await self._line.ask(Page[EvolutionEvent], Sent("GET", f"{PREFIX}/evolution", query))

    async def history(self, own_id: str) -> History:
        """Of a family, or of the family of a cluster. Raises NotFound."""
        own = known("family or cluster", own_id)
        return await self._line.ask(History, Sent("GET", f"{PREFIX}/families/{own}/history"))


class RemoteCorrections:
    """Methods as `promptuary.corrections` has them; who corrects, the key says."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def merge(self, family_ids: Sequence[str], *, by: str = SOMEBODY) -> Correction:
        """These families are one: that of the first."""
        return await self._made(by, "merge", family_ids)

    async def move(self, cluster_id: str, family_id: str, *, by: str = SOMEBODY) -> Correction:
        """The cluster belongs to that family."""
        return await self._made(by, "move", [cluster_id], family_id=family_id)

    async def split(self, ids: Sequence[str], *, by: str = SOMEBODY) -> Correction:
        """These clusters, or single prompts, leave their family and are one of their own."""
        return await self._made(by, "split", ids)

    async def apart(self, cluster_id: str, other_id: str, *, by: str = SOMEBODY) -> Correction:
        """These two are never in one family."""
        return await self._made(by, "apart", [cluster_id, other_id])

    async def rename(self, own_id: str, name: str, *, by: str = SOMEBODY) -> Correction:
        """The cluster or family is called that."""
        return await self._made(by, "rename", [own_id], name=name)

    async def lock(self, cluster_id: str, *, by: str = SOMEBODY) -> Correction:
        """The cluster's template stays as it is."""
        return await self._made(by, "lock", [cluster_id])

    async def place(self, prompt_id: str, cluster_id: str, *, by: str = SOMEBODY) -> Correction:
        """The prompt stands under that cluster's template."""
        return await self._made(by, "place", [prompt_id, cluster_id])

    async def join(self, cluster_ids: Sequence[str], *, by: str = SOMEBODY) -> Correction:
        """These clusters are one: the first has the prompts of all."""
        return await self._made(by, "join", cluster_ids)

    async def undo(self, correction_id: str, *, by: str = SOMEBODY) -> Correction:
        """It stands no more."""
        sending.check_unsaid(by)
        path = f"{PREFIX}/corrections/{known('correction', correction_id)}"
        return await self._line.ask(Correction, Sent("DELETE", path))

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Correction]:
        """Every correction, undone ones too, the last made first."""
        query = {"collection": collection, "cursor": cursor, "limit": limit}
        return await self._line.ask(Page[Correction], Sent("GET", f"{PREFIX}/corrections", query))

    async def _made(self, by: str, kind: str, ids: Sequence[str], **more: str) -> Correction:
        sending.check_unsaid(by)
        told = {"kind": kind, "ids": builtins.list(ids), **more}
        key = sending.new_key()
        return await self._line.ask(Correction, sending.posted("corrections", told, key=key))


def both(line: Line) -> tuple[RemoteEvolution, RemoteCorrections]:
    """The two over one line."""
    return RemoteEvolution(line), RemoteCorrections(line)
