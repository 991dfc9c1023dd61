"""The asynchronous client: what `promptuary.Promptuary` does, done by a server elsewhere."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, cast

import anyio

from promptuary.domain.answers import Answer, Refusal
from promptuary.domain.documents import (
    AddedFile,
    Content,
    Document,
    GivenText,
    Holdings,
    Passage,
    Source,
    SourceStatus,
)
from promptuary.domain.errors import BadReply, InvalidInput, NotFound, Unavailable, Unsupported
from promptuary.domain.filters import Filter
from promptuary.domain.pages import Page
from promptuary.domain.prompts import Collection, IncomingPrompt, ModerationStatus, Prompt
from promptuary.domain.reports import (
    IngestReport,
    PlacedPrompt,
    Progress,
    SearchAnswer,
    TemplateDiff,
    Told,
    silent,
)
from promptuary.domain.templates import EvolutionEvent, Family, Lineage, Template
from promptuary.sdk import deferring, evolving, knowing, sending
from promptuary.sdk.conversing import RemoteConversing
from promptuary.sdk.folder_cache import FolderCache
from promptuary.sdk.library import RemoteLibrary
from promptuary.sdk.line import PREFIX, Line, Query, Sent, Sleep
from promptuary.sdk.mining import RemoteModeration, RemoteTraffic
from promptuary.sdk.moving import RemoteMoves
from promptuary.sdk.naming import RemoteNaming
from promptuary.sdk.refusals import error_of
from promptuary.sdk.sending import known

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")
Kind: TypeAlias = Literal["prompt", "template", "family", "passage"]
Mode: TypeAlias = Literal["hybrid", "words", "meaning"]
Said: TypeAlias = str | Answer | Refusal
AT_ONCE = 100
FIRST_WAIT, LONGEST_WAIT = 0.5, 5.0
"""Seconds between questions after a job: well within what a key may ask in a minute."""


class AsyncRemoteClient:
    """A Promptuary elsewhere, behind its HTTP API.

    Methods have the names, parameters and results of `promptuary.Promptuary`; `query` and `index`
    are of the older client. What is Unavailable is tried again, `attempts` times in all and for
    `timeout` seconds at the most. Nothing happens twice, however often it is sent. Prompts that the
    library gave stay in the folder `cache`, where one is named, for when the server is away.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        timeout: float = 30.0,
        attempts: int = 3,
        cache: str | Path | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Sleep = anyio.sleep,
    ) -> None:
        self._sleep = sleep
        made = partial(Line, base_url, api_key=api_key, timeout=timeout, attempts=attempts)
        self._line = made(transport=transport, sleep=sleep)
        kept = None if cache is None else FolderCache(cache, base_url, api_key)
        self.library = RemoteLibrary(self._line, kept)
        self.conversation = RemoteConversing(self._line)
        self.traffic = RemoteTraffic(self._line)
        self.moderation = RemoteModeration(self._line)
        self.evolution, self.corrections = evolving.both(self._line)
        self.naming = RemoteNaming(self._line)
        self.moves = RemoteMoves(self._line, sleep)

    async def ingest(
        self,
        prompts: Iterable[IncomingPrompt | str],
        *,
        collection: str = "default",
        batch_id: str | None = None,
        first: int = 1,
        place: bool = True,
        complete: bool = False,
        progress: Told = silent,
    ) -> IngestReport:
        """Durably save prompts; with `place` or `complete`, wait until the server's worker has
        placed them. What the report counts as placed and alone stays 0: only the worker knows."""
        if first != 1:
            raise Unsupported("a batch goes to a server as a whole: `first` must be 1")
        with sending.as_lines(prompts) as (file, count):
            body = await self._line.raw(sending.batch(file, collection, batch_id))
        try:
            report = sending.report(json.loads(body), collection)
        except (ValueError, KeyError, TypeError) as error:
            raise BadReply(f"the server does not speak as this version does: {error!r}") from error
        progress(Progress("save", count, count))
        if report.job_id is not None and (place or complete):
            await self._until_done(report.job_id)
        return report

    async def submit(self, prompt: IncomingPrompt, *, collection: str = "default") -> PlacedPrompt:
        """Save one prompt and place it at once against the known templates."""
        told = {**sending.members(prompt), "collection": collection}
        key = sending.new_key()
        return await self._line.ask(PlacedPrompt, sending.posted("prompts", told, key=key))

    async def collections(self, *, cursor: str | None = None, limit: int = 50) -> Page[Collection]:
        """By name."""
        return await self._got(Page[Collection], "collections", cursor=cursor, limit=limit)

    async def families(
        self,
        *,
        collection: str | None = None,
        sort: Literal["size", "created", "name"] = "size",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Family]:
        """Largest first unless `sort` says otherwise. Raises NotFound for the collection."""
        where = {"collection": collection, "sort": sort}
        return await self._got(Page[Family], "families", **where, cursor=cursor, limit=limit)

    async def family(self, family_id: str) -> Family:
        """Raises NotFound."""
        return await self._got(Family, f"families/{known('family', family_id)}")

    async def templates(
        self,
        *,
        collection: str | None = None,
        family_id: str | None = None,
        sort: Literal["size", "created"] = "size",
        cursor: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Lineage]:
        """Living lineages; an `offset` must be a multiple of `limit`."""
        where = {"collection": collection, "family_id": family_id, "sort": sort}
        page = sending.page_number(offset, limit)
        asked = {**where, "cursor": cursor, "limit": limit, "page": page}
        return await self._got(Page[Lineage], "clusters", **asked)

    async def lineage(self, lineage_id: str) -> Lineage:
        """A lineage (cluster) by its id. Raises NotFound."""
        return await self._got(Lineage, f"clusters/{known('lineage', lineage_id)}")

    async def template(self, template_id: str) -> Template:
        """Any version by its id; a lineage's id gives its current version. Raises NotFound."""
        return await self._got(Template, f"templates/{known('template', template_id)}")

    async def versions(self, template_id: str) -> list[Template]:
        """The whole history of the lineage of that template (or lineage) id, ascending."""
        own = known("template", template_id)
        return await self._got(list[Template], f"templates/{own}/versions")

    async def events(self, template_id: str) -> list[EvolutionEvent]:
        """What happened to that template's lineage, oldest first."""
        own = known("template", template_id)
        return await self._got(list[EvolutionEvent], f"templates/{own}/events")

    async def diff(self, from_template_id: str, to_template_id: str) -> TemplateDiff:
        """How two versions (of one lineage or of two) differ. Raises NotFound."""
        path = f"templates/{known('template', from_template_id)}/diff"
        return await self._got(TemplateDiff, path, to=to_template_id)

    async def prompt(self, prompt_id: str) -> PlacedPrompt:
        """A prompt with its placement. Raises NotFound."""
        return await self._got(PlacedPrompt, f"prompts/{known('prompt', prompt_id)}")

    async def prompts(
        self,
        *,
        collection: str | None = None,
        lineage_id: str | None = None,
        family_id: str | None = None,
        status: ModerationStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Prompt]:
        """Newest first; of a family only prompts that belong to it by themselves."""
        where = {"collection": collection, "cluster_id": lineage_id, "family_id": family_id}
        asked = {**where, "status": status, "cursor": cursor, "limit": limit}
        return await self._got(Page[Prompt], "prompts", **asked)

    async def search(
        self,
        query: str,
        *,
        kinds: Sequence[Kind] = ("template", "family", "prompt"),
        collection: str | None = None,
        where: Filter | None = None,
        mode: Mode = "hybrid",
        facets: Sequence[str] = (),
        cursor: str | None = None,
        limit: int = 10,
        phrase: bool = False,
        prefix: bool = False,
        typos: bool = True,
    ) -> SearchAnswer:
        """Words, meaning or both, fused; each hit says why it was found."""
        told = {
            "query": query,
            "kinds": list(kinds),
            "collection": collection,
            "where": sending.conditions(where),
            "mode": mode,
            "facets": list(facets),
            "cursor": cursor,
            "limit": limit,
            "phrase": phrase,
            "prefix": prefix,
            "typos": typos,
        }
        return await self._line.ask(SearchAnswer, sending.posted("search", told))

    async def add_documents(
        self,
        texts: Iterable[GivenText],
        *,
        collection: str = "default",
        progress: Told = silent,
    ) -> int:
        """Keep texts as documents by their senders' ids; how many passages came or went."""
        given, changed = list(texts), 0
        for done, each in enumerate(given, 1):
            body = each.text.encode("utf-8", "replace")
            query = {"name": each.id, "title": each.title or None, "format": "txt"}
            changed += (await self._kept(body, {**query, "collection": collection})).changed
            progress(Progress("read", done, len(given)))
        return changed

    async def add_file(
        self,
        path: str | Path,
        *,
        collection: str = "default",
        name: str | None = None,
        title: str = "",
    ) -> AddedFile:
        """Send one file of this machine, to be kept under that name (else its own)."""
        file = Path(path)
        if not await anyio.Path(file).is_file():
            raise InvalidInput(f"there is no file {path}", fields={"path": str(path)})
        query = {"name": name or file.name, "title": title or None, "collection": collection}
        kind = file.suffix.lower().lstrip(".") if name else ""
        return await self._kept(file, {**query, "format": kind or None})

    async def source(self, source_id: str) -> Source:
        """A file or page that was looked at, and what became of it. Raises NotFound."""
        return (await self._content(source_id)).source

    async def sources(
        self,
        *,
        collection: str | None = None,
        status: SourceStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Source]:
        """Files and pages by name, without the server's folder that they lie in."""
        asked = {"collection": collection, "status": status, "cursor": cursor, "limit": limit}
        return await self._got(Page[Source], "documents", **asked)

    async def holdings(self, *, collection: str | None = None) -> Holdings:
        """How many sources, documents and passages there are."""
        return await self._got(Holdings, "index/stats", collection=collection)

    async def document(self, document_id: str) -> Document:
        """A document with all its text. Raises NotFound."""
        found = await self._held(document_id)
        if isinstance(found, Content):
            raise NotFound("document", document_id)
        return found

    async def documents(self, source_id: str) -> Sequence[Document]:
        """The documents of a source; an archive has many."""
        try:
            return list((await self._content(source_id)).documents)
        except NotFound:
            return []

    async def passages(self, ids: Sequence[str]) -> Sequence[Passage]:
        """The passages that exist, in the order asked."""
        found: list[Passage] = []
        for start in range(0, len(ids), AT_ONCE):
            some = list(ids[start : start + AT_ONCE])
            found += await self._got(list[Passage], "passages", id=some)
        return found

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
        """An answer of which every quote stands in a document, or an honest no."""
        told = sending.question(question, collection, where, passages, min_confidence, tenant)
        return self._outcome(await self._line.raw(sending.posted("ask", told)))

    async def ask_stream(
        self,
        question: str,
        *,
        collection: str | None = None,
        where: Filter | None = None,
        passages: int | None = None,
        min_confidence: float | None = None,
        tenant: str = "",
    ) -> AsyncGenerator[Said, None]:
        """The same as it comes: checked pieces of text, last of all the answer or refusal."""
        told = sending.question(question, collection, where, passages, min_confidence, tenant)
        events = self._line.events(sending.posted("ask", {**told, "stream": True}))
        async with aclosing(events) as saying:
            async for name, data in saying:
                if name == "error":
                    raise error_of(500, {}, data)
                yield json.loads(data)["text"] if name == "text" else self._outcome(data)

    forget = knowing.forget
    query = knowing.query
    crawl = knowing.crawl
    index = knowing.index
    health = knowing.health
    original = knowing.original
    rate_answer = knowing.rate_answer

    jobs = deferring.jobs
    job = deferring.job
    retry_job = deferring.retry_job

    async def aclose(self) -> None:
        """Close the connections; closing twice is harmless."""
        await self.library.aclose()
        await self._line.aclose()

    async def __aenter__(self) -> AsyncRemoteClient:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def _got(self, kind: type[T], path: str, **query: object) -> T:
        return await self._line.ask(kind, Sent("GET", f"{PREFIX}/{path}", query))

    async def _content(self, source_id: str) -> Content:
        found = await self._held(source_id)
        if isinstance(found, Document):
            raise NotFound("source", source_id)
        return found

    async def _held(self, id: str) -> Content | Document:
        """What has that id: a source with its documents, or one document."""
        either = cast("type[Content | Document]", Document | Content)
        return await self._got(either, f"documents/{known('document', id)}")

    async def _kept(self, body: bytes | Path, query: Query) -> AddedFile:
        file, key = "application/octet-stream", sending.new_key()
        sent = Sent("POST", f"{PREFIX}/documents", query, body, media_type=file, key=key)
        return await self._line.ask(AddedFile, sent)

    def _outcome(self, body: bytes) -> Answer | Refusal:
        return self._line.read(cast("type[Answer | Refusal]", Answer | Refusal), body)

    async def _until_done(self, job_id: str) -> None:
        wait = FIRST_WAIT
        while (job := await self.job(job_id)).state in {"waiting", "running"}:
            await self._sleep(wait)
            wait = min(LONGEST_WAIT, 1.5 * wait)
        if job.state == "failed":
            raise Unavailable(f"the prompts are saved, but placing them failed: {job.error}")
