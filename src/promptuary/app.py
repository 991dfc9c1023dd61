"""The only place where things are put together: a record, an index, an embedder, a moderator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from promptuary import asking as on_asking
from promptuary import carrying, judging, upkeep
from promptuary import catalogue as on_catalogue
from promptuary import documents as on_documents
from promptuary.access import keys as access
from promptuary.access.answers import Answers
from promptuary.adapters.clocks.system import SystemClock
from promptuary.answering.answer import Answering
from promptuary.cameras import calendar_of, manner_of, outside_of
from promptuary.canon.chronicle import Chronicle
from promptuary.canon.correcting import Correcting
from promptuary.canon.ingest import A_TURN, Canon, ingest, settle, submit
from promptuary.canon.merging import merge
from promptuary.canon.moderating import Moderation
from promptuary.canon.receive import PLACE_JOB, Reception
from promptuary.canon.searching import Kind, Query, Searching, find
from promptuary.canon.templates import filling
from promptuary.canon.traffic import Traffic
from promptuary.checkup import checkup
from promptuary.conversation.face import Conversing
from promptuary.conversation.speaking.worded import Chat
from promptuary.domain.chats import ProviderHealth
from promptuary.domain.filters import Filter
from promptuary.domain.jobs import Job, JobState
from promptuary.domain.keys import ApiKey, Scope
from promptuary.domain.pages import Page
from promptuary.domain.prompts import IncomingPrompt
from promptuary.domain.reports import (
    Health,
    IngestReport,
    PlacedPrompt,
    SearchAnswer,
    Told,
    silent,
)
from promptuary.guest import guest
from promptuary.knowledge.asking import Asking
from promptuary.knowledge.calibrating import carry_over
from promptuary.knowledge.keeping import Knowledge
from promptuary.library.face import Library
from promptuary.library.finding import Finding
from promptuary.moving.face import Moves
from promptuary.parts import (
    Parts,
    ends_of,
    followers_of,
    naming_of,
    parts_of,
    prompts_move,
)
from promptuary.plugins import word_model
from promptuary.ports._news import Announcing
from promptuary.ports.clock import Clock
from promptuary.providers import Chats, ping, price_of
from promptuary.retrieval.hybrid import Mode
from promptuary.retrieval.sides import Side, Sides
from promptuary.retrieval.thesaurus import Thesaurus
from promptuary.settings import Settings
from promptuary.working import Worker


class Promptuary:
    """Everything Promptuary does, asynchronously. Open it with `await Promptuary.open(...)`."""

    def __init__(
        self,
        settings: Settings,
        stack: AsyncExitStack,
        clock: Clock,
        parts: Parts,
        *,
        isolated: bool,
    ) -> None:
        self.settings = settings
        self.cache = parts.cache
        self.chats = Chats(settings, clock)
        self.replies = Answers(parts.record)
        self._stack = stack
        self._clock = clock
        self._record = parts.record
        self._index = parts.index
        self._embedder = parts.embedder
        lexical = settings.embedder_failure == "lexical"
        first = Side(parts.index, parts.embedder)
        self.moves = Moves(parts.record, clock, settings.move_patience_seconds)
        turn = self.moves.between(first, parts.new, ends_of(settings), parts.holder)
        self._sides = Sides(first, parts.second, lexical, turn)
        self._thesaurus = Thesaurus(word_model(parts.embedder.inner))
        self._follower = followers_of(parts, self.moves)
        patience = timedelta(seconds=settings.settle_after_seconds if isolated else 0)
        longest = settings.max_prompt_characters
        self.moves.searched(self._thesaurus, self._follower.wake)
        self._canon = Canon(
            Reception(parts.record, parts.moderator, clock, longest, patience, parts.mirroring),
            parts.embedder,
            window=settings.window_prompts,
            minimum=settings.minimum_prompts,
            threshold=settings.match_threshold,
            isolated=isolated,
        )
        self.corrections = Correcting(self._canon, clock, self._follower.wake)
        self.moderation = Moderation(self._canon, clock, self._follower.wake)
        self.naming = naming_of(settings, self.chats, self._canon, clock, self._follower.wake)
        self.traffic = Traffic(parts.record, price_of(settings))
        self.evolution = Chronicle(parts.record)
        self._web = parts.web
        trusted = frozenset(map(str.lower, settings.trusted_domains))
        self._knowledge = Knowledge(
            parts.record, parts.readers, clock, parts.chunking, parts.originals, trusted
        )
        answering = Answering(self._thesaurus, contextual=parts.embedder.contextual)
        self._asking = Asking(parts.record, self._sides, answering, parts.reranking)
        finding = Finding(self._sides, self._thesaurus, self._follower.behind)
        chat = self.chats.model
        library = partial(Library, parts.record, clock, self._follower.wake, cut=filling.parse)
        self.library = library(finding=finding, chat=chat)
        prompts_move(self.moves, parts, settings, self.library, clock, self.verify_index)
        self.conversation = _conversing(parts, settings, clock, chat)
        self._worker = Worker(parts.record, settings.worker_lease_seconds)

    @classmethod
    async def open(
        cls,
        home: str | Path | None = None,
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
        isolated: bool = False,
    ) -> Promptuary:
        """Open (and if need be create and migrate) a home folder.

        Without arguments the settings of the environment are used; `home` wins over them. With
        `isolated` templates are mined in a process of their own, so that a server stays quick.
        Raises Busy when another process holds the home, Misconfigured for settings that cannot
        work, Unavailable when a server does not answer.
        """
        settings = settings or Settings()
        if home is not None:
            settings = settings.model_copy(update={"home": Path(home)})
        clock = clock or SystemClock()
        async with AsyncExitStack() as stack:
            parts = await stack.enter_async_context(parts_of(settings, clock))
            opened = cls(settings, stack, clock, parts, isolated=isolated)
            stack.push_async_callback(opened.chats.aclose)
            stack.push_async_callback(opened._follower.aclose)
            await carry_over(settings.home.expanduser(), parts.record)
            stack.push_async_callback(opened.library.aclose)
            await opened._follower.start()
            if isinstance(parts.record, Announcing):
                parts.record.listen("outbox", opened._follower.wake)
            stack.push_async_callback(opened.moves.aclose)
            await opened.moves.open()
            opened._stack = stack.pop_all()
            return opened
        raise AssertionError  # an exit stack swallows nothing; the type checker cannot know

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
        """Validate, deduplicate, moderate and durably save prompts; then place them.

        With `place=False` that is left to the deferred job. New templates are looked for once
        enough prompts wait for it, after this batch if it is to be `complete`. The same batch id,
        or ids, or without either the same content again, change nothing; `first` is where in its
        batch the first of these stands. Bad items stop nobody.
        """
        work = partial(ingest, self._canon, prompts, collection, batch_id, first=first)
        report = await work(place=place, complete=complete, told=progress)
        if place:
            await self.naming.after(collection, progress)
            await self._follower.catch_up(progress)
        else:
            self._follower.wake()
        return report

    async def submit(self, prompt: IncomingPrompt, *, collection: str = "default") -> PlacedPrompt:
        """Save one prompt and place it at once against the known templates (no discovery).

        Raises InvalidInput, TooLarge, or Conflict for an id known with another text; a prompt
        that moderation refuses is kept aside and returned with `prompt.status == "rejected"`.
        """
        placed = await submit(self._canon, prompt, collection)
        self._follower.wake()
        return placed

    async def settle(self, collection: str = "default", *, progress: Told = silent) -> None:
        """Place everything that waits, discover, regroup, and bring the index up to date."""
        await settle(self._canon, collection, told=progress)
        await self.naming.after(collection, progress)
        await self._follower.catch_up(progress)

    async def merge(
        self, home: str | Path, *, collection: str = "default", progress: Told = silent
    ) -> IngestReport:
        """Take over and place what another home holds; twice is once. Raises NotFound, Busy."""
        async with guest(Path(home)) as source:
            report = await merge(self._canon, source, collection, told=progress)
        await self._follower.catch_up(progress)
        return report

    collections = on_catalogue.collections
    families = on_catalogue.families
    family = on_catalogue.family
    templates = on_catalogue.templates
    lineage = on_catalogue.lineage
    template = on_catalogue.template
    versions = on_catalogue.versions
    events = on_catalogue.events
    diff = on_catalogue.diff
    prompt = on_catalogue.prompt
    prompts = on_catalogue.prompts
    placements = on_catalogue.placements
    sync = on_documents.sync
    watch = on_documents.watch
    add_documents = on_documents.add_documents
    crawl = on_documents.crawl
    add_file = on_documents.add_file
    source = on_documents.source
    sources = on_documents.sources
    holdings = on_documents.holdings
    document = on_documents.document
    documents = on_documents.documents
    original = on_documents.original
    passages = on_documents.passages
    forget = on_documents.forget
    ask = on_asking.ask
    ask_stream = on_asking.ask_stream
    find_passages = on_asking.find_passages
    calibrate = on_asking.calibrate
    rate_answer = judging.rate_answer
    export_collection = carrying.export_collection
    import_collection = carrying.import_collection
    satisfaction = judging.satisfaction
    index_health = upkeep.index_health
    index_stats = upkeep.index_stats
    rebuild_index = upkeep.rebuild_index
    verify_index = upkeep.verify_index
    snapshot_index = upkeep.snapshot_index
    restore_index = upkeep.restore_index
    index_generations = upkeep.index_generations
    serve_index = upkeep.serve_index
    figures = upkeep.figures

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
        """Words, meaning or both, fused; each hit says why it was found.

        Waits a moment for an index that is behind; if it stays behind, answers and says so.
        """
        partial_because = await self._follower.behind()
        used = Searching(self._record, self._sides, self._clock, self._thesaurus)
        asked = Query(
            query,
            kinds,
            collection=collection,
            where=where,
            mode=mode,
            facets=facets,
            cursor=cursor,
            limit=limit,
            phrase=phrase,
            prefix=prefix,
            typos=typos,
        )
        return await find(used, asked, partial=partial_because)

    async def create_key(
        self,
        name: str,
        scopes: Sequence[Scope],
        *,
        expires_at: datetime | None = None,
        rate_limit_per_minute: int | None = None,
        tenant: str = "",
    ) -> tuple[ApiKey, str]:
        """A new key and its secret, which is shown this once and kept nowhere; `tenant` is whose
        library it opens."""
        create = partial(access.create, self._record, self._clock, name, scopes)
        limit = rate_limit_per_minute
        return await create(expires_at=expires_at, rate_limit_per_minute=limit, tenant=tenant)

    async def keys(self, *, cursor: str | None = None, limit: int = 50) -> Page[ApiKey]:
        """Newest first, revoked ones too; never a secret."""
        async with self._record.read() as tx:
            return await tx.keys.list(cursor=cursor, limit=limit)

    async def revoke_key(self, key_id: str) -> None:
        """From now on the key opens nothing. Raises NotFound."""
        async with self._record.begin() as tx:
            await tx.keys.revoke(key_id, self._clock.now())

    async def authenticate(self, secret: str) -> ApiKey:
        """The key of that secret. Raises Unauthenticated (unknown, expired, revoked)."""
        return await access.authenticate(self._record, self._clock, secret)

    async def jobs(
        self, *, state: JobState | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Job]:
        """Newest first."""
        async with self._record.read() as tx:
            return await tx.jobs.list(state=state, cursor=cursor, limit=limit)

    async def job(self, job_id: str) -> Job:
        """Raises NotFound."""
        async with self._record.read() as tx:
            return await tx.jobs.get(job_id)

    async def retry_job(self, job_id: str) -> Job:
        """Have a job that was given up for good tried again. Raises NotFound, Conflict for one that
        did not fail."""
        async with self._record.begin() as tx:
            return await tx.jobs.again(job_id)

    async def work(self, *, once: bool = False) -> None:
        """Claim and run jobs until cancelled; with `once`, until none is due."""
        await self._worker.run({PLACE_JOB: self._place}, once=once)

    async def _place(self, job: Job) -> bool:
        name = str(job.payload["collection"])
        if await settle(self._canon, name, windows=A_TURN):
            self._follower.wake()
            return True
        await self.settle(name)
        return False

    async def health(self) -> Health:
        """Each part with a time limit; never raises."""
        return await checkup(
            self._clock,
            {
                "record": self._record.ping,
                "index": self._follower.ping,
                "cache": partial(self.cache.get_many, ["health"]),
                "moderator": self.moderation.ping,
            },
        )

    async def ping_providers(self) -> list[ProviderHealth]:
        """Ask every provider of chat models for next to nothing. Never raises."""
        return await ping(self.settings, self._clock)

    async def aclose(self) -> None:
        """Finish what is being written and release everything; closing twice is harmless."""
        await self._stack.aclose()

    async def __aenter__(self) -> Promptuary:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()


def _conversing(parts: Parts, settings: Settings, clock: Clock, chat: Chat) -> Conversing:
    return Conversing(
        parts.record,
        clock,
        settings.timezone,
        timedelta(days=settings.conversation_days),
        calendar_of(settings),
        outside_of(parts, settings, clock),
        chat=chat if settings.conversation_with_model else None,
        manner=manner_of(settings),
    )
