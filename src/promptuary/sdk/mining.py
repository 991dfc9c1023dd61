"""`client.traffic` and `client.moderation`: what is asked about prompts as a whole, and what people
decide about refused ones, done by a server."""

from __future__ import annotations

import json
from collections.abc import Sequence

from promptuary.domain.costs import CostView
from promptuary.domain.drifting import DriftReport
from promptuary.domain.exporting import TemplateExport, TemplateForm
from promptuary.domain.pages import Page
from promptuary.domain.prompts import Prompt, Verdict
from promptuary.domain.reports import PlacedPrompt
from promptuary.domain.reviews import Review
from promptuary.sdk import sending
from promptuary.sdk.line import PREFIX, Line, Sent
from promptuary.sdk.sending import SOMEBODY, known

AT_ONCE = 100
"""Texts that a server judges in one request."""


class RemoteTraffic:
    """Questions about what was sent to a server."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def drift(
        self, cluster_id: str, template_id: str | None = None, *, recent: int = 20
    ) -> DriftReport:
        """Whether the cluster's newest prompts still fit its template."""
        asked = {
            "cluster_id": known("cluster", cluster_id),
            "template_id": template_id and known("template", template_id),
            "recent_prompts_count": recent,
        }
        return await self._line.ask(DriftReport, Sent("GET", f"{PREFIX}/evolution/drift", asked))

    async def export(self, template_id: str, form: TemplateForm) -> TemplateExport:
        """A template (a cluster's id gives its current one) as another tool reads it."""
        where = f"{PREFIX}/templates/{known('template', template_id)}/export"
        return await self._line.ask(TemplateExport, Sent("GET", where, {"form": form}))

    async def costs(
        self,
        collection: str = "default",
        *,
        model: str | None = None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> CostView:
        """What the collection's prompts cost to send, its dearest templates first."""
        asked = {"collection": collection, "model": model, "cursor": cursor, "limit": limit}
        return await self._line.ask(CostView, Sent("GET", f"{PREFIX}/costs", asked))


class RemoteModeration:
    """What a server's moderation says, and refused prompts, for a key with the scope `admin`; who
    decides is the key."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def check(self, texts: Sequence[str]) -> list[Verdict]:
        """What the moderator says of these texts, one verdict each; nothing is kept."""
        verdicts: list[Verdict] = []
        for start in range(0, len(texts), AT_ONCE):
            some = [*texts[start : start + AT_ONCE]]
            body = json.dumps({"input": some}).encode()
            sent = Sent("POST", "/v1/moderations", body=body)
            verdicts += await self._line.ask(list[Verdict], sent)
        return verdicts

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Prompt]:
        """Refused prompts that nobody has decided about, newest first."""
        asked = {"collection": collection, "cursor": cursor, "limit": limit}
        return await self._line.ask(
            Page[Prompt], Sent("GET", f"{PREFIX}/moderation/prompts", asked)
        )

    async def reviews(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Review]:
        """What was decided, by whom and why, the last first."""
        asked = {"collection": collection, "cursor": cursor, "limit": limit}
        return await self._line.ask(
            Page[Review], Sent("GET", f"{PREFIX}/moderation/reviews", asked)
        )

    async def release(
        self, prompt_id: str, *, by: str = SOMEBODY, reason: str = ""
    ) -> PlacedPrompt:
        """The prompt is one like any other from now on."""
        return await self._line.ask(PlacedPrompt, _decision(prompt_id, "release", by, reason))

    async def reject(self, prompt_id: str, *, by: str = SOMEBODY, reason: str = "") -> Review:
        """The prompt stays aside, and nobody is asked about it any more."""
        return await self._line.ask(Review, _decision(prompt_id, "reject", by, reason))


def _decision(prompt_id: str, decision: str, by: str, reason: str) -> Sent:
    sending.check_unsaid(by)
    path = f"moderation/prompts/{known('prompt', prompt_id)}/{decision}"
    return sending.posted(path, {"reason": reason})
