"""Experiments with kept prompts of a server, and figures of their use; `RemoteLibrary` has these
functions as methods."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from promptuary.domain.analytics import Analysis, GroupBy
from promptuary.domain.experiments import Experiment, Verdict
from promptuary.domain.library import KeptPrompt
from promptuary.sdk import sending
from promptuary.sdk.line import PREFIX, Line, Sent
from promptuary.sdk.remembering import Remembered
from promptuary.sdk.sending import prompt_path


class Connected(Protocol):
    """What these methods need of the library that they belong to."""

    @property
    def _line(self) -> Line: ...

    @property
    def _remembered(self) -> Remembered: ...


async def begin_experiment(
    self: Connected,
    slug: str,
    candidate: str | int,
    *,
    label: str = "production",
    share: float = 0.5,
) -> Experiment:
    """Put a version on trial beside the one that the label points at."""
    told = {"candidate": str(candidate), "label": label, "share": share}
    sent = sending.posted(f"library/{prompt_path(slug)}/experiment", told)
    return (await self._line.ask(Verdict, sent)).experiment


async def serve(self: Connected, slug: str, key: str, *, label: str = "production") -> KeptPrompt:
    """The version that this key gets. It is remembered as `get` does, so a candidate that has lost
    may be given for some seconds more."""
    where = f"{PREFIX}/library/{prompt_path(slug)}"
    return await self._remembered.get(Sent("GET", where, {"key": key, "label": label}))


async def judge(
    self: Connected,
    slug: str,
    *,
    promote: bool = False,
    override: bool = False,  # noqa: ARG001 - as the library takes it
) -> Verdict:
    """How the experiment stands now. Whether a protected label is promoted is the key's to say."""
    path = f"library/{prompt_path(slug)}"
    asked = Sent("GET", f"{PREFIX}/{path}/experiment")
    sent = sending.posted(f"{path}/promotion", {}) if promote else asked
    return await self._line.ask(Verdict, sent)


async def stop_experiment(self: Connected, slug: str) -> Experiment:
    """End it: everybody gets the label's version again."""
    sent = Sent("DELETE", f"{PREFIX}/library/{prompt_path(slug)}/experiment")
    return (await self._line.ask(Verdict, sent)).experiment


async def analytics(
    self: Connected,
    *,
    since: date | None = None,
    until: date | None = None,
    group_by: GroupBy = "prompt",
    limit: int = 50,
    duplicates: bool = True,
) -> Analysis:
    """How kept prompts were used and rated from one day through another."""
    asked = {
        "from": since,
        "to": until,
        "group_by": group_by,
        "limit": limit,
        "duplicates": duplicates,
    }
    return await self._line.ask(Analysis, Sent("GET", f"{PREFIX}/library/analytics", asked))
