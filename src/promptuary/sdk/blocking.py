"""The same client for code without `await`: one event loop in one thread."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from anyio.from_thread import BlockingPortal, start_blocking_portal

from promptuary.sdk.asynchronous import AsyncRemoteClient
from promptuary.sdk.conversing import RemoteConversing
from promptuary.sdk.evolving import RemoteCorrections, RemoteEvolution
from promptuary.sdk.library import RemoteLibrary
from promptuary.sdk.mining import RemoteModeration, RemoteTraffic
from promptuary.sdk.moving import RemoteMoves
from promptuary.sdk.naming import RemoteNaming
from promptuary.waiting import waiting

if TYPE_CHECKING:
    import httpx2


class Library:
    """`client.library` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: RemoteLibrary) -> None:
        self._portal = portal
        self._inner = inner

    save = waiting(RemoteLibrary.save)
    describe = waiting(RemoteLibrary.describe)
    archive = waiting(RemoteLibrary.archive)
    refine = waiting(RemoteLibrary.refine)
    recommend = waiting(RemoteLibrary.recommend)
    restore = waiting(RemoteLibrary.restore)
    get = waiting(RemoteLibrary.get)
    versions = waiting(RemoteLibrary.versions)
    diff = waiting(RemoteLibrary.diff)
    list = waiting(RemoteLibrary.list)
    audit = waiting(RemoteLibrary.audit)
    ratings = waiting(RemoteLibrary.ratings)
    misses = waiting(RemoteLibrary.misses)
    label = waiting(RemoteLibrary.label)
    unlabel = waiting(RemoteLibrary.unlabel)
    labels = waiting(RemoteLibrary.labels)
    merge = waiting(RemoteLibrary.merge)
    adopt = waiting(RemoteLibrary.adopt)
    shadows = waiting(RemoteLibrary.shadows)
    search = waiting(RemoteLibrary.search)
    similar = waiting(RemoteLibrary.similar)
    rate = waiting(RemoteLibrary.rate)
    render = waiting(RemoteLibrary.render)
    branches = waiting(RemoteLibrary.branches)
    slots = waiting(RemoteLibrary.slots)
    slot_values = waiting(RemoteLibrary.slot_values)
    begin_experiment = waiting(RemoteLibrary.begin_experiment)
    stop_experiment = waiting(RemoteLibrary.stop_experiment)
    serve = waiting(RemoteLibrary.serve)
    judge = waiting(RemoteLibrary.judge)
    analytics = waiting(RemoteLibrary.analytics)
    import_file = waiting(RemoteLibrary.import_file)
    export_file = waiting(RemoteLibrary.export_file)


class Conversing:
    """`client.conversation` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: RemoteConversing) -> None:
        self._portal = portal
        self._inner = inner

    add_events = waiting(RemoteConversing.add_events)
    converse = waiting(RemoteConversing.converse)
    insights = waiting(RemoteConversing.insights)
    clips = waiting(RemoteConversing.clips)
    conversations = waiting(RemoteConversing.conversations)
    history = waiting(RemoteConversing.history)
    export = waiting(RemoteConversing.export)
    delete = waiting(RemoteConversing.delete)


class Evolution:
    """`client.evolution` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: RemoteEvolution) -> None:
        self._portal = portal
        self._inner = inner

    list = waiting(RemoteEvolution.list)
    history = waiting(RemoteEvolution.history)


class Corrections:
    """`client.corrections` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: RemoteCorrections) -> None:
        self._portal = portal
        self._inner = inner

    merge = waiting(RemoteCorrections.merge)
    move = waiting(RemoteCorrections.move)
    split = waiting(RemoteCorrections.split)
    apart = waiting(RemoteCorrections.apart)
    rename = waiting(RemoteCorrections.rename)
    lock = waiting(RemoteCorrections.lock)
    place = waiting(RemoteCorrections.place)
    join = waiting(RemoteCorrections.join)
    undo = waiting(RemoteCorrections.undo)
    list = waiting(RemoteCorrections.list)


class Moves:
    """`client.moves` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: RemoteMoves) -> None:
        self._portal = portal
        self._inner = inner

    plan = waiting(RemoteMoves.plan)
    start = waiting(RemoteMoves.start)
    verify = waiting(RemoteMoves.verify)
    repair = waiting(RemoteMoves.repair)
    judge = waiting(RemoteMoves.judge)
    ramp = waiting(RemoteMoves.ramp)
    cutover = waiting(RemoteMoves.cutover)
    finalize = waiting(RemoteMoves.finalize)
    rollback = waiting(RemoteMoves.rollback)
    pause = waiting(RemoteMoves.pause)
    resume = waiting(RemoteMoves.resume)
    get = waiting(RemoteMoves.get)
    list = waiting(RemoteMoves.list)


class Traffic:
    """`client.traffic` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: RemoteTraffic) -> None:
        self._portal = portal
        self._inner = inner

    drift = waiting(RemoteTraffic.drift)
    export = waiting(RemoteTraffic.export)
    costs = waiting(RemoteTraffic.costs)


class Moderation:
    """`client.moderation` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: RemoteModeration) -> None:
        self._portal = portal
        self._inner = inner

    check = waiting(RemoteModeration.check)
    list = waiting(RemoteModeration.list)
    reviews = waiting(RemoteModeration.reviews)
    release = waiting(RemoteModeration.release)
    reject = waiting(RemoteModeration.reject)


class Naming:
    """`client.naming` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: RemoteNaming) -> None:
        self._portal = portal
        self._inner = inner

    name = waiting(RemoteNaming.name)
    settle_doubts = waiting(RemoteNaming.settle_doubts)
    doubts = waiting(RemoteNaming.doubts)
    list = waiting(RemoteNaming.list)


class RemoteClient:
    """`AsyncRemoteClient` for code without `await`. Safe to use from several threads.

    with RemoteClient("http://127.0.0.1:8000") as promptuary:
        promptuary.search("how do I move to PostgreSQL?")
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
    ) -> None:
        made = partial(AsyncRemoteClient, base_url, api_key=api_key, timeout=timeout)
        self._inner = made(attempts=attempts, cache=cache, transport=transport)
        self._stack = ExitStack()
        self._portal = self._stack.enter_context(start_blocking_portal())
        self.library = Library(self._portal, self._inner.library)
        self.conversation = Conversing(self._portal, self._inner.conversation)
        self.traffic = Traffic(self._portal, self._inner.traffic)
        self.moderation = Moderation(self._portal, self._inner.moderation)
        self.evolution = Evolution(self._portal, self._inner.evolution)
        self.corrections = Corrections(self._portal, self._inner.corrections)
        self.moves = Moves(self._portal, self._inner.moves)
        self.naming = Naming(self._portal, self._inner.naming)
        self._closed = False

    ingest = waiting(AsyncRemoteClient.ingest)
    submit = waiting(AsyncRemoteClient.submit)
    collections = waiting(AsyncRemoteClient.collections)
    families = waiting(AsyncRemoteClient.families)
    family = waiting(AsyncRemoteClient.family)
    templates = waiting(AsyncRemoteClient.templates)
    lineage = waiting(AsyncRemoteClient.lineage)
    template = waiting(AsyncRemoteClient.template)
    versions = waiting(AsyncRemoteClient.versions)
    events = waiting(AsyncRemoteClient.events)
    diff = waiting(AsyncRemoteClient.diff)
    prompt = waiting(AsyncRemoteClient.prompt)
    prompts = waiting(AsyncRemoteClient.prompts)
    search = waiting(AsyncRemoteClient.search)
    add_documents = waiting(AsyncRemoteClient.add_documents)
    add_file = waiting(AsyncRemoteClient.add_file)
    source = waiting(AsyncRemoteClient.source)
    sources = waiting(AsyncRemoteClient.sources)
    holdings = waiting(AsyncRemoteClient.holdings)
    document = waiting(AsyncRemoteClient.document)
    documents = waiting(AsyncRemoteClient.documents)
    original = waiting(AsyncRemoteClient.original)
    passages = waiting(AsyncRemoteClient.passages)
    forget = waiting(AsyncRemoteClient.forget)
    ask = waiting(AsyncRemoteClient.ask)
    query = waiting(AsyncRemoteClient.query)
    rate_answer = waiting(AsyncRemoteClient.rate_answer)
    crawl = waiting(AsyncRemoteClient.crawl)
    index = waiting(AsyncRemoteClient.index)
    health = waiting(AsyncRemoteClient.health)
    jobs = waiting(AsyncRemoteClient.jobs)
    job = waiting(AsyncRemoteClient.job)
    retry_job = waiting(AsyncRemoteClient.retry_job)

    def close(self) -> None:
        """Close the connections; closing twice is harmless."""
        if not self._closed:
            self._closed = True
            with self._stack:
                self._portal.call(self._inner.aclose)

    def __enter__(self) -> RemoteClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
