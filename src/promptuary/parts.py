"""Everything that a Promptuary is made of, opened as its settings say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from promptuary.adapters.clocks.system import SystemClock
from promptuary.conversation.clips import Clips
from promptuary.domain.errors import Misconfigured
from promptuary.domain.loading import Limits
from promptuary.domain.vectors import Space
from promptuary.embeddings.settings import Wishes, environment, wishes
from promptuary.fetching import Fetcher
from promptuary.home import held, own_secret
from promptuary.knowledge.chunking import Chunking
from promptuary.knowledge.originals import Originals
from promptuary.models import Embeddings
from promptuary.parsing.pool import Readers
from promptuary.plugins import (
    open_blob_store,
    open_cache,
    open_clip_store,
    open_index,
    open_moderator,
    open_reranker,
    open_unit_of_work,
)
from promptuary.ports.cache import Cache
from promptuary.ports.clip_store import ClipStore
from promptuary.ports.clock import Clock
from promptuary.ports.index import Index
from promptuary.ports.moderator import Moderator
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.resilience.caching import CachedEmbedder
from promptuary.resilience.hurrying import HurriedReranker
from promptuary.retrieval.reranking import Reranking
from promptuary.retrieval.sides import Side
from promptuary.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """What is put together."""

    record: UnitOfWork
    index: Index
    embedder: CachedEmbedder
    second: Side | None
    reranking: Reranking | None
    moderator: Moderator
    cache: Cache
    readers: Readers
    web: Fetcher
    chunking: Chunking
    originals: Originals | None = None
    clip_store: ClipStore | None = None
    new: Side | None = None
    """The store that the index moves to, where one is named."""


@asynccontextmanager
async def parts_of(settings: Settings, clock: Clock) -> AsyncIterator[Parts]:
    """Hold the home and open every part; all are closed again at the end. Raises Busy when another
    process holds the home, Misconfigured, Unavailable."""
    urls = settings.urls()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(held(settings.home.expanduser().absolute()))
        record = await open_unit_of_work(urls.record)
        stack.push_async_callback(record.aclose)
        embedder = (await stack.enter_async_context(await wished_by(settings))).embedder
        moving = await _moving(settings, record)
        index = await open_index(moving.index_url, space=embedder.space)
        stack.push_async_callback(index.aclose)
        new = None
        if moving.new_url:
            new = Side(await open_index(moving.new_url, space=embedder.space), embedder)
            stack.push_async_callback(new.index.aclose)
        second = await _second(settings, embedder.space, stack)
        reranking = await _reranking(settings, stack)
        moderator = await open_moderator(urls.moderator)
        stack.push_async_callback(moderator.aclose)
        cache = await open_cache(urls.cache)
        stack.push_async_callback(cache.aclose)
        readers = Readers(_limits(settings), processes=settings.document_processes)
        stack.push_async_callback(readers.aclose)
        web = Fetcher(frozenset(settings.allowed_hosts))
        clip_store = await _clip_store(settings, stack)
        chunking = Chunking(settings.chunk_size, settings.chunk_overlap)
        originals = await _originals(settings, record, clock, stack)
        yield Parts(
            record=record,
            index=index,
            embedder=embedder,
            second=second,
            reranking=reranking,
            moderator=moderator,
            cache=cache,
            readers=readers,
            web=web,
            chunking=chunking,
            originals=originals,
            clip_store=clip_store,
            new=new,
        )


@dataclass(frozen=True, slots=True)
class _Moving:
    index_url: str
    new_url: str


async def _moving(settings: Settings, record: UnitOfWork) -> _Moving:
    """Which index is in use: after a move was finalised the one that it moved to."""
    old, new = settings.urls().index, settings.move_index_url.get_secret_value()
    if not new or new == old:
        return _Moving(old, "")
    async with record.read() as tx:
        move = await tx.moves.current()
    over = move is not None and move.over and move.target == settings.shown()["move_index_url"]
    return _Moving(new, "") if over else _Moving(old, new)


async def wished_by(settings: Settings) -> Embeddings:
    """The model that settings ask for, behind the cache that they name; with the policy
    `equivalent` together with the other way to it. Raises Misconfigured where there is none."""
    otherwise: tuple[str, ...] = ()
    if settings.embedder_failure == "equivalent":
        if not settings.second_embedder:
            raise Misconfigured("embedder_failure is equivalent, but there is no second_embedder")
        otherwise = (settings.second_embedder,)
    return await _opened_for(settings, settings.embedder, otherwise)


def wanted_by(settings: Settings) -> Wishes:
    """What the environment says of models, and what the settings say otherwise."""
    asked = wishes(environment())
    return replace(
        asked,
        models_folder=settings.models_folder or settings.home.expanduser().absolute() / "models",
        downloads=settings.model_downloads or asked.downloads,
    )


async def _opened_for(settings: Settings, spec: str, otherwise: Sequence[str] = ()) -> Embeddings:
    kept, wanted = [settings.urls().embedding_cache], wanted_by(settings)
    return await Embeddings.aopen(spec, caches=kept, otherwise=otherwise, wanted=wanted)


async def _second(settings: Settings, first: Space, stack: AsyncExitStack) -> Side | None:
    """The other space that is kept beside the first, where that is wished."""
    if settings.embedder_failure != "dual":
        return None
    embedder = (
        await stack.enter_async_context(
            await _opened_for(settings, settings.second_embedder or "static")
        )
    ).embedder
    if embedder.space.fingerprint == first.fingerprint:
        raise Misconfigured(
            f"embedder_failure is dual, and {first.name} cannot stand in for itself: name a model "
            "of another space as second_embedder"
        )
    index = await open_index(settings.urls().second_index, space=embedder.space)
    stack.push_async_callback(index.aclose)
    return Side(index, embedder)


async def _originals(
    settings: Settings, record: UnitOfWork, clock: Clock, stack: AsyncExitStack
) -> Originals | None:
    """Where files are kept as they were; what a process that was killed left there is removed."""
    url = settings.urls().originals
    if url == "none":
        return None
    store = await open_blob_store(url)
    stack.push_async_callback(store.aclose)
    originals = Originals(record, store, clock, settings.home.expanduser().absolute() / "drafts")
    await originals.tidy()
    await originals.sweep()
    return originals


async def _reranking(settings: Settings, stack: AsyncExitStack) -> Reranking | None:
    """Who looks again at what was found, in bounded time."""
    if not settings.reranker:
        return None
    opened = await open_reranker(settings.reranker)
    hurried = HurriedReranker(opened, SystemClock(), seconds=settings.rerank_seconds)
    stack.push_async_callback(hurried.aclose)
    return Reranking(hurried, settings.rerank_passages)


async def _clip_store(settings: Settings, stack: AsyncExitStack) -> ClipStore | None:
    if not settings.clip_store:
        return None
    opened = await open_clip_store(settings.clip_store)
    stack.push_async_callback(opened.aclose)
    return opened


def clips_of(parts: Parts, settings: Settings, clock: Clock) -> Clips | None:
    """The recordings of events, where there is a store of them. Raises Misconfigured where the key
    of their links cannot be kept."""
    if parts.clip_store is None:
        return None
    given = settings.clip_key.get_secret_value().encode()
    return Clips(
        parts.clip_store,
        settings.clip_store.partition(":")[0],
        clock,
        given or own_secret(settings.home.expanduser().absolute(), "clip.key"),
        settings.clip_base_url.rstrip("/"),
        timedelta(minutes=settings.clip_minutes),
        timedelta(hours=settings.clip_longest_hours),
        settings.clip_seconds,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        bytes=settings.max_document_bytes,
        seconds=settings.document_seconds,
        memory=settings.document_memory_bytes,
    )
