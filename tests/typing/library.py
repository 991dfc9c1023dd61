"""What a user's type checker sees of the library. mypy reads this file; nothing runs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import assert_type

import promptuary
from promptuary import IncomingPrompt, blocking
from promptuary.domain.pages import Page
from promptuary.domain.reports import IngestReport, PlacedPrompt, PlacementRow, SearchAnswer
from promptuary.domain.templates import Lineage


async def asynchronous() -> None:
    async with await promptuary.Promptuary.open("home") as opened:
        assert_type(opened, promptuary.Promptuary)
        assert_type(await opened.ingest(["a", IncomingPrompt("b", id="1")]), IngestReport)
        assert_type(await opened.submit(IncomingPrompt("a")), PlacedPrompt)
        assert_type(await opened.templates(limit=3), Page[Lineage])
        assert_type(await opened.search("a", kinds=["template"]), SearchAnswer)
        assert_type(opened.placements(), AsyncIterator[PlacementRow])


def synchronous() -> None:
    with blocking.Promptuary.open("home") as opened:
        assert_type(opened, blocking.Promptuary)
        assert_type(opened.ingest(["a"], collection="b"), IngestReport)
        assert_type(opened.submit(IncomingPrompt("a")), PlacedPrompt)
        assert_type(opened.templates(limit=3), Page[Lineage])
        assert_type(opened.search("a", mode="words"), SearchAnswer)
        assert_type(opened.placements(), Iterator[PlacementRow])


async def far_away() -> None:
    async with promptuary.AsyncRemoteClient("http://127.0.0.1:8000", api_key="k") as client:
        assert_type(await client.ingest(["a"]), IngestReport)
        assert_type(await client.templates(limit=3), Page[Lineage])
        assert_type(await client.search("a"), SearchAnswer)
    with promptuary.RemoteClient("http://127.0.0.1:8000") as blocked:
        assert_type(blocked.submit(IncomingPrompt("a")), PlacedPrompt)
        assert_type(blocked.templates(limit=3), Page[Lineage])


def mistakes_are_found(opened: blocking.Promptuary) -> None:
    opened.ingest([1])  # type: ignore[list-item]  # a prompt is a text or an IncomingPrompt
    opened.search("a", mode="guess")  # type: ignore[arg-type]  # there is no such mode
    opened.templates(colection="b")  # type: ignore[call-arg]  # a misspelt option
