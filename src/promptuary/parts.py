"""Everything that a Promptuary is made of, opened as its settings say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from promptuary.adapters.clocks.system import SystemClock
from promptuary.canon.catching_up import Follower
from promptuary.canon.following import Followers, Moving
from promptuary.canon.indexing import Indexing
from promptuary.canon.ingest import Canon
from promptuary.canon.leading import lead_on
from promptuary.canon.mirroring import Mirroring
from promptuary.canon.naming.face import Bounds, NamingByModel
from promptuary.domain.errors import Misconfigured
from promptuary.domain.loading import Limits
from promptuary.domain.vectors import Space
from promptuary.embeddings.settings import Wishes, environment, wishes
from promptuary.fetching import Fetcher
from promptuary.home import held, own_secret
from promptuary.knowledge.chunking import Chunking
from promptuary.knowledge.originals import Originals
from promptuary.library.face import Library
from promptuary.models import Embeddings
from promptuary.moving.face import Moves
from promptuary.moving.prompts.sides import Both
from promptuary.moving.prompts.way import PromptsWay, VerifyIndex
from promptuary.parsing.pool import Readers
from promptuary.plugins import (
    open_blob_store,
    open_cache,
    open_clip_store,
    open_index,
    open_mirror,
    open_moderator,
    open_prompt_archive,
    open_reranker,
    open_unit_of_work,
)
from promptuary.ports.cache import Cache
from promptuary.ports.clip_store import ClipStore
from promptuary.ports.clock import Clock
from promptuary.ports.index import Index
from promptuary.ports.mirror import Mirror
from promptuary.ports.moderator import Moderator
from promptuary.ports.prompt_archive import PromptArchive
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.providers import Chats
from promptuary.resilience.caching import CachedEmbedder
from promptuary.resilience.hurrying import HurriedReranker
from promptuary.resilience.judging_beside import TwoModerators
from promptuary.retrieval.reranking import Reranking
from promptuary.retrieval.sides import Side
from promptuary.settings import Settings, Urls


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
    holder: str = ""
    """What leases are taken as: this home, whoever opens it."""
    originals: Originals | None = None
    clip_store: ClipStore | None = None
    new: Side | None = None
    """The store that the index moves to, where one is named."""
    archive: PromptArchive | None = None
    """The older service's store that prompts move from, where one is named."""
    mirroring: Mirroring | None = None
    """Who copies prompts for readers of other systems, where there are any."""


@asynccontextmanager
async def parts_of(settings: Settings, clock: Clock) -> AsyncIterator[Parts]:
    """Hold the home and open every part; all are closed again at the end. Raises Busy when another
    process holds the home, Misconfigured, Unavailable."""
    urls = settings.urls()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(held(settings.home.expanduser().absolute()))
        record = await open_unit_of_work(urls.record)
        stack.push_async_callback(record.aclose)
        moving = await _moving(settings, record)
        wished = await wished_by(moving.settings)
        embedder = (await stack.enter_async_context(wished)).embedder
        index = await open_index(moving.index_url, space=embedder.space)
        stack.push_async_callback(index.aclose)
        new = None
        if moving.new_url:
            other = await _moving_to(settings, embedder, stack)
            new = Side(await open_index(moving.new_url, space=other.space), other)
            stack.push_async_callback(new.index.aclose)
        second = await _second(settings, embedder.space, stack)
        reranking = await _reranking(settings, stack)
        moderator = await _moderator(settings, urls)
        stack.push_async_callback(moderator.aclose)
        cache = await open_cache(urls.cache)
        stack.push_async_callback(cache.aclose)
        readers = Readers(_limits(settings), processes=settings.document_processes)
        stack.push_async_callback(readers.aclose)
        web = Fetcher(frozenset(settings.allowed_hosts))
        clip_store = await _clip_store(settings, stack)
        chunking = Chunking(settings.chunk_size, settings.chunk_overlap)
        originals = await _originals(settings, record, clock, stack)
        archive = await _prompt_archive(settings, stack)
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
            holder=own_secret(settings.home.expanduser().absolute(), "holder.key").hex()[:32],
            originals=originals,
            clip_store=clip_store,
            new=new,
            archive=archive,
            mirroring=await _mirroring(settings, record, embedder, stack),
        )


def followers_of(parts: Parts, moving: Moving) -> Followers:
    """What keeps each index up to date."""
    record, holder = parts.record, parts.holder
    sides = [Side(parts.index, parts.embedder), *([parts.second] if parts.second else [])]
    each_side = (
        Follower(
            Indexing(record, side.index, side.embedder, mirroring=None if at else parts.mirroring),
            lead_on(record, side.index, holder),
        )
        for at, side in enumerate(sides)
    )
    return Followers(*each_side, moving=moving)


@dataclass(frozen=True, slots=True)
class _Moving:
    settings: Settings
    index_url: str
    new_url: str


async def _moving(settings: Settings, record: UnitOfWork) -> _Moving:
    """Which index and which model are in use: after a move was finalised those it moved to."""
    old, new = settings.urls().index, settings.move_index_url.get_secret_value()
    if not new or new == old:
        return _Moving(settings, old, "")
    async with record.read() as tx:
        move = await tx.moves.current()
    over = move is not None and move.over and move.target == settings.shown()["move_index_url"]
    if not over:
        return _Moving(settings, old, new)
    model = settings.move_embedder or settings.embedder
    return _Moving(settings.model_copy(update={"embedder": model}), new, "")


async def _moving_to(
    settings: Settings, first: CachedEmbedder, stack: AsyncExitStack
) -> CachedEmbedder:
    """The model of the store that the index moves to: another one where that is wished."""
    if settings.move_embedder in {"", settings.embedder}:
        return first
    opened = await _opened_for(settings, settings.move_embedder)
    return (await stack.enter_async_context(opened)).embedder


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


async def _moderator(settings: Settings, urls: Urls) -> Moderator:
    first = await open_moderator(urls.moderator)
    if not urls.moderator_beside:
        return first
    second = await open_moderator(urls.moderator_beside)
    return TwoModerators(first, second, vital=settings.moderator_failure == "closed")


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


async def _prompt_archive(settings: Settings, stack: AsyncExitStack) -> PromptArchive | None:
    url = settings.move_from_url.get_secret_value()
    if not url:
        return None
    opened = await open_prompt_archive(url)
    stack.push_async_callback(opened.aclose)
    return opened


def ends_of(settings: Settings) -> tuple[str, str]:
    """From where to where the index moves, as URLs that may be shown."""
    shown = settings.shown()
    return shown["index_url"] or "edge:", shown["move_index_url"]


def prompts_move(
    moves: Moves,
    parts: Parts,
    settings: Settings,
    library: Library,
    clock: Clock,
    verify: VerifyIndex,
) -> None:
    """Have prompts move out of the older service's store into the library, where one is named."""
    if parts.archive is not None:
        shown = settings.shown()
        ends = shown["move_from_url"], shown["index_url"] or "edge:"
        both = Both(parts.record, parts.archive, library, settings.move_tenant)
        moves.out_of(both, PromptsWay(both, clock, ends, parts.embedder.space.name, verify))


async def _mirroring(
    settings: Settings, record: UnitOfWork, embedder: CachedEmbedder, stack: AsyncExitStack
) -> Mirroring | None:
    mirrors: list[Mirror] = []
    for url in settings.mirrors:
        mirrors.append(await open_mirror(url.get_secret_value(), space=embedder.space))
        stack.push_async_callback(mirrors[-1].aclose)
    return Mirroring(record, embedder, mirrors) if mirrors else None


async def _clip_store(settings: Settings, stack: AsyncExitStack) -> ClipStore | None:
    if not settings.clip_store:
        return None
    opened = await open_clip_store(settings.clip_store)
    stack.push_async_callback(opened.aclose)
    return opened


def _limits(settings: Settings) -> Limits:
    return Limits(
        bytes=settings.max_document_bytes,
        seconds=settings.document_seconds,
        memory=settings.document_memory_bytes,
    )


def naming_of(
    settings: Settings, chats: Chats, canon: Canon, clock: Clock, told: Callable[[], None]
) -> NamingByModel:
    """What asks chat models for names, each in its role."""
    return NamingByModel(
        canon,
        clock,
        told,
        chats.role(settings.naming_models),
        chats.role(settings.reasoning_models),
        coder=chats.role(settings.code_models) if settings.code_models else None,
        always=settings.naming_calls * settings.name_new_templates,
        bounds=Bounds(
            settings.naming_tokens, settings.naming_temperature, settings.reasoning_tokens
        ),
    )
