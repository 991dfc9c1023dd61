"""The synchronous face: one event loop in one thread; works in scripts, threads and Jupyter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import ExitStack
from functools import partial, update_wrapper
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from promptuary import app
from promptuary.domain.reports import PlacementRow, SyncReport, Told, silent
from promptuary.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")
TAKEN_AT_ONCE = 500


def _waiting(
    method: Callable[Concatenate[app.Promptuary, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[Promptuary, P], R]:
    """The same method, name, types and docstring, that waits for its result."""

    def call(self: Promptuary, /, *args: P.args, **kwargs: P.kwargs) -> R:
        bound: Callable[[], Coroutine[Any, Any, R]]
        bound = partial(method, self._inner, *args, **kwargs)
        result: R = self._portal.call(bound)
        return result

    update_wrapper(call, method)
    return call


class Promptuary:
    """`app.Promptuary` for code without `await`. Safe to use from several threads.

    with Promptuary.open("folder") as promptuary:
        promptuary.ingest(["Translate 'bread' into French", ...])
    """

    def __init__(self, stack: ExitStack, portal: BlockingPortal, inner: app.Promptuary) -> None:
        self._stack = stack
        self._portal = portal
        self._inner = inner
        self._closed = False

    @classmethod
    def open(cls, home: str | None = None, *, settings: Settings | None = None) -> Promptuary:
        """Like `app.Promptuary.open`; raises what it raises."""
        with ExitStack() as stack:
            portal = stack.enter_context(start_blocking_portal())
            inner = portal.call(partial(app.Promptuary.open, home, settings=settings))
            return cls(stack.pop_all(), portal, inner)
        raise AssertionError  # an ExitStack swallows nothing; the type checker cannot know

    ingest = _waiting(app.Promptuary.ingest)
    submit = _waiting(app.Promptuary.submit)
    settle = _waiting(app.Promptuary.settle)
    merge = _waiting(app.Promptuary.merge)
    sync = _waiting(app.Promptuary.sync)
    add_documents = _waiting(app.Promptuary.add_documents)
    crawl = _waiting(app.Promptuary.crawl)
    add_file = _waiting(app.Promptuary.add_file)
    source = _waiting(app.Promptuary.source)
    sources = _waiting(app.Promptuary.sources)
    holdings = _waiting(app.Promptuary.holdings)
    document = _waiting(app.Promptuary.document)
    documents = _waiting(app.Promptuary.documents)
    passages = _waiting(app.Promptuary.passages)
    forget = _waiting(app.Promptuary.forget)
    ask = _waiting(app.Promptuary.ask)
    find_passages = _waiting(app.Promptuary.find_passages)
    calibrate = _waiting(app.Promptuary.calibrate)
    collections = _waiting(app.Promptuary.collections)
    families = _waiting(app.Promptuary.families)
    family = _waiting(app.Promptuary.family)
    templates = _waiting(app.Promptuary.templates)
    lineage = _waiting(app.Promptuary.lineage)
    template = _waiting(app.Promptuary.template)
    versions = _waiting(app.Promptuary.versions)
    events = _waiting(app.Promptuary.events)
    diff = _waiting(app.Promptuary.diff)
    prompt = _waiting(app.Promptuary.prompt)
    prompts = _waiting(app.Promptuary.prompts)
    search = _waiting(app.Promptuary.search)
    index_health = _waiting(app.Promptuary.index_health)
    rebuild_index = _waiting(app.Promptuary.rebuild_index)
    create_key = _waiting(app.Promptuary.create_key)
    keys = _waiting(app.Promptuary.keys)
    revoke_key = _waiting(app.Promptuary.revoke_key)
    authenticate = _waiting(app.Promptuary.authenticate)
    jobs = _waiting(app.Promptuary.jobs)
    job = _waiting(app.Promptuary.job)
    work = _waiting(app.Promptuary.work)
    health = _waiting(app.Promptuary.health)
    ping_providers = _waiting(app.Promptuary.ping_providers)
    figures = _waiting(app.Promptuary.figures)

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
