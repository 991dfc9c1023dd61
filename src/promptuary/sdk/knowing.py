"""What the clients do with documents of a server besides reading them; `AsyncRemoteClient` has
these functions as methods."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

import anyio

from promptuary.domain.answers import Answer, Refusal
from promptuary.domain.documents import Original
from promptuary.domain.errors import (
    BadReply,
    Forbidden,
    InvalidInput,
    NotFound,
    Unauthenticated,
    Unsupported,
)
from promptuary.domain.filters import Filter
from promptuary.domain.judgements import AnswerRating, Rating
from promptuary.domain.reports import Health, Progress, SyncReport, Told, silent
from promptuary.sdk import sending
from promptuary.sdk.line import PREFIX, Line, Sent
from promptuary.sdk.sending import known


class Connected(Protocol):
    """What these methods need of the client that they belong to."""

    @property
    def _line(self) -> Line: ...

    async def ask(
        self,
        question: str,
        *,
        collection: str | None = None,
        where: Filter | None = None,
        passages: int | None = None,
        min_confidence: float | None = None,
        tenant: str = "",
    ) -> Answer | Refusal:
        """An answer, or an honest no."""
        ...


async def query(
    self: Connected, question: str, max_chunks: int = 5, confidence_threshold: float = 0.25
) -> Answer | Refusal:
    """`ask` with the parameters of the older client."""
    return await self.ask(question, passages=max_chunks, min_confidence=confidence_threshold)


async def crawl(
    self: Connected,
    url: str,
    *,
    collection: str = "default",
    depth: int = 1,
    pages: int = 40,
    same_site: bool = True,
    delay: float = 0.5,
    force: bool = False,
    progress: Told = silent,
) -> SyncReport:
    """Let the server bring in a page and what it links to, at most 3 links deep and 100 pages.

    It answers when it is done, so the client's `timeout` must allow for that. Raises Unsupported
    for another `delay` than the server's own.
    """
    if delay != 0.5:
        raise Unsupported("a server decides itself how long it waits between requests to a host")
    told = {"urls": [url], "collection": collection, "depth": depth, "force": force}
    sent = sending.posted("crawl", {**told, "max_pages": pages, "same_domain": same_site})
    reports = await self._line.ask(list[SyncReport], sent)
    if not reports:
        raise BadReply("the server crawled and says nothing of it")
    progress(Progress("read", sum(reports[0].counts.values()), None))
    return reports[0]


async def index(
    self: Connected,
    directory: str | None = None,
    *,
    collection: str = "default",
    force: bool = False,
) -> list[SyncReport]:
    """Let the server sync that folder of its own (without one, all that it may); a report each.

    It answers when it is done. Raises Forbidden for a folder that its settings do not name.
    """
    told = {"directory": directory, "collection": collection, "force": force}
    return await self._line.ask(list[SyncReport], sending.posted("index", told))


async def original(self: Connected, id: str, to: str | Path) -> Original:
    """Write the file that a source, or a document, was read from to a path, as it was; what it is.

    Raises NotFound where the server keeps none, InvalidInput for a path that cannot be written,
    BadReply for a file that is not the one that was read.
    """
    sent = Sent("GET", f"{PREFIX}/documents/{known('original', id)}/original")
    body, told = await self._line.file(sent)
    digest = sha256(body).hexdigest()
    if told.get("etag", "").strip('"') != digest:
        raise BadReply("the file is not the one that the server tells of")
    try:
        await anyio.Path(to).write_bytes(body)
    except OSError as error:
        said = f"{to} cannot be written: {error.strerror}"
        raise InvalidInput(said, fields={"to": str(to)}) from error
    return Original("", digest, len(body), unquote(told.get("x-source-name", "")))


async def forget(self: Connected, source_ids: Sequence[str]) -> int:
    """Delete sources and all that was read from them, everywhere; how many passages went."""
    gone = 0
    for each in source_ids:
        try:
            sent = Sent("DELETE", f"{PREFIX}/documents/{known('source', each)}")
            gone += int(json.loads(await self._line.raw(sent))["passages"])
        except NotFound:
            continue
    return gone


async def rate_answer(
    self: Connected, answer_id: str, rating: Rating, *, comment: str = ""
) -> AnswerRating:
    """Note what somebody thinks of an answer that the server gave within a day. Raises NotFound."""
    path = f"answers/{known('answer', answer_id)}/feedback"
    told = {"rating": rating, "comment": comment}
    return await self._line.ask(AnswerRating, sending.posted(path, told))


async def health(self: Connected) -> Health:
    """How the server is; part by part only for a key that may know. Raises Unavailable where
    nobody answers."""
    try:
        return await self._line.ask(Health, Sent("GET", "/health/detailed"))
    except (Forbidden, Unauthenticated):
        return await self._line.ask(Health, Sent("GET", "/health"))
