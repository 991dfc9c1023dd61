"""The same client for code without `await`: one event loop in one thread."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from anyio.from_thread import start_blocking_portal

from promptuary.sdk.asynchronous import AsyncRemoteClient

if TYPE_CHECKING:
    import httpx2

P = ParamSpec("P")
R = TypeVar("R")


def _waiting(
    method: Callable[Concatenate[AsyncRemoteClient, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[RemoteClient, P], R]:
    """The same method, name, types and docstring, that waits for its result."""

    def call(self: RemoteClient, /, *args: P.args, **kwargs: P.kwargs) -> R:
        bound: Callable[[], Coroutine[Any, Any, R]]
        bound = partial(method, self._inner, *args, **kwargs)
        result: R = self._portal.call(bound)
        return result

    update_wrapper(call, method)
    return call


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
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        made = partial(AsyncRemoteClient, base_url, api_key=api_key, timeout=timeout)
        self._inner = made(attempts=attempts, transport=transport)
        self._stack = ExitStack()
        self._portal = self._stack.enter_context(start_blocking_portal())
        self._closed = False

    ingest = _waiting(AsyncRemoteClient.ingest)
    submit = _waiting(AsyncRemoteClient.submit)
    collections = _waiting(AsyncRemoteClient.collections)
    families = _waiting(AsyncRemoteClient.families)
    family = _waiting(AsyncRemoteClient.family)
    templates = _waiting(AsyncRemoteClient.templates)
    lineage = _waiting(AsyncRemoteClient.lineage)
    template = _waiting(AsyncRemoteClient.template)
    versions = _waiting(AsyncRemoteClient.versions)
    events = _waiting(AsyncRemoteClient.events)
    diff = _waiting(AsyncRemoteClient.diff)
    prompt = _waiting(AsyncRemoteClient.prompt)
    prompts = _waiting(AsyncRemoteClient.prompts)
    search = _waiting(AsyncRemoteClient.search)
    add_documents = _waiting(AsyncRemoteClient.add_documents)
    add_file = _waiting(AsyncRemoteClient.add_file)
    source = _waiting(AsyncRemoteClient.source)
    sources = _waiting(AsyncRemoteClient.sources)
    holdings = _waiting(AsyncRemoteClient.holdings)
    document = _waiting(AsyncRemoteClient.document)
    documents = _waiting(AsyncRemoteClient.documents)
    passages = _waiting(AsyncRemoteClient.passages)
    forget = _waiting(AsyncRemoteClient.forget)
    ask = _waiting(AsyncRemoteClient.ask)
    query = _waiting(AsyncRemoteClient.query)
    crawl = _waiting(AsyncRemoteClient.crawl)
    index = _waiting(AsyncRemoteClient.index)
    health = _waiting(AsyncRemoteClient.health)
    jobs = _waiting(AsyncRemoteClient.jobs)
    job = _waiting(AsyncRemoteClient.job)

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
