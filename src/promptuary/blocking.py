"""The synchronous face: one event loop in one thread; works in scripts, threads and Jupyter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from anyio.from_thread import BlockingPortal, start_blocking_portal

from promptuary import app
from promptuary.canon import chronicle, correcting, moderating, traffic
from promptuary.canon.naming import face as naming
from promptuary.conversation import face as conversing
from promptuary.domain.reports import PlacementRow, SyncReport, Told, silent
from promptuary.library import face
from promptuary.moving import face as moving
from promptuary.settings import Settings
from promptuary.waiting import waiting

TAKEN_AT_ONCE = 500


class Library:
    """`promptuary.library` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: face.Library) -> None:
        self._portal = portal
        self._inner = inner

    save = waiting(face.Library.save)
    describe = waiting(face.Library.describe)
    archive = waiting(face.Library.archive)
    restore = waiting(face.Library.restore)
    get = waiting(face.Library.get)
    versions = waiting(face.Library.versions)
    branches = waiting(face.Library.branches)
    diff = waiting(face.Library.diff)
    list = waiting(face.Library.list)
    audit = waiting(face.Library.audit)
    ratings = waiting(face.Library.ratings)
    misses = waiting(face.Library.misses)
    label = waiting(face.Library.label)
    unlabel = waiting(face.Library.unlabel)
    labels = waiting(face.Library.labels)
    merge = waiting(face.Library.merge)
    adopt = waiting(face.Library.adopt)
    shadows = waiting(face.Library.shadows)
    search = waiting(face.Library.search)
    similar = waiting(face.Library.similar)
    refine = waiting(face.Library.refine)
    begin_experiment = waiting(face.Library.begin_experiment)
    stop_experiment = waiting(face.Library.stop_experiment)
    serve = waiting(face.Library.serve)
    judge = waiting(face.Library.judge)
    analytics = waiting(face.Library.analytics)
    recommend = waiting(face.Library.recommend)
    slot_values = waiting(face.Library.slot_values)
    rate = waiting(face.Library.rate)
    render = waiting(face.Library.render)
    slots = waiting(face.Library.slots)
    export_history = waiting(face.Library.export_history)
    import_history = waiting(face.Library.import_history)
    import_file = waiting(face.Library.import_file)
    export_file = waiting(face.Library.export_file)


class Moves:
    """`promptuary.moves` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: moving.Moves) -> None:
        self._portal = portal
        self._inner = inner

    plan = waiting(moving.Moves.plan)
    start = waiting(moving.Moves.start)
    verify = waiting(moving.Moves.verify)
    repair = waiting(moving.Moves.repair)
    judge = waiting(moving.Moves.judge)
    ramp = waiting(moving.Moves.ramp)
    cutover = waiting(moving.Moves.cutover)
    finalize = waiting(moving.Moves.finalize)
    rollback = waiting(moving.Moves.rollback)
    pause = waiting(moving.Moves.pause)
    resume = waiting(moving.Moves.resume)
    get = waiting(moving.Moves.get)
    list = waiting(moving.Moves.list)


class Conversing:
    """`promptuary.conversation` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: conversing.Conversing) -> None:
        self._portal = portal
        self._inner = inner

    add_events = waiting(conversing.Conversing.add_events)
    listen = waiting(conversing.Conversing.listen)
    import_conversations = waiting(conversing.Conversing.import_conversations)
    import_from = waiting(conversing.Conversing.import_from)
    remove_events = waiting(conversing.Conversing.remove_events)
    describe_cameras = waiting(conversing.Conversing.describe_cameras)
    events = waiting(conversing.Conversing.events)
    site = waiting(conversing.Conversing.site)
    converse = waiting(conversing.Conversing.converse)
    clips = waiting(conversing.Conversing.clips)
    related_events = waiting(conversing.Conversing.related_events)
    search_events = waiting(conversing.Conversing.search_events)
    begin = waiting(conversing.Conversing.begin)
    note = waiting(conversing.Conversing.note)
    owner_of = waiting(conversing.Conversing.owner_of)
    save_clip = waiting(conversing.Conversing.save_clip)
    open_link = waiting(conversing.Conversing.open_link)
    insights = waiting(conversing.Conversing.insights)
    outlook = waiting(conversing.Conversing.outlook)
    mute_insights = waiting(conversing.Conversing.mute_insights)
    unmute_insights = waiting(conversing.Conversing.unmute_insights)
    insight_mutes = waiting(conversing.Conversing.insight_mutes)
    judge_insight = waiting(conversing.Conversing.judge_insight)
    insight_feedback = waiting(conversing.Conversing.insight_feedback)
    heartbeat = waiting(conversing.Conversing.heartbeat)
    events_of = waiting(conversing.Conversing.events_of)
    conversations = waiting(conversing.Conversing.conversations)
    history = waiting(conversing.Conversing.history)
    export = waiting(conversing.Conversing.export)
    expire = waiting(conversing.Conversing.expire)
    delete = waiting(conversing.Conversing.delete)


class Correcting:
    """`promptuary.corrections` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: correcting.Correcting) -> None:
        self._portal = portal
        self._inner = inner

    merge = waiting(correcting.Correcting.merge)
    move = waiting(correcting.Correcting.move)
    split = waiting(correcting.Correcting.split)
    apart = waiting(correcting.Correcting.apart)
    rename = waiting(correcting.Correcting.rename)
    lock = waiting(correcting.Correcting.lock)
    place = waiting(correcting.Correcting.place)
    join = waiting(correcting.Correcting.join)
    undo = waiting(correcting.Correcting.undo)
    list = waiting(correcting.Correcting.list)


class Moderation:
    """`promptuary.moderation` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: moderating.Moderation) -> None:
        self._portal = portal
        self._inner = inner

    check = waiting(moderating.Moderation.check)
    list = waiting(moderating.Moderation.list)
    reviews = waiting(moderating.Moderation.reviews)
    release = waiting(moderating.Moderation.release)
    reject = waiting(moderating.Moderation.reject)


class NamingByModel:
    """`promptuary.naming` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: naming.NamingByModel) -> None:
        self._portal = portal
        self._inner = inner

    name = waiting(naming.NamingByModel.name)
    settle_doubts = waiting(naming.NamingByModel.settle_doubts)
    doubts = waiting(naming.NamingByModel.doubts)
    after = waiting(naming.NamingByModel.after)
    of = waiting(naming.NamingByModel.of)
    list = waiting(naming.NamingByModel.list)


class Traffic:
    """`promptuary.traffic` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: traffic.Traffic) -> None:
        self._portal = portal
        self._inner = inner

    drift = waiting(traffic.Traffic.drift)
    export = waiting(traffic.Traffic.export)
    costs = waiting(traffic.Traffic.costs)


class Chronicle:
    """`promptuary.evolution` for code without `await`."""

    def __init__(self, portal: BlockingPortal, inner: chronicle.Chronicle) -> None:
        self._portal = portal
        self._inner = inner

    list = waiting(chronicle.Chronicle.list)
    history = waiting(chronicle.Chronicle.history)


class Promptuary:
    """`app.Promptuary` for code without `await`. Safe to use from several threads.

    with Promptuary.open("folder") as promptuary:
        promptuary.ingest(["Translate 'bread' into French", ...])
    """

    def __init__(self, stack: ExitStack, portal: BlockingPortal, inner: app.Promptuary) -> None:
        self._stack = stack
        self._portal = portal
        self._inner = inner
        self.library = Library(portal, inner.library)
        self.conversation = Conversing(portal, inner.conversation)
        self.corrections = Correcting(portal, inner.corrections)
        self.evolution = Chronicle(portal, inner.evolution)
        self.moves = Moves(portal, inner.moves)
        self.moderation = Moderation(portal, inner.moderation)
        self.naming = NamingByModel(portal, inner.naming)
        self.traffic = Traffic(portal, inner.traffic)
        self._closed = False

    @classmethod
    def open(cls, home: str | None = None, *, settings: Settings | None = None) -> Promptuary:
        """Like `app.Promptuary.open`; raises what it raises."""
        with ExitStack() as stack:
            portal = stack.enter_context(start_blocking_portal())
            inner = portal.call(partial(app.Promptuary.open, home, settings=settings))
            return cls(stack.pop_all(), portal, inner)
        raise AssertionError  # an ExitStack swallows nothing; the type checker cannot know

    ingest = waiting(app.Promptuary.ingest)
    submit = waiting(app.Promptuary.submit)
    settle = waiting(app.Promptuary.settle)
    merge = waiting(app.Promptuary.merge)
    sync = waiting(app.Promptuary.sync)
    add_documents = waiting(app.Promptuary.add_documents)
    crawl = waiting(app.Promptuary.crawl)
    add_file = waiting(app.Promptuary.add_file)
    source = waiting(app.Promptuary.source)
    sources = waiting(app.Promptuary.sources)
    holdings = waiting(app.Promptuary.holdings)
    document = waiting(app.Promptuary.document)
    documents = waiting(app.Promptuary.documents)
    original = waiting(app.Promptuary.original)
    passages = waiting(app.Promptuary.passages)
    forget = waiting(app.Promptuary.forget)
    ask = waiting(app.Promptuary.ask)
    find_passages = waiting(app.Promptuary.find_passages)
    calibrate = waiting(app.Promptuary.calibrate)
    export_collection = waiting(app.Promptuary.export_collection)
    import_collection = waiting(app.Promptuary.import_collection)
    rate_answer = waiting(app.Promptuary.rate_answer)
    satisfaction = waiting(app.Promptuary.satisfaction)
    collections = waiting(app.Promptuary.collections)
    families = waiting(app.Promptuary.families)
    family = waiting(app.Promptuary.family)
    templates = waiting(app.Promptuary.templates)
    lineage = waiting(app.Promptuary.lineage)
    template = waiting(app.Promptuary.template)
    versions = waiting(app.Promptuary.versions)
    events = waiting(app.Promptuary.events)
    diff = waiting(app.Promptuary.diff)
    prompt = waiting(app.Promptuary.prompt)
    prompts = waiting(app.Promptuary.prompts)
    search = waiting(app.Promptuary.search)
    index_health = waiting(app.Promptuary.index_health)
    index_stats = waiting(app.Promptuary.index_stats)
    rebuild_index = waiting(app.Promptuary.rebuild_index)
    verify_index = waiting(app.Promptuary.verify_index)
    snapshot_index = waiting(app.Promptuary.snapshot_index)
    restore_index = waiting(app.Promptuary.restore_index)
    index_generations = waiting(app.Promptuary.index_generations)
    serve_index = waiting(app.Promptuary.serve_index)
    create_key = waiting(app.Promptuary.create_key)
    keys = waiting(app.Promptuary.keys)
    revoke_key = waiting(app.Promptuary.revoke_key)
    authenticate = waiting(app.Promptuary.authenticate)
    jobs = waiting(app.Promptuary.jobs)
    job = waiting(app.Promptuary.job)
    retry_job = waiting(app.Promptuary.retry_job)
    work = waiting(app.Promptuary.work)
    health = waiting(app.Promptuary.health)
    ping_providers = waiting(app.Promptuary.ping_providers)
    figures = waiting(app.Promptuary.figures)

    def placements(self, collection: str = "default") -> Iterator[PlacementRow]:
        """Every sent prompt with its placement, in order of arrival, streamed."""
        rows = self._inner.placements(collection)
        while batch := self._portal.call(_take, rows, TAKEN_AT_ONCE):
            yield from batch

    def watch(
        self, path: str | Path, *, collection: str = "default", progress: Told = silent
    ) -> Iterator[SyncReport]:
        """Sync the folder again and again; see `app.Promptuary.watch`."""
        reports = self._inner.watch(path, collection=collection, progress=progress)
        while True:
            coming = self._portal.start_task_soon(_next, reports)
            try:
                report = coming.result()
            except BaseException:  # somebody pressed Ctrl-C: nothing may be left running
                coming.cancel()
                raise
            yield report

    def close(self) -> None:
        """Finish what is being written and release everything; closing twice is harmless.

        Calls of other threads that have not ended by then are given up.
        """
        if not self._closed:
            self._closed = True
            with self._stack:
                try:
                    self._portal.call(self._inner.aclose)
                finally:
                    # A Ctrl-C comes anywhere; what it left in the loop would keep us for ever.
                    self._portal.call(self._portal.stop, True)

    def __enter__(self) -> Promptuary:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


async def _next(reports: AsyncIterator[SyncReport]) -> SyncReport:
    return await anext(reports)


async def _take(rows: AsyncIterator[PlacementRow], count: int) -> list[PlacementRow]:
    """The next rows; crossing between threads for each of them would cost more than the row."""
    taken: list[PlacementRow] = []
    while len(taken) < count and (row := await anext(rows, None)) is not None:
        taken.append(row)
    return taken
